"""The tables of media: uploads and their pieces, items, captions."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class UploadState(StrEnum):
    """receiving -> checking -> taken, or refused, or quarantined (a virus was found)."""

    RECEIVING = "receiving"
    CHECKING = "checking"
    TAKEN = "taken"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


class MediaKind(StrEnum):
    """What an item is, by its content."""

    PICTURE = "picture"
    FILM = "film"
    FILE = "file"


class MediaState(StrEnum):
    """processing -> ready, or failed with a reason."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class Upload(TenantOwned, table=True):
    """A file on its way. `size` and `received` in bytes; the first `received` bytes are in storage."""

    __tablename__ = "media_upload"
    __table_args__ = (
        one_of("state", UploadState),
        CheckConstraint("received BETWEEN 0 AND size", name="received"),
        Index("ix_media_upload_expiry", "state", "expires_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=200)
    size: int = Field(sa_type=BigInteger)
    received: int = Field(default=0, sa_type=BigInteger)
    state: UploadState = Field(default=UploadState.RECEIVING, sa_type=Text)
    code: str = Field(default="", max_length=60)
    reason: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class UploadPiece(TenantOwned, table=True):
    """Bytes of an upload that arrived together: `size` of them from `start` on. No two begin at the same place."""

    __tablename__ = "media_upload_piece"
    __table_args__ = (UniqueConstraint("upload_id", "start"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    upload_id: UUID = Field(foreign_key="media_upload.id", ondelete="CASCADE")
    start: int = Field(sa_type=BigInteger)
    size: int
    storage_key: str = Field(max_length=300)


class MediaItem(TenantOwned, table=True):
    """Something in a course's library, known in its lessons by `name`.

    `details`: a picture's variants `{width: {type: [key, bytes]}}`, a film's renditions (see `film.ladder`).
    `percent` (0 to 100) tells how far a film's encoding is; `seconds` how long it plays.
    """

    __tablename__ = "media_item"
    __table_args__ = (
        UniqueConstraint("course_id", "name"),
        one_of("kind", MediaKind),
        one_of("state", MediaState),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    uploaded_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    kind: MediaKind = Field(sa_type=Text)
    name: str = Field(max_length=200)
    media_type: str = Field(max_length=100)
    size: int = Field(sa_type=BigInteger)
    state: MediaState = Field(default=MediaState.PROCESSING, sa_type=Text)
    percent: int = 0
    code: str = Field(default="", max_length=60)
    reason: str = Field(default="", sa_type=Text)
    source_key: str = Field(default="", max_length=300)
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Caption(TenantOwned, table=True):
    """The words of a film in one language: WebVTT as `captions.clean` writes it."""

    __tablename__ = "media_caption"
    __table_args__ = (UniqueConstraint("item_id", "language"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    item_id: UUID = Field(foreign_key="media_item.id", ondelete="CASCADE")
    language: str = Field(max_length=35)
    text: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
