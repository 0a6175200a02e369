"""What a learner reads: an assignment with their own dates, draft, submissions and released marks."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses.schemas import CourseCard
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.learning.assessments import papers
from lms_core.learning.assignments import queries, timing, views
from lms_core.learning.assignments.errors import NoGroup, NoSubmissionsLeft
from lms_core.learning.assignments.models import Assignment, MarkingScheme, PeerReview, SubmissionStatus
from lms_core.learning.assignments.service.access import Owner, dates_of, owner_of, readable
from lms_core.learning.assignments.sheets import AssignmentView, PeerFeedback, ReviewTask, SubmissionView
from lms_core.learning.assignments.timing import Dates
from lms_core.learning.enrolments import service as enrolments

RULES = ("takes_text", "takes_files", "file_kinds", "files_allowed", "file_megabytes", "attempts_allowed")
LATE = ("late_rule", "late_percent", "late_floor", "anonymous", "reviews_due_at")


def read_assignment(ctx: ReadCtx, assignment_id: UUID) -> AssignmentView:
    """An assignment for who reads its course, drafts for editors. AssignmentNotFound.

    Nine statements at most, however many attempts there are; two more where groups hand in.
    """
    row, course = readable(ctx, assignment_id)
    user_id = enrolments.learner_of(ctx)
    try:
        owner = owner_of(ctx, row, user_id)
    except NoGroup:
        return _view(ctx, row, course, Owner(members=()), timing.dates_for(row), [], "no_group")
    dates = dates_of(ctx, row, owner.members)
    attempts = _attempts(ctx, row, owner, dates)
    refused = timing.refusal(row, dates, ctx.now)
    return _view(ctx, row, course, owner, dates, attempts, refused.code if refused else None)


def _view(
    ctx: ReadCtx,
    row: Assignment,
    course: CourseCard,
    owner: Owner,
    dates: Dates,
    attempts: list[SubmissionView],
    refusal: str | None,
) -> AssignmentView:
    draft = next((each for each in attempts if each.status == SubmissionStatus.DRAFT), None)
    done = tuple(each for each in attempts if each.status == SubmissionStatus.SUBMITTED)
    left = None if row.attempts_allowed is None else max(0, row.attempts_allowed - len(done))
    if refusal is None and left == 0:
        refusal = NoSubmissionsLeft.code
    moved = {"opens_at": dates.opens_at, "due_at": dates.due_at, "cutoff_at": dates.cutoff_at}
    names = accounts.names_of(ctx, owner.members) if owner.group is not None else {}
    return AssignmentView(
        **views.card(row).model_dump() | moved,
        **{name: getattr(row, name) for name in (*RULES, *LATE)},
        course_slug=course.slug,
        instructions_html=papers.html_of(row.instructions, course_slug=course.slug),
        attempts_left=left,
        extended=dates.extended,
        group_name=owner.group.name if owner.group is not None else None,
        group_members=tuple(names.get(each, "") for each in owner.members if owner.group is not None),
        scheme=views.scheme(queries.scheme(ctx, row.scheme_id)),
        refusal=refusal,
        draft=draft,
        submissions=done,
        reviews_to_write=_reviews_to_write(ctx, row) if row.reviews else (),
        server_now=ctx.now,
    )


def _attempts(ctx: ReadCtx, row: Assignment, owner: Owner, dates: Dates) -> list[SubmissionView]:
    """The owner's attempts, latest first; marks and reviews only where the mark is released."""
    rows = queries.submissions_of(ctx, row.id, user_id=owner.user_id, group_id=owner.group_id)
    files = queries.files_of(ctx, [each.Submission.id for each in rows])
    released = {each.Submission.id: each.SubmissionMark for each in rows if _is_released(each)}
    schemes = _schemes(ctx, (mark.scheme_id for mark in released.values()))
    reviews = feedback(ctx, released) if row.reviews else {}
    found = []
    for each in rows:
        one, mark = each.Submission, released.get(each.Submission.id)
        found.append(
            views.submission(
                one,
                files.get(one.id, ()),
                due_at=dates.due_at,
                mark_view=views.mark(mark, schemes.get(mark.scheme_id)) if mark is not None else None,
                reviews=reviews.get(one.id, ()),
            )
        )
    return found


def feedback(ctx: ReadCtx, submissions: Iterable[UUID]) -> dict[UUID, tuple[PeerFeedback, ...]]:
    """What peers wrote about submissions, in the order of the reviews' ids: nothing tells who they are."""
    wanted = select(PeerReview).where(
        PeerReview.submission_id.in_(list(submissions)), PeerReview.reviewed_at.is_not(None)
    )
    found: dict[UUID, list[PeerFeedback]] = {}
    for row in ctx.session.execute(wanted.order_by(PeerReview.id)).scalars():
        heard = found.setdefault(row.submission_id, [])
        told = {name: getattr(row, name) for name in ("points", "comment", "judgements")}
        heard.append(PeerFeedback(number=len(heard) + 1, **told))
    return {key: tuple(value) for key, value in found.items()}


def _reviews_to_write(ctx: ReadCtx, row: Assignment) -> tuple[ReviewTask, ...]:
    wanted = select(PeerReview.id, PeerReview.reviewed_at).where(
        PeerReview.assignment_id == row.id, PeerReview.reviewer_id == ctx.actor.user_id
    )
    rows = ctx.session.execute(wanted.order_by(PeerReview.id))
    return tuple(ReviewTask(id=each.id, reviewed_at=each.reviewed_at) for each in rows)


def _is_released(row: Any) -> bool:
    return row.SubmissionMark is not None and row.SubmissionMark.released_at is not None


def _schemes(ctx: ReadCtx, ids: Iterable[UUID | None]) -> dict[UUID | None, MarkingScheme]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    rows = ctx.session.execute(select(MarkingScheme).where(MarkingScheme.id.in_(wanted))).scalars()
    return {row.id: row for row in rows}
