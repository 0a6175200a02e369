"""`/lessons`: reading, editing, moving, and the history of each lesson."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.responses import Response

from api.answers import as_json
from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName
from api.routes.content.schemas import LessonPage, NewLesson, PreviewIn
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound, LessonNotFound, VersionConflict
from lms_core.content.courses.policies import require_author
from lms_core.content.courses.schemas import (
    LessonEdit,
    LessonIn,
    LessonPlace,
    LessonSource,
    LessonView,
    ModuleView,
    Preview,
    VersionItem,
)
from lms_core.kit.errors import Conflict, Forbidden, NotFound, Unauthenticated
from lms_core.learning.release import service as release
from lms_core.learning.release.errors import LessonLocked

router = APIRouter(tags=["lessons"])

VersionNumber = Annotated[int, Path(ge=1, le=2_000_000_000)]


@router.post(
    "/courses/{course}/lessons",
    status_code=201,
    response_model=LessonView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, NotFound, Conflict),
)
def add(ctx: Writing, course: CourseName, lesson: NewLesson) -> LessonView:
    """Add a lesson at the end of a module."""
    given = LessonIn(**lesson.model_dump(exclude={"module_id"}))
    return courses.add_lesson(ctx, course, module_id=lesson.module_id, lesson=given)


@router.post("/lessons/preview", response_model=Preview, responses=errors(Unauthenticated, Forbidden, CourseNotFound))
def preview(ctx: Reading, draft: PreviewIn) -> Preview:
    """Markdown as the lesson page would show it; nothing is stored."""
    if draft.course is None:
        require_author(ctx.actor)
    return courses.preview(ctx, body=draft.body, course=draft.course)


@router.get(
    "/lessons/{lesson_id}",
    response_model=LessonPage,
    responses=errors(Unauthenticated, LessonNotFound, LessonLocked),
)
def read(ctx: Reading, lesson_id: UUID) -> Response:
    """A lesson to read, for editors and for the enrolled; while it is locked for them, the refusal tells why."""
    lesson = release.access_lesson(ctx, lesson_id)
    may_edit = courses.may_edit(ctx, lesson.course_id)
    modules = courses.outline(ctx, lesson.course_id, drafts=may_edit, revision=lesson.course_updated_at)
    before, after = courses.neighbours(modules, lesson.id)
    return as_json(LessonPage(**dict(lesson), previous=before, next=after))


@router.put(
    "/lessons/{lesson_id}",
    response_model=LessonView,
    responses=errors(Unauthenticated, Forbidden, LessonNotFound, VersionConflict),
)
def edit(ctx: Writing, lesson_id: UUID, edit: LessonEdit) -> LessonView:
    """Save an edit as a new version; refused when somebody else saved since `base_version`."""
    return courses.edit_lesson(ctx, lesson_id, edit=edit)


@router.delete(
    "/lessons/{lesson_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, LessonNotFound),
)
def delete(ctx: Writing, lesson_id: UUID) -> None:
    """Delete a lesson with its history."""
    courses.delete_lesson(ctx, lesson_id)


@router.put(
    "/lessons/{lesson_id}/place",
    response_model=list[ModuleView],
    responses=errors(Unauthenticated, Forbidden, LessonNotFound, NotFound),
)
def move(ctx: Writing, lesson_id: UUID, place: LessonPlace) -> list[ModuleView]:
    """Put a lesson elsewhere in its course; answers with the outline."""
    return courses.move_lesson(ctx, lesson_id, to=place)


@router.get(
    "/lessons/{lesson_id}/source", response_model=LessonSource, responses=errors(Unauthenticated, LessonNotFound)
)
def read_source(ctx: Reading, lesson_id: UUID) -> LessonSource:
    """The lesson's Markdown, for its editors."""
    return courses.lesson_source(ctx, lesson_id)


@router.get(
    "/lessons/{lesson_id}/versions",
    response_model=list[VersionItem],
    responses=errors(Unauthenticated, LessonNotFound),
)
def list_versions(ctx: Reading, lesson_id: UUID) -> list[VersionItem]:
    """The lesson's history, newest first, for its editors."""
    return courses.versions(ctx, lesson_id)


@router.post(
    "/lessons/{lesson_id}/versions/{number}/restore",
    response_model=LessonView,
    responses=errors(Unauthenticated, Forbidden, LessonNotFound, NotFound),
)
def restore(ctx: Writing, lesson_id: UUID, number: VersionNumber) -> LessonView:
    """Make an old version current again, as a new version."""
    return courses.restore_version(ctx, lesson_id, number=number)
