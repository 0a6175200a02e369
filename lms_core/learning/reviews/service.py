"""Verbs on reviews of a course: write, delete, list; how it is rated; answers of its staff; reports."""

from uuid import UUID

from sqlalchemy import delete, func, select

from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.schemas import CourseCard
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden, Invalid
from lms_core.kit.events import Notice
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.progress import service as progress
from lms_core.learning.reviews import ranking
from lms_core.learning.reviews.errors import NotYetReviewable, ReviewNotFound
from lms_core.learning.reviews.events import ReviewAnswered
from lms_core.learning.reviews.models import CourseRating, Review, ReviewReport, ShownAs
from lms_core.learning.reviews.schemas import OwnReview, Rating, ReplyIn, ReportIn, ReviewIn, ReviewView

STARS = (1, 2, 3, 4, 5)


def put(ctx: WriteCtx, course: str | UUID, *, review: ReviewIn) -> OwnReview:
    """Write one's review, or another one in its place. CourseNotFound, NotYetReviewable."""
    user_id = enrolments.learner_of(ctx)
    card = enrolments.access_reading(ctx, course)
    if not may_review(ctx, card):
        raise NotYetReviewable()
    courses.hold(ctx, card.id)
    row = _own(ctx, card.id, user_id)
    if row is None:
        row = Review(course_id=card.id, user_id=user_id, stars=review.stars, created_at=ctx.now)
    elif (row.stars, row.text) != (review.stars, review.text):
        row.edited_at = ctx.now
    row.stars, row.text, row.shown_as = review.stars, review.text, review.shown_as
    ctx.add(row)
    recount(ctx, card.id)
    return _own_view(row)


def remove(ctx: WriteCtx, course: str | UUID) -> None:
    """Delete one's review; fine when there is none. One that is hidden stays hidden, and stays. CourseNotFound."""
    user_id = enrolments.learner_of(ctx)
    card = courses.access_course(ctx, course, even_archived=True)
    courses.hold(ctx, card.id)
    ctx.session.execute(
        delete(Review).where(Review.course_id == card.id, Review.user_id == user_id, Review.hidden_at.is_(None))
    )
    recount(ctx, card.id)


def may_review(ctx: ReadCtx, card: CourseCard) -> bool:
    """Whether the actor is in the course, completed a lesson of it, and does not teach it. Two statements at most."""
    if courses.is_staff(ctx, card.id) or not enrolments.is_enrolled(ctx, card.id):
        return False
    return progress.has_completed_any(ctx, card.id)


def mine(ctx: ReadCtx, course: str | UUID) -> OwnReview | None:
    """One's own review, if there is one. CourseNotFound, Unauthenticated."""
    user_id = enrolments.learner_of(ctx)
    card = courses.access_course(ctx, course, even_archived=True)
    row = _own(ctx, card.id, user_id)
    return _own_view(row) if row is not None else None


def reviews(
    ctx: ReadCtx, course: str | UUID, *, stars: int | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[ReviewView]:
    """The reviews of a course, newest first, of `stars` alone where given. Two statements and that of the access."""
    card = courses.access_course(ctx, course)
    wanted = select(Review).where(Review.course_id == card.id, Review.hidden_at.is_(None))
    if stars is not None:
        wanted = wanted.where(Review.stars == stars)
    if cursor:
        last = parse_id(decode_cursor(cursor, (str,))[0])
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        wanted = wanted.where(Review.id < last)
    rows = ctx.session.execute(wanted.order_by(Review.id.desc()).limit(limit + 1)).scalars().all()
    named = {row.user_id for row in rows if row.shown_as != ShownAs.NOBODY}
    names = accounts.names_of(ctx, named)
    found = page(rows, limit, key=lambda row: [str(row.id)])
    items = [_view(row, names.get(row.user_id, ""), ctx.actor.user_id) for row in found.items]
    return Page(items=items, next_cursor=found.next_cursor)


def rating(ctx: ReadCtx, course: CourseCard) -> Rating:
    """How a course is rated. One statement; none for a course without reviews."""
    counts = (0, 0, 0, 0, 0)
    if course.rating_count:
        wanted = select(CourseRating).where(CourseRating.course_id == course.id)
        found = ctx.session.execute(wanted).scalar_one_or_none()
        if found is not None:
            counts = (found.ones, found.twos, found.threes, found.fours, found.fives)
    one, two, three, four, five = ranking.shares(counts)
    return Rating(mean=course.rating, count=course.rating_count, counts=counts, percents=(one, two, three, four, five))


def reply(ctx: WriteCtx, review_id: UUID, *, given: ReplyIn | None) -> ReviewView:
    """Answer a review for the course's staff, or (None) take the answer back. ReviewNotFound, Forbidden."""
    row, card = _access(ctx, review_id)
    if not courses.may_edit(ctx, card.id):
        raise Forbidden("Only those who teach the course answer its reviews.")
    first = given is not None and not row.reply
    row.reply = given.text if given is not None else ""
    row.replied_by, row.replied_at = (ctx.actor.user_id, ctx.now) if given is not None else (None, None)
    ctx.session.flush()
    if first:
        about = {"course": card.title, "slug": card.slug}
        told = Notice(recipients=(row.user_id,), kind="reviews.answered", variables=about)
        ctx.emit(ReviewAnswered(review_id=row.id, course_id=card.id, notice=told))
    name = accounts.names_of(ctx, [row.user_id]).get(row.user_id, "")
    return _view(row, name, ctx.actor.user_id)


def report(ctx: WriteCtx, review_id: UUID, *, given: ReportIn) -> None:
    """Say that a review should not be there, for who is in the course or on its staff; again: the new reason.

    ReviewNotFound.
    """
    row, card = _access(ctx, review_id)
    user_id = enrolments.learner_of(ctx)
    if not courses.is_staff(ctx, card.id) and not enrolments.is_enrolled(ctx, card.id):
        raise ReviewNotFound()
    courses.hold(ctx, card.id)
    own = select(ReviewReport).where(ReviewReport.review_id == row.id, ReviewReport.user_id == user_id)
    known = ctx.session.execute(own).scalar_one_or_none()
    if known is None:
        known = ReviewReport(review_id=row.id, user_id=user_id, created_at=ctx.now)
    known.reason = given.reason
    ctx.add(known)


def recount(ctx: WriteCtx, course_id: UUID) -> None:
    """Make the sums of a course anew from its reviews. The caller holds the course. Three statements."""
    counted = (
        select(Review.stars, func.count())
        .where(Review.course_id == course_id, Review.hidden_at.is_(None))
        .group_by(Review.stars)
    )
    by_stars = {row[0]: row[1] for row in ctx.session.execute(counted)}
    row = ctx.session.execute(select(CourseRating).where(CourseRating.course_id == course_id)).scalar_one_or_none()
    row = row or CourseRating(course_id=course_id)
    row.ones, row.twos, row.threes, row.fours, row.fives = (by_stars.get(each, 0) for each in STARS)
    ctx.add(row)
    count, total = sum(by_stars.values()), sum(stars * many for stars, many in by_stars.items())
    courses.set_rating(ctx, course_id, count=count, total=total, rank=ranking.rank(count=count, total=total))


def shown_name(full_name: str, shown_as: str) -> str:
    """The name as its owner wants it shown; empty for nobody."""
    if shown_as == ShownAs.NOBODY:
        return ""
    return full_name if shown_as == ShownAs.FULL_NAME else full_name.partition(" ")[0]


def _access(ctx: ReadCtx, review_id: UUID) -> tuple[Review, CourseCard]:
    wanted = select(Review).where(Review.id == review_id, Review.hidden_at.is_(None))
    row = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise ReviewNotFound()
    try:
        return row, courses.access_course(ctx, row.course_id, even_archived=True)
    except CourseNotFound as error:
        raise ReviewNotFound() from error


def _own(ctx: ReadCtx, course_id: UUID, user_id: UUID) -> Review | None:
    wanted = select(Review).where(Review.course_id == course_id, Review.user_id == user_id)
    row: Review | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def _own_view(row: Review) -> OwnReview:
    return OwnReview(id=row.id, stars=row.stars, text=row.text, shown_as=row.shown_as, hidden_reason=row.hidden_reason)


def _view(row: Review, full_name: str, reader: UUID | None) -> ReviewView:
    return ReviewView(
        id=row.id,
        stars=row.stars,
        text=row.text,
        author=shown_name(full_name, row.shown_as),
        reply=row.reply,
        replied_at=row.replied_at,
        created_at=row.created_at,
        edited_at=row.edited_at,
        mine=row.user_id == reader,
    )
