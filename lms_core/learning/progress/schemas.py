"""Inputs and views of progress. Percentages are whole numbers from 0 to 100."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lms_core.content.courses.schemas import CourseCard
from lms_core.learning.progress.models import ProgressState


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class Position(BaseModel):
    """How far down a lesson somebody is: percent of the page, and the nearest heading's id."""

    percent: int = Field(default=0, ge=0, le=100)
    anchor: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")] = ""


class LessonProgressView(View):
    """One person with one lesson; `state` None: not opened yet."""

    lesson_id: UUID
    state: ProgressState | None
    percent: int
    anchor: str
    completed_at: datetime | None


class ModuleProgress(View):
    """How much of a module is done."""

    module_id: UUID
    title: str
    lessons: int
    completed: int
    percent: int


class CourseProgress(View):
    """How much of a course is done, and the lesson to go on with (None: it has no lessons)."""

    course_id: UUID
    lessons: int
    completed: int
    percent: int
    modules: tuple[ModuleProgress, ...]
    lesson_states: dict[UUID, ProgressState]
    resume_lesson_id: UUID | None
    resume_anchor: str


class CompletionView(View):
    """What marking a lesson did: the lesson, and the whole course's percentage now."""

    lesson: LessonProgressView
    course_percent: int
    course_completed: bool


class MyCourse(View):
    """A course of mine with how far I am; `last_lesson_id` is the one I had open last."""

    course: CourseCard
    enrolled_at: datetime
    completed: int
    percent: int
    last_lesson_id: UUID | None
