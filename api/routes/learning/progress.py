"""How far one is: lessons opened, read and completed, courses in percent, one's week; and who may need help."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import as_json
from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName, Cursor, Limit
from lms_core.content.courses.errors import CourseNotFound, LessonNotFound
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.progress import service as progress
from lms_core.learning.progress.errors import NotDoneYet
from lms_core.learning.progress.schemas import (
    AtRiskList,
    Beat,
    CompletionView,
    CourseProgress,
    LessonProgressView,
    MyCourse,
    Position,
    ReadingView,
    ResumeView,
    WeekView,
)
from lms_core.learning.release.errors import LessonLocked

router = APIRouter(tags=["learning"])

READERS_ONLY = errors(Unauthenticated, LessonNotFound, LessonLocked)


class NothingBegun(NotFound):
    """No lesson was opened yet."""

    code = "nothing_begun"
    title = "You have not opened a lesson yet"


@router.get("/my-courses", response_model=Page[MyCourse], responses=errors(Unauthenticated, Invalid))
def list_mine(ctx: Reading, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Page[MyCourse]:
    """The caller's courses with progress, latest enrolment first."""
    return progress.my_courses(ctx, cursor=cursor, limit=limit)


@router.get("/my-courses/resume", response_model=ResumeView, responses=errors(Unauthenticated, NothingBegun))
def resume(ctx: Reading) -> ResumeView:
    """Where the caller left off last, whatever the course."""
    found = progress.resume(ctx)
    if found is None:
        raise NothingBegun("Open a lesson of one of your courses first.")
    return found


@router.get("/my-week", response_model=WeekView, responses=errors(Unauthenticated))
def read_week(ctx: Reading) -> WeekView:
    """The caller's present week, day by day of their own calendar."""
    return progress.week(ctx)


@router.get(
    "/courses/{course}/progress", response_model=CourseProgress, responses=errors(Unauthenticated, CourseNotFound)
)
def read(ctx: Reading, course: CourseName) -> Response:
    """The caller's progress in a course, by module, and the lesson to go on with."""
    return as_json(progress.course_progress(ctx, course))


@router.get(
    "/courses/{course}/at-risk",
    response_model=AtRiskList,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound),
)
def list_at_risk(
    ctx: Reading,
    course: CourseName,
    inactive_days: Annotated[int, Query(ge=1, le=365)] = 7,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AtRiskList:
    """Learners of a course who may need help, with each reason. For its instructors."""
    return progress.at_risk(ctx, course, inactive_days=inactive_days, limit=limit)


@router.put("/lessons/{lesson_id}/position", response_model=LessonProgressView, responses=READERS_ONLY)
def note_position(ctx: Writing, lesson_id: UUID, position: Position) -> LessonProgressView:
    """Note that the lesson is open, and how far down the page."""
    return progress.mark_opened(ctx, lesson_id, position=position)


@router.post("/lessons/{lesson_id}/heartbeat", response_model=ReadingView, responses=READERS_ONLY)
def read_on(ctx: Writing, lesson_id: UUID, beat: Beat) -> ReadingView:
    """A sign, each half minute, that the lesson is in sight. Time is counted by the server's clock."""
    return progress.read_on(ctx, lesson_id, begins=beat.begins)


@router.put(
    "/lessons/{lesson_id}/complete",
    response_model=CompletionView,
    responses={**READERS_ONLY, **errors(NotDoneYet)},
)
def complete(ctx: Writing, lesson_id: UUID) -> CompletionView:
    """Mark a lesson as done; doing it again changes nothing."""
    return progress.complete(ctx, lesson_id)


@router.delete("/lessons/{lesson_id}/complete", response_model=CompletionView, responses=READERS_ONLY)
def undo(ctx: Writing, lesson_id: UUID) -> CompletionView:
    """Take the mark off a lesson again."""
    return progress.undo(ctx, lesson_id)
