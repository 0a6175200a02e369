"""Inputs and views of drafts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from lms_core.content.courses.models import LessonStatus
from lms_core.content.courses.schemas import NO_CONTROL, Body, Note, View
from lms_core.content.text import Differences

MOST_AT_ONCE = 500  # drafts published together


class DraftIn(BaseModel):
    """What an author has written so far; the title may still be missing.

    `revision` is the one that was read or saved last, 0 for a draft that is new.
    """

    base_version: int = Field(ge=1, le=2_000_000_000)
    revision: int = Field(ge=0, le=2_000_000_000)
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=NO_CONTROL)]
    body: Body
    status: LessonStatus
    note: Note = ""


class DraftView(View):
    """An author's draft. `revision` 0: nothing is kept any more.

    `outdated`: the lesson was published anew, as `current_version`, since the draft was begun.
    """

    id: UUID
    lesson_id: UUID
    course_id: UUID
    author_id: UUID
    base_version: int
    current_version: int
    revision: int
    title: str
    body: str
    status: LessonStatus
    note: str
    updated_at: datetime
    outdated: bool


class DraftItem(View):
    """A draft among those of its course, with what publishing it would change for readers.

    `rivals`: how many others have a draft of the same lesson.
    """

    id: UUID
    lesson_id: UUID
    author_id: UUID
    author: str
    title: str
    revision: int
    outdated: bool
    rivals: int
    status: LessonStatus
    present_title: str
    present_status: LessonStatus
    note: str
    updated_at: datetime
    changes: Differences

    @property
    def publishable(self) -> bool:
        """Whether nothing stands in the way of publishing it as it is."""
        return bool(self.title) and not self.outdated


class ChosenDraft(BaseModel):
    """A draft to publish, at the revision that was looked at."""

    id: UUID
    revision: int = Field(ge=1, le=2_000_000_000)


class PublishDrafts(BaseModel):
    """Which drafts of a course to publish; None: all of them."""

    drafts: list[ChosenDraft] | None = Field(default=None, max_length=MOST_AT_ONCE)


class PublishedDrafts(View):
    """The lessons that say something new now."""

    lessons: tuple[UUID, ...]
