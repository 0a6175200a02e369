"""What instructors read: the marking list, and one submission with everything to mark it by."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission
from lms_core.learning.assignments import judging, queries, timing, views
from lms_core.learning.assignments.models import (
    Assignment,
    Extension,
    GroupMember,
    Submission,
    SubmissionMark,
    SubmissionMatch,
    SubmissionStatus,
)
from lms_core.learning.assignments.penalties import days_late
from lms_core.learning.assignments.service.access import dates_of, markable, members_of, staffed
from lms_core.learning.assignments.service.reading import feedback
from lms_core.learning.assignments.sheets import Match, SubmissionRow, SubmissionSheet
from lms_core.learning.assignments.timing import dates_for


class MarkFilter(StrEnum):
    """Which submissions of an assignment to list."""

    ALL = "all"
    UNMARKED = "unmarked"
    DRAFT = "draft"
    RELEASED = "released"


def submissions_at(
    ctx: ReadCtx,
    assignment_id: UUID,
    *,
    only: MarkFilter = MarkFilter.ALL,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[SubmissionRow]:
    """The current submissions of an assignment, first handed in first, for who marks; drafts are never among them.

    Six statements and those of the access, however many there are.
    """
    assignment, _ = staffed(ctx, assignment_id, Permission.ATTEMPT_GRADE)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    wanted = queries.current_submissions(assignment.id)
    condition = _condition(only)
    if condition is not None:
        wanted = wanted.where(condition)
    if cursor:
        when, last = _position(cursor)
        later = and_(Submission.submitted_at == when, Submission.id > last)
        wanted = wanted.where(or_(Submission.submitted_at > when, later))
    rows = ctx.session.execute(wanted.order_by(Submission.submitted_at, Submission.id).limit(limit + 1)).all()
    shown = page(rows, limit, key=lambda row: (row.Submission.submitted_at.isoformat(), str(row.Submission.id)))
    return Page(items=_rows(ctx, assignment, shown.items), next_cursor=shown.next_cursor)


def read_submission(ctx: ReadCtx, submission_id: UUID) -> SubmissionSheet:
    """A submission with its files, mark, matches and reviews, for who marks. SubmissionNotFound. Sixteen statements."""
    one, assignment, course = markable(ctx, submission_id)
    row = ctx.session.execute(queries.with_assignment([submission_id])).one()
    people = members_of(ctx, one)
    dates = dates_of(ctx, assignment, people)
    names = accounts.names_of(ctx, people)
    mark: SubmissionMark | None = row.SubmissionMark
    hidden = assignment.anonymous and (mark is None or mark.released_at is None)
    scheme = queries.scheme(ctx, mark.scheme_id if mark is not None and mark.released_at else assignment.scheme_id)
    reviews = feedback(ctx, [one.id]).get(one.id, ()) if assignment.reviews else ()
    assert one.submitted_at is not None
    return SubmissionSheet(
        id=one.id,
        assignment=views.card(assignment),
        course_slug=course.slug,
        owner=views.owner_name(row, assignment, names),
        members=() if hidden or one.group_id is None else tuple(names.get(each, "") for each in people),
        number=one.number,
        submitted_at=one.submitted_at,
        days_late=days_late(one.submitted_at, dates.due_at),
        kept_percent=timing.kept_percent(assignment, dates, one.submitted_at),
        text=one.text,
        files=views.files(queries.files_of(ctx, [one.id]).get(one.id, ())),
        scheme=views.scheme(scheme),
        mark=views.mark(mark, scheme) if mark is not None else None,
        matches=_matches(ctx, one.id),
        reviews=reviews,
        review_median=judging.middle([each.points for each in reviews if each.points is not None]),
        earlier=_earlier(ctx, one),
        next_unmarked=_next_unmarked(ctx, one),
    )


def _rows(ctx: ReadCtx, assignment: Assignment, rows: list[Any]) -> list[SubmissionRow]:
    ids = [row.Submission.id for row in rows]
    names = accounts.names_of(ctx, [row.Submission.user_id for row in rows if row.Submission.user_id is not None])
    files = queries.files_of(ctx, ids)
    similar = queries.similar(ctx, ids)
    due = _due_dates(ctx, assignment)
    found = []
    for row in rows:
        one, mark = row.Submission, row.SubmissionMark
        found.append(
            SubmissionRow(
                id=one.id,
                owner=views.owner_name(row, assignment, names),
                number=one.number,
                submitted_at=one.submitted_at,
                days_late=days_late(one.submitted_at, due.get(one.group_id or one.user_id, assignment.due_at)),
                files=len(files.get(one.id, ())),
                points=mark.points if mark is not None else None,
                maximum=mark.maximum if mark is not None else assignment.points,
                marked=mark is not None and mark.points is not None,
                released=mark is not None and mark.released_at is not None,
                similar=similar.get(one.id),
            )
        )
    return found


def _due_dates(ctx: ReadCtx, assignment: Assignment) -> dict[UUID, datetime | None]:
    """The due dates of those with extensions, by learner or group."""
    wanted = (
        select(Extension, GroupMember.group_id)
        .outerjoin(
            GroupMember,
            (GroupMember.user_id == Extension.user_id) & (GroupMember.assignment_id == Extension.assignment_id),
        )
        .where(Extension.assignment_id == assignment.id)
    )
    by_owner: dict[UUID, list[Extension]] = {}
    for row in ctx.session.execute(wanted):
        by_owner.setdefault(row.group_id if assignment.grouped else row.Extension.user_id, []).append(row.Extension)
    return {owner: dates_for(assignment, given).due_at for owner, given in by_owner.items()}


def _condition(only: MarkFilter) -> Any:
    if only == MarkFilter.UNMARKED:
        return SubmissionMark.points.is_(None)
    if only == MarkFilter.DRAFT:
        return SubmissionMark.points.is_not(None) & SubmissionMark.released_at.is_(None)
    return SubmissionMark.released_at.is_not(None) if only == MarkFilter.RELEASED else None


def _matches(ctx: ReadCtx, submission_id: UUID) -> tuple[Match, ...]:
    """Submissions with the same text, most first; both passages, this one's first."""
    wanted = (
        select(SubmissionMatch)
        .where(or_(SubmissionMatch.first_id == submission_id, SubmissionMatch.second_id == submission_id))
        .order_by(SubmissionMatch.share.desc())
        .limit(20)
    )
    rows = list(ctx.session.execute(wanted).scalars())
    others = {row.second_id if row.first_id == submission_id else row.first_id for row in rows}
    if not others:
        return ()
    known = {each.Submission.id: each for each in ctx.session.execute(queries.with_assignment(others))}
    names = accounts.names_of(ctx, [each.Submission.user_id for each in known.values() if each.Submission.user_id])
    found = []
    for row in rows:
        mine = row.first_id == submission_id
        other = known[row.second_id if mine else row.first_id]
        pairs = ((each["first"], each["second"]) for each in row.passages)
        found.append(
            Match(
                submission_id=other.Submission.id,
                owner=views.owner_name(other, other.Assignment, names),
                assignment_title=other.Assignment.title,
                share=row.share,
                passages=tuple(each if mine else (each[1], each[0]) for each in pairs),
            )
        )
    return tuple(found)


def _earlier(ctx: ReadCtx, one: Submission) -> tuple[UUID, ...]:
    """The owner's submissions before this one, first to last."""
    owned = Submission.group_id == one.group_id if one.group_id is not None else Submission.user_id == one.user_id
    wanted = select(Submission.id).where(
        Submission.assignment_id == one.assignment_id,
        owned,
        Submission.status == SubmissionStatus.SUBMITTED,
        Submission.number < one.number,
    )
    return tuple(ctx.session.execute(wanted.order_by(Submission.number)).scalars())


def _next_unmarked(ctx: ReadCtx, one: Submission) -> UUID | None:
    """The first unmarked submission after this one, else the first of all."""
    wanted = (
        queries.current_submissions(one.assignment_id)
        .with_only_columns(Submission.id, maintain_column_froms=True)
        .where(SubmissionMark.points.is_(None), Submission.id != one.id)
    )
    later = and_(Submission.submitted_at == one.submitted_at, Submission.id > one.id)
    passed = or_(Submission.submitted_at > one.submitted_at, later)
    order = (passed.desc(), Submission.submitted_at, Submission.id)
    found: UUID | None = ctx.session.execute(wanted.order_by(*order).limit(1)).scalar_one_or_none()
    return found


def _position(cursor: str) -> tuple[datetime, UUID]:
    when, last = decode_cursor(cursor, (str, str))
    place = parse_id(last)
    try:
        moment = datetime.fromisoformat(when).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if place is None or moment is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return moment, place
