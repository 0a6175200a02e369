"""How far one is: lessons opened and completed, courses in percent."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName, Cursor, Limit
from lms_core.content.courses.errors import CourseNotFound, LessonNotFound
from lms_core.kit.errors import Invalid, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.progress import service as progress
from lms_core.learning.progress.schemas import CompletionView, CourseProgress, LessonProgressView, MyCourse, Position

router = APIRouter(tags=["learning"])


@router.get("/my-courses", response_model=Page[MyCourse], responses=errors(Unauthenticated, Invalid))
def list_mine(ctx: Reading, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Page[MyCourse]:
    """The caller's courses with progress, latest enrolment first."""
    return progress.my_courses(ctx, cursor=cursor, limit=limit)


@router.get(
    "/courses/{course}/progress", response_model=CourseProgress, responses=errors(Unauthenticated, CourseNotFound)
)
def read(ctx: Reading, course: CourseName) -> CourseProgress:
    """The caller's progress in a course, by module, and the lesson to go on with."""
    return progress.course_progress(ctx, course)


@router.put(
    "/lessons/{lesson_id}/position",
    response_model=LessonProgressView,
    responses=errors(Unauthenticated, LessonNotFound),
)
def note_position(ctx: Writing, lesson_id: UUID, position: Position) -> LessonProgressView:
    """Note that the lesson is open, and how far down the page."""
    return progress.mark_opened(ctx, lesson_id, position=position)


@router.put(
    "/lessons/{lesson_id}/complete",
    response_model=CompletionView,
    responses=errors(Unauthenticated, LessonNotFound),
)
def complete(ctx: Writing, lesson_id: UUID) -> CompletionView:
    """Mark a lesson as done; doing it again changes nothing."""
    return progress.complete(ctx, lesson_id)


@router.delete(
    "/lessons/{lesson_id}/complete",
    response_model=CompletionView,
    responses=errors(Unauthenticated, LessonNotFound),
)
def undo(ctx: Writing, lesson_id: UUID) -> CompletionView:
    """Take the mark off a lesson again."""
    return progress.undo(ctx, lesson_id)
