"""Inputs and views of progress. Percentages are whole numbers from 0 to 100."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lms_core.content.courses.schemas import CourseCard
from lms_core.learning.progress.models import ProgressState
from lms_core.learning.release.schemas import RequirementView


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
    """What marking a lesson did: the lesson, and the whole course's percentage now.

    `requirements` is what the lesson asks for; it is complete once each is met.
    """

    lesson: LessonProgressView
    course_percent: int
    course_completed: bool
    requirements: tuple[RequirementView, ...] = ()


class Beat(BaseModel):
    """A sign that the lesson is in sight; `begins` when it just came into sight: the time before does not count."""

    begins: bool = False


class ReadingView(View):
    """A lesson being read: active seconds so far, and what it asks for."""

    active_seconds: int
    completed: bool
    requirements: tuple[RequirementView, ...]


class DayView(View):
    """A day of one's own calendar: whole minutes of reading, lessons completed, questions asked."""

    day: date
    minutes: int
    lessons: int
    questions: int


class WeekView(View):
    """The present week, Monday first, days to come left out; and its sums."""

    days: tuple[DayView, ...]
    minutes: int
    lessons: int
    questions: int


class ResumeView(View):
    """Where to go on, of all one's courses: the lesson, and how far down it one was."""

    course_id: UUID
    course_slug: str
    course_title: str
    lesson_id: UUID
    lesson_title: str
    language: str
    percent: int
    anchor: str


class RiskKind(StrEnum):
    """Why somebody may need help."""

    INACTIVE = "inactive"
    BEHIND = "behind"
    FAILING = "failing"


class Risk(View):
    """One reason: days without a sign; percent expected by now of who is behind; what is not passed."""

    kind: RiskKind
    days: int | None = None
    expected: int | None = None
    result_ids: tuple[UUID, ...] = ()


class AtRisk(View):
    """Somebody in a course who may need help, and each reason."""

    user_id: UUID
    name: str
    email: str
    cohort: str
    percent: int
    last_active: datetime | None
    risks: tuple[Risk, ...]


class AtRiskList(View):
    """Those who may need help most first, of `total`; `learners` take the course."""

    learners: int
    total: int
    items: tuple[AtRisk, ...]


class MyCourse(View):
    """A course of mine with how far I am; `last_lesson_id` is the one I had open last."""

    course: CourseCard
    enrolled_at: datetime
    completed: int
    percent: int
    last_lesson_id: UUID | None
