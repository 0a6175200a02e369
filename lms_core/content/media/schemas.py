"""Inputs and views of media. Sizes in bytes, lengths in seconds, percentages whole numbers from 0 to 100."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lms_core.content.media.models import MediaKind, MediaState, UploadState

FileName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$", max_length=35)]


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class UploadIn(BaseModel):
    """A file that is about to be sent. The name only suggests one; what it is, its content says."""

    name: FileName
    size: int = Field(ge=1)


class UploadView(View):
    """How far an upload is. `item_id` once it is in the library; `code` and `reason` when it was refused."""

    id: UUID
    course_id: UUID
    name: str
    size: int
    received: int
    state: UploadState
    code: str
    reason: str
    expires_at: datetime
    item_id: UUID | None = None


class DirectUpload(View):
    """An upload whose bytes go past this service: PUT the whole file to `put_url`, then finish the upload."""

    upload: UploadView
    put_url: str


class CaptionView(View):
    """A film's words in one language."""

    language: str


class Place(View):
    """A lesson that shows an item."""

    lesson_id: UUID
    title: str


class ItemView(View):
    """An item of a library. `markdown` is what puts it into a lesson."""

    id: UUID
    kind: MediaKind
    name: str
    media_type: str
    size: int
    state: MediaState
    percent: int
    code: str
    reason: str
    width: int
    height: int
    seconds: float
    markdown: str
    created_at: datetime
    captions: tuple[CaptionView, ...] = ()
    used_in: tuple[Place, ...] = ()


class Share(View):
    """How much of a quota is used, unfinished uploads included."""

    used: int
    allowed: int

    @property
    def free(self) -> int:
        """Bytes that still fit."""
        return max(0, self.allowed - self.used)


class Usage(View):
    """The three quotas an upload counts against."""

    person: Share
    course: Share
    institution: Share


class Library(View):
    """One page of a course's items, newest first, with the caller's unfinished uploads and what is used."""

    items: tuple[ItemView, ...]
    next_cursor: str | None
    uploads: tuple[UploadView, ...]
    usage: Usage
    films_possible: bool


class Track(View):
    """Captions as a player takes them."""

    language: str
    url: str


class FilmFacts(View):
    """Which film a name stands for, and how long it plays."""

    id: UUID
    seconds: float


class Playback(View):
    """What a player needs. The addresses work for whoever holds them until `expires_at`; then ask again."""

    id: UUID
    name: str
    hls_url: str
    mp4_url: str
    poster_url: str
    seconds: float
    width: int
    height: int
    captions: tuple[Track, ...]
    expires_at: datetime
