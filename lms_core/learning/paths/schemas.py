"""Inputs and views of learning paths."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from lms_core.content.courses.schemas import AltText, CourseCard, Language, Slug, Summary, Title, View
from lms_core.learning.paths.models import PathStatus

MAXIMUM_COURSES = 50


class PathIn(BaseModel):
    """A new path. Without a slug one is made from the title."""

    title: Title
    slug: Slug | None = None
    summary: Summary = ""
    language: Language = "en"
    sequential: bool = False


class PathChange(BaseModel):
    """What to change of a path; what is left out stays. The slug never changes."""

    title: Title | None = None
    summary: Summary | None = None
    language: Language | None = None
    sequential: bool | None = None
    cover_alt: AltText | None = None


class PathCourseIn(BaseModel):
    """A course of a path."""

    course_id: UUID
    optional: bool = False


class PathCoursesIn(BaseModel):
    """All courses of a path, in order, each once."""

    courses: list[PathCourseIn] = Field(max_length=MAXIMUM_COURSES)

    @field_validator("courses")
    @classmethod
    def _once_each(cls, courses: list[PathCourseIn]) -> list[PathCourseIn]:
        if len({each.course_id for each in courses}) < len(courses):
            raise ValueError("a course stands once in a path")
        return courses


class PathCard(View):
    """A path as a catalogue shows it; `courses` and `minutes` count its published courses."""

    id: UUID
    slug: str
    title: str
    summary: str
    language: str
    status: PathStatus
    sequential: bool
    cover: str
    cover_alt: str
    owner_id: UUID | None
    courses: int
    minutes: int
    updated_at: datetime


class StepState(StrEnum):
    """How a course of a path stands for somebody. `closed`: its instructors choose who takes part, or it is bought."""

    COMPLETED = "completed"
    UNDER_WAY = "under_way"
    OPEN = "open"
    LOCKED = "locked"
    CLOSED = "closed"


class PathStep(View):
    """A course in its place. For a reader who follows the path: how far they are, and what a locked one waits for."""

    course: CourseCard
    optional: bool
    state: StepState
    percent: int = 0
    waits_for: str = ""


class PathDetail(PathCard):
    """A path with its courses. `percent` of the required courses are completed by its reader, where they follow it."""

    steps: tuple[PathStep, ...]
    may_edit: bool
    enrolled: bool
    percent: int
    completed_at: datetime | None


class MyPath(View):
    """A path of mine: how many of its required courses are completed, and the course to go on with."""

    path: PathCard
    percent: int
    completed: int
    required: int
    next_slug: str | None
    next_title: str | None
    completed_at: datetime | None
