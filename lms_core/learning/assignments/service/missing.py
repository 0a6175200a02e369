"""Who has not handed in: everybody in the course without a submission, alone or with their group."""

from uuid import UUID

from sqlalchemy import select

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission
from lms_core.learning.assignments import queries
from lms_core.learning.assignments.models import GroupMember, Submission, SubmissionStatus
from lms_core.learning.assignments.service.access import staffed
from lms_core.learning.assignments.sheets import MissingRow
from lms_core.learning.assignments.timing import dates_for
from lms_core.learning.enrolments import service as enrolments


def not_handed_in(
    ctx: ReadCtx, assignment_id: UUID, *, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[MissingRow]:
    """Learners of the course without a submission, by name, for who marks.

    Nobody is listed where marking is anonymous: who is missing tells whose the rest is. Eight statements and those of
    the access, however many there are.
    """
    assignment, course = staffed(ctx, assignment_id, Permission.ATTEMPT_GRADE)
    if assignment.anonymous:
        return Page(items=[])
    done = owners(ctx, assignment.id, SubmissionStatus.SUBMITTED)
    missing = [each for each in enrolments.learners_of(ctx, course.id) if each not in done]
    names = accounts.names_of(ctx, missing)
    by_name = sorted((names.get(each, ""), str(each)) for each in missing)
    after = tuple(decode_cursor(cursor, (str, str))) if cursor else ("", "")
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    shown = page([each for each in by_name if each > after][: limit + 1], limit, key=lambda each: each)
    ids = [UUID(each) for _, each in shown.items]
    drafting = owners(ctx, assignment.id, SubmissionStatus.DRAFT)
    given = queries.extensions(ctx, assignment.id, ids)
    rows = [
        MissingRow(
            user_id=each,
            name=names.get(each, ""),
            drafting=each in drafting,
            due_at=dates_for(assignment, [one for one in given if one.user_id == each]).due_at,
        )
        for each in ids
    ]
    return Page(items=rows, next_cursor=shown.next_cursor)


def owners(ctx: ReadCtx, assignment_id: UUID, status: SubmissionStatus) -> set[UUID]:
    """Who has a submission in this status, alone or with their group. Two statements."""
    wanted = (Submission.assignment_id == assignment_id, Submission.status == status)
    alone = select(Submission.user_id).where(*wanted, Submission.user_id.is_not(None))
    grouped = select(GroupMember.user_id).join(Submission, Submission.group_id == GroupMember.group_id).where(*wanted)
    return {*ctx.session.execute(alone).scalars(), *ctx.session.execute(grouped).scalars()}
