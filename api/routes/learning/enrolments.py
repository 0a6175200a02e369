"""`/courses/{course}/enroll`: joining and leaving a course."""

from fastapi import APIRouter

from api.deps import Writing
from api.errors import errors
from api.routes.content.courses import CourseName
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Unauthenticated
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.enrolments.errors import ForSale, NotOpen, NotPublished
from lms_core.learning.enrolments.schemas import EnrollmentView

router = APIRouter(tags=["learning"])


@router.post(
    "/courses/{course}/enroll",
    response_model=EnrollmentView,
    responses=errors(Unauthenticated, ForSale, NotOpen, CourseNotFound, NotPublished),
)
def enrol(ctx: Writing, course: CourseName) -> EnrollmentView:
    """Join an open course; joining again answers with the same enrolment."""
    return enrolments.enrol(ctx, course)


@router.delete(
    "/courses/{course}/enroll",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, CourseNotFound),
)
def leave(ctx: Writing, course: CourseName) -> None:
    """Leave a course; what was learnt is kept for a return."""
    enrolments.leave(ctx, course)
