"""Inputs and views of copies and templates."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from lms_core.content.courses.schemas import CourseIn, Slug, Title, View
from lms_core.learning.copying.models import CopyState

FIRST_START, LAST_START = date(1990, 1, 1), date(2200, 1, 1)


class CopyIn(BaseModel):
    """What the copy is called. Without a title it is the source's, without a slug one is made from the title.

    `starts_on`: the day on which the first date of the copy is to fall; every date moves by as many days.
    """

    title: Title | None = None
    slug: Slug | None = None
    starts_on: date | None = Field(default=None, ge=FIRST_START, le=LAST_START)


class CopyView(View):
    """How far a copy is: `done` of `total` stored objects and lessons."""

    id: UUID
    target_id: UUID
    target_slug: str
    target_title: str
    state: CopyState
    done: int
    total: int
    percent: int
    reason: str
    created_at: datetime


class BeginningView(View):
    """A template that comes with the product, in one language."""

    key: str
    name: str
    about: str
    modules: tuple[str, ...]
    lessons: int


class BeginIn(CourseIn):
    """A new course from a beginning; `language` also chooses the language of what is in it (English otherwise)."""

    beginning: Slug
