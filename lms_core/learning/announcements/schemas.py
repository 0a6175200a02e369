"""Inputs and views of announcements."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from lms_core.content.courses.schemas import Title
from lms_core.learning.announcements.models import AnnouncementState

MAXIMUM_TEXT = 20_000  # characters


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class AnnouncementIn(BaseModel):
    """What is announced, and to whom: everybody in the course, or a cohort. `mailed`: by mail, too."""

    title: Title
    body: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAXIMUM_TEXT, pattern=r"^[^\x00]*$")] = ""
    cohort_id: UUID | None = None
    pinned: bool = False
    mailed: bool = False


class Sending(BaseModel):
    """When to send: at a time to come, or now."""

    at: AwareDatetime | None = None


class AnnouncementView(View):
    """An announcement as its readers see it. `edited_at`: when its words were changed after it was sent."""

    id: UUID
    course_id: UUID
    cohort_id: UUID | None
    title: str
    html: str
    excerpt: str
    author: str
    pinned: bool
    sent_at: datetime
    edited_at: datetime | None
    read: bool


class AnnouncementSource(View):
    """An announcement as its writers see it. `readers`: how many read it."""

    id: UUID
    course_id: UUID
    cohort_id: UUID | None
    title: str
    body: str
    html: str
    pinned: bool
    mailed: bool
    state: AnnouncementState
    send_at: datetime | None
    sent_at: datetime | None
    edited_at: datetime | None
    readers: int
