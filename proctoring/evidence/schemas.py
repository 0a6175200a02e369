"""Inputs and views of evidence."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from proctoring.evidence.models import PictureKind, PictureState


@dataclass(frozen=True, slots=True)
class Sealed:
    """A picture that lies in storage, encrypted, and has no row yet."""

    id: UUID
    width: int
    height: int
    size: int
    sha256: str
    storage_key: str


class SnapshotTaken(BaseModel):
    """The answer to an upload. `repeated`: this sequence number was stored before, and this is that picture.

    `clock_offset_seconds` is what the server adds to the taker's clock.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: PictureKind
    sequence: int
    captured_at: datetime
    received_at: datetime
    clock_offset_seconds: float
    repeated: bool


@dataclass(frozen=True, slots=True)
class Arriving:
    """What is known of a picture on its way in: its session's wrapped key, if made, and the answer it had before."""

    wrapped: bytes | None
    known: SnapshotTaken | None


class SnapshotView(BaseModel):
    """A picture without its bytes."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    session_id: UUID
    kind: PictureKind
    sequence: int
    at: datetime
    claimed_at: datetime | None
    received_at: datetime
    width: int
    height: int
    size: int
    state: PictureState
    failure: str


class EvidenceLink(BaseModel):
    """Short-lived addresses of a picture, for `<img>`; they name who asked and end at `expires_at`."""

    model_config = ConfigDict(frozen=True)

    snapshot_id: UUID
    url: str
    thumbnail_url: str
    expires_at: datetime
