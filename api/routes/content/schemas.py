"""What the content routes answer beyond the services' own views."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from lms_core.content.courses.schemas import Body, CourseCard, LessonIn, LessonItem, LessonView, ModuleView


class CourseDetail(CourseCard):
    """A course with its outline, what the asker is in it, and which lessons are locked for them."""

    enrolled: bool
    may_edit: bool
    modules: tuple[ModuleView, ...]
    locked: tuple[UUID, ...] = ()


class LessonPage(LessonView):
    """A lesson to read with its neighbours in reading order."""

    previous: LessonItem | None
    next: LessonItem | None


class NewLesson(LessonIn):
    """A lesson and the module it goes to."""

    module_id: UUID


class PreviewIn(BaseModel):
    """Markdown to see as a page; links to files and lessons resolve inside `course` (id or slug)."""

    body: Body
    course: Annotated[str, StringConstraints(max_length=80)] | None = None
