"""Peer review: drawn at random, written without names, summed up by their median."""

from uuid import UUID

from sqlalchemy import delete, select

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.events import Notice
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import papers
from lms_core.learning.assignments import allocation, judging, queries, views
from lms_core.learning.assignments.errors import (
    AssignmentNotFound,
    ReviewNotFound,
    ReviewsNotDrawable,
    SubmissionClosed,
)
from lms_core.learning.assignments.events import ReviewsDrawn
from lms_core.learning.assignments.models import Assignment, PeerReview, Submission, SubmissionMark
from lms_core.learning.assignments.service.access import editable, readable, staffed
from lms_core.learning.assignments.service.marking import new_mark
from lms_core.learning.assignments.sheets import Count, ReviewIn, ReviewSheet


def draw_reviews(ctx: WriteCtx, assignment_id: UUID) -> int:
    """Give each learner who handed in the submissions of others to review; returns how many reviews that makes.

    The draw depends on the assignment alone, so it can be explained; drawn again, those who came later are in it.
    ReviewsNotDrawable: not wanted, too few submissions, or somebody has written a review already.
    """
    assignment, _ = editable(ctx, assignment_id)
    if not assignment.reviews:
        raise ReviewsNotDrawable("The assignment asks for no reviews. Set how many each learner writes, and save.")
    written = select(PeerReview.id).where(
        PeerReview.assignment_id == assignment.id, PeerReview.reviewed_at.is_not(None)
    )
    if ctx.session.execute(written.limit(1)).first() is not None:
        raise ReviewsNotDrawable("Somebody has written a review already. What was given out stays.")
    wanted = select(Submission.user_id, Submission.id).where(
        Submission.assignment_id == assignment.id, Submission.current, Submission.user_id.is_not(None)
    )
    handed_in = {row.user_id: row.id for row in ctx.session.execute(wanted.order_by(Submission.user_id))}
    if len(handed_in) <= assignment.reviews:
        raise ReviewsNotDrawable(
            f"{len(handed_in)} handed in, and each reviews {assignment.reviews}: more submissions are needed."
        )
    ctx.session.execute(delete(PeerReview).where(PeerReview.assignment_id == assignment.id))
    pairs = allocation.draw(list(handed_in), reviews=assignment.reviews, seed=str(assignment.id))
    ctx.session.add_all(
        [
            PeerReview(assignment_id=assignment.id, submission_id=handed_in[reviewed], reviewer_id=reviewer)
            for reviewer, reviewed in pairs
        ]
    )
    assignment.reviews_drawn_at = ctx.now
    ctx.session.flush()
    about = {"assignment": assignment.title, "assignment_id": str(assignment.id)}
    notice = Notice(recipients=tuple(handed_in), kind="assignments.reviews_drawn", variables=about)
    ctx.emit(ReviewsDrawn(assignment_id=assignment.id, course_id=assignment.course_id, notice=notice))
    return len(pairs)


def read_review(ctx: ReadCtx, review_id: UUID) -> ReviewSheet:
    """A submission to review, without its author, for who was drawn. ReviewNotFound. Six statements."""
    review, assignment, slug = _own(ctx, review_id)
    submission = ctx.session.execute(select(Submission).where(Submission.id == review.submission_id)).scalar_one()
    return ReviewSheet(
        id=review.id,
        assignment_id=assignment.id,
        assignment_title=assignment.title,
        instructions_html=papers.html_of(assignment.instructions, course_slug=slug),
        due_at=assignment.reviews_due_at,
        text=submission.text,
        files=views.files(queries.files_of(ctx, [submission.id]).get(submission.id, ())),
        scheme=views.scheme(queries.scheme(ctx, assignment.scheme_id)),
        maximum=assignment.points,
        points=review.points,
        comment=review.comment,
        judgements=review.judgements,
        reviewed_at=review.reviewed_at,
        open=_is_open(ctx, assignment),
    )


def write_review(ctx: WriteCtx, review_id: UUID, *, given: ReviewIn) -> None:
    """Keep a review, until its deadline. ReviewNotFound, SubmissionClosed; Invalid for incomplete ones."""
    review, assignment, _ = _own(ctx, review_id, lock=True)
    if not _is_open(ctx, assignment):
        assert assignment.reviews_due_at is not None
        raise SubmissionClosed(assignment.reviews_due_at)
    criteria = views.criteria_of(queries.scheme(ctx, assignment.scheme_id))
    judgements = judging.checked(criteria, given.judgements)
    points = judging.total(criteria, judgements, maximum=assignment.points) if criteria else given.points
    if points is None or points > assignment.points:
        told = "Judge every criterion." if criteria else f"Give points from 0 to {assignment.points:g}."
        raise Invalid(told, fields=[{"field": "points", "message": told}])
    review.points, review.comment, review.reviewed_at = points, given.comment, ctx.now
    review.judgements = {key: each.model_dump() for key, each in judgements.items()}
    ctx.session.flush()


def adopt_medians(ctx: WriteCtx, assignment_id: UUID) -> Count:
    """Make the median of its reviews the draft mark of every submission without one; an instructor releases them.

    For who marks. `count` says how many marks were made.
    """
    assignment, _ = staffed(ctx, assignment_id, Permission.ATTEMPT_GRADE)
    wanted = (
        select(Submission, PeerReview.points)
        .join(PeerReview, PeerReview.submission_id == Submission.id)
        .outerjoin(SubmissionMark, SubmissionMark.submission_id == Submission.id)
        .where(
            Submission.assignment_id == assignment.id,
            PeerReview.reviewed_at.is_not(None),
            SubmissionMark.id.is_(None),
        )
        .order_by(Submission.id)
        .with_for_update(of=Submission, key_share=True)
    )
    given: dict[UUID, tuple[Submission, list[float]]] = {}
    for row in ctx.session.execute(wanted):
        given.setdefault(row.Submission.id, (row.Submission, []))[1].append(row.points)
    for submission, points in given.values():
        median = judging.middle(points)
        assert median is not None
        new_mark(ctx, submission, assignment, earned=median)
    return Count(count=len(given))


def _own(ctx: ReadCtx, review_id: UUID, *, lock: bool = False) -> tuple[PeerReview, Assignment, str]:
    wanted = select(PeerReview).where(PeerReview.id == review_id, PeerReview.reviewer_id == ctx.actor.user_id)
    review: PeerReview | None = ctx.session.execute(
        wanted.with_for_update(key_share=True) if lock else wanted
    ).scalar_one_or_none()
    if review is None:
        raise ReviewNotFound()
    try:
        assignment, course = readable(ctx, review.assignment_id)
    except AssignmentNotFound as error:
        raise ReviewNotFound() from error
    return review, assignment, course.slug


def _is_open(ctx: ReadCtx, assignment: Assignment) -> bool:
    return assignment.reviews_due_at is None or ctx.now <= assignment.reviews_due_at
