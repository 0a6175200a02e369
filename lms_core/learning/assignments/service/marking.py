"""Marks: prepared as drafts, released one by one or all together, changed later where that is just."""

from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.events import Notice
from lms_core.kit.permissions import Permission
from lms_core.learning.assignments import judging, penalties, queries, timing, views
from lms_core.learning.assignments.annotating import anchor
from lms_core.learning.assignments.errors import NoGroup, NothingToRelease
from lms_core.learning.assignments.events import SubmissionMarked
from lms_core.learning.assignments.models import Assignment, Submission, SubmissionMark, SubmissionStatus
from lms_core.learning.assignments.service import standing
from lms_core.learning.assignments.service.access import dates_of, markable, members_of, owner_of, staffed
from lms_core.learning.assignments.sheets import Count, MarkIn, MarkView


def save_mark(ctx: WriteCtx, submission_id: UUID, *, mark: MarkIn) -> MarkView:
    """Write the mark of a submission, a draft until it is released; changed after that, it is told again.

    For who marks in the course. Invalid for points above the assignment's, judgements that the scheme does not have,
    and annotations of what the text does not say.
    """
    submission, assignment, _ = markable(ctx, submission_id, lock=True)
    row = _row(ctx, submission, assignment)
    if row.released_at is None:
        row.scheme_id, row.maximum = assignment.scheme_id, assignment.points
    scheme = queries.scheme(ctx, row.scheme_id)
    criteria = views.criteria_of(scheme)
    judgements = judging.checked(criteria, mark.judgements)
    if mark.points is not None and mark.points > row.maximum:
        told = f"The assignment has {row.maximum:g} points. Give as many or fewer."
        raise Invalid(told, fields=[{"field": "points", "message": told}])
    earned = mark.points
    if earned is None:
        earned = judging.total(criteria, judgements, maximum=row.maximum)
    if earned is None and row.released_at is not None:
        raise NothingToRelease()
    row.earned, row.comment = earned, mark.comment
    row.judgements = {key: each.model_dump() for key, each in judgements.items()}
    annotations = [anchor(submission.text, each) for each in mark.annotations]
    row.annotations = [each.model_dump() for each in sorted(annotations, key=lambda each: (each.start, each.end))]
    row.marked_by, row.marked_at = ctx.actor.user_id, ctx.now
    _settle(ctx, submission, assignment, row)
    ctx.add(row)
    if row.released_at is not None:
        _tell(ctx, submission, assignment, row)
    return views.mark(row, scheme)


def release(ctx: WriteCtx, submission_id: UUID) -> MarkView:
    """Show a mark to those whose work it is; again: no change. NothingToRelease without points."""
    submission, assignment, _ = markable(ctx, submission_id, lock=True)
    row = _found(ctx, submission)
    if row is None or row.points is None:
        raise NothingToRelease()
    if row.released_at is None:
        row.released_at = ctx.now
        ctx.session.flush()
        _tell(ctx, submission, assignment, row)
    return views.mark(row, queries.scheme(ctx, row.scheme_id))


def release_all(ctx: WriteCtx, assignment_id: UUID) -> Count:
    """Release every complete mark of an assignment that is not yet. For who marks."""
    assignment, _ = staffed(ctx, assignment_id, Permission.ATTEMPT_GRADE)
    wanted = (
        select(Submission, SubmissionMark)
        .join(SubmissionMark, SubmissionMark.submission_id == Submission.id)
        .where(
            Submission.assignment_id == assignment.id,
            SubmissionMark.points.is_not(None),
            SubmissionMark.released_at.is_(None),
        )
        .order_by(Submission.id)
        .with_for_update(of=Submission, key_share=True)
    )
    rows = ctx.session.execute(wanted).all()
    for row in rows:
        row.SubmissionMark.released_at = ctx.now
    ctx.session.flush()
    for row in rows:
        _tell(ctx, row.Submission, assignment, row.SubmissionMark)
    return Count(count=len(rows))


def settle_again(ctx: WriteCtx, assignment: Assignment, *, user_id: UUID) -> None:
    """Compute the penalties of a learner's marks anew: their dates changed. Count ones that differ are told again."""
    try:
        owner = owner_of(ctx, assignment, user_id)
    except NoGroup:
        return
    for one, mark in queries.submissions_of(ctx, assignment.id, user_id=owner.user_id, group_id=owner.group_id):
        if mark is None or one.status != SubmissionStatus.SUBMITTED:
            continue
        before = mark.points
        _settle(ctx, one, assignment, mark)
        ctx.session.flush()
        if mark.released_at is not None and mark.points != before:
            _tell(ctx, one, assignment, mark)


def new_mark(ctx: WriteCtx, submission: Submission, assignment: Assignment, *, earned: float) -> None:
    """A draft mark of `earned` points for a submission that has none."""
    row = _row(ctx, submission, assignment)
    row.earned = earned
    _settle(ctx, submission, assignment, row)
    ctx.add(row)


def _row(ctx: WriteCtx, submission: Submission, assignment: Assignment) -> SubmissionMark:
    """The mark of a submission, or a new one. Once released it keeps the maximum and scheme it was given by."""
    return _found(ctx, submission) or SubmissionMark(
        submission_id=submission.id,
        scheme_id=assignment.scheme_id,
        maximum=assignment.points,
        marked_by=ctx.actor.user_id,
        marked_at=ctx.now,
    )


def _found(ctx: WriteCtx, submission: Submission) -> SubmissionMark | None:
    found: SubmissionMark | None = ctx.session.execute(
        select(SubmissionMark).where(SubmissionMark.submission_id == submission.id)
    ).scalar_one_or_none()
    return found


def _settle(ctx: WriteCtx, submission: Submission, assignment: Assignment, row: SubmissionMark) -> None:
    assert submission.submitted_at is not None
    dates = dates_of(ctx, assignment, members_of(ctx, submission))
    row.kept_percent = timing.kept_percent(assignment, dates, submission.submitted_at)
    row.points = penalties.after(row.earned, row.kept_percent) if row.earned is not None else None


def _tell(ctx: WriteCtx, submission: Submission, assignment: Assignment, row: SubmissionMark) -> None:
    assert row.points is not None
    # No points in the letter: whoever reads over a shoulder learns only that there is something to read.
    about = {"assignment": assignment.title, "assignment_id": str(assignment.id)}
    for user_id in members_of(ctx, submission):
        standing.note_marked(ctx, assignment, row, user_id=user_id)
        ctx.emit(
            SubmissionMarked(
                course_id=assignment.course_id,
                assignment_id=assignment.id,
                user_id=user_id,
                points=row.points,
                maximum=row.maximum,
                notice=Notice(recipients=(user_id,), kind="assignments.marks_released", variables=about),
            )
        )
