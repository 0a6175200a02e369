"""Reviews and ratings of courses; and what administrators do about reported ones."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, VisitorReading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName, Cursor, Limit
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.reviews import moderating
from lms_core.learning.reviews import service as reviews
from lms_core.learning.reviews.errors import NotYetReviewable, ReviewNotFound
from lms_core.learning.reviews.schemas import (
    Hiding,
    OwnReview,
    Rating,
    ReplyIn,
    ReportedReview,
    ReportIn,
    ReviewIn,
    ReviewView,
)

router = APIRouter(tags=["reviews"])

Stars = Annotated[int | None, Query(ge=1, le=5)]
OF_REVIEW = errors(Unauthenticated, Forbidden, ReviewNotFound)


@router.get("/courses/{course}/reviews", response_model=Page[ReviewView], responses=errors(CourseNotFound, Invalid))
def list_reviews(
    ctx: VisitorReading, course: CourseName, stars: Stars = None, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Page[ReviewView]:
    """The reviews of a course, newest first."""
    return reviews.reviews(ctx, course, stars=stars, cursor=cursor, limit=limit)


@router.get("/courses/{course}/rating", response_model=Rating, responses=errors(CourseNotFound))
def read_rating(ctx: VisitorReading, course: CourseName) -> Rating:
    """How a course is rated: the mean, and how many gave how many stars."""
    return reviews.rating(ctx, courses.access_course(ctx, course))


@router.get(
    "/courses/{course}/reviews/mine", response_model=OwnReview | None, responses=errors(Unauthenticated, CourseNotFound)
)
def read_mine(ctx: Reading, course: CourseName) -> OwnReview | None:
    """One's own review, or null."""
    return reviews.mine(ctx, course)


@router.put(
    "/courses/{course}/reviews/mine",
    response_model=OwnReview,
    responses=errors(Unauthenticated, CourseNotFound, NotYetReviewable),
)
def put_mine(ctx: Writing, course: CourseName, review: ReviewIn) -> OwnReview:
    """Write one's review, or another one in its place: after a lesson of the course at least."""
    return reviews.put(ctx, course, review=review)


@router.delete(
    "/courses/{course}/reviews/mine",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, CourseNotFound),
)
def remove_mine(ctx: Writing, course: CourseName) -> None:
    """Delete one's review."""
    reviews.remove(ctx, course)


@router.put("/reviews/{review_id}/reply", response_model=ReviewView, responses=OF_REVIEW)
def reply(ctx: Writing, review_id: UUID, given: ReplyIn) -> ReviewView:
    """Answer a review, for who teaches the course."""
    return reviews.reply(ctx, review_id, given=given)


@router.delete("/reviews/{review_id}/reply", response_model=ReviewView, responses=OF_REVIEW)
def take_reply_back(ctx: Writing, review_id: UUID) -> ReviewView:
    """Take the answer back."""
    return reviews.reply(ctx, review_id, given=None)


@router.put("/reviews/{review_id}/report", status_code=204, response_model=None, responses=OF_REVIEW)
def report(ctx: Writing, review_id: UUID, given: ReportIn) -> None:
    """Say that a review should not be there, for who is in the course."""
    reviews.report(ctx, review_id, given=given)


@router.get(
    "/admin/reviews", response_model=Page[ReportedReview], responses=errors(Unauthenticated, Forbidden, Invalid)
)
def list_reported(ctx: Reading, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Page[ReportedReview]:
    """Reviews that were reported or hidden. For administrators."""
    return moderating.reported(ctx, cursor=cursor, limit=limit)


@router.put("/admin/reviews/{review_id}/hidden", status_code=204, response_model=None, responses=OF_REVIEW)
def hide(ctx: Writing, review_id: UUID, given: Hiding) -> None:
    """Hide a review, with a reason that its author is told."""
    moderating.hide(ctx, review_id, given=given)


@router.delete("/admin/reviews/{review_id}/hidden", status_code=204, response_model=None, responses=OF_REVIEW)
def show(ctx: Writing, review_id: UUID) -> None:
    """Show a hidden review again."""
    moderating.show(ctx, review_id)
