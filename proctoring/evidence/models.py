"""The tables of evidence."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class PictureKind(StrEnum):
    """What a picture shows. `identity`: the photograph that later faces are compared with."""

    CAMERA = "camera"
    SCREEN = "screen"
    IDENTITY = "identity"


class PictureState(StrEnum):
    """Whether a picture was looked at. `waiting_for_weights`: partly, since a model is not installed."""

    WAITING = "waiting"
    ANALYSED = "analysed"
    WAITING_FOR_WEIGHTS = "waiting_for_weights"
    FAILED = "failed"
    KEPT = "kept"  # nothing looks for anything on it: screens, identity photographs


class PictureKey(TenantOwned, table=True):
    """A session's data key, wrapped by the installation's key. Without this row its pictures are noise."""

    __tablename__ = "proctor_key"

    session_id: UUID = Field(foreign_key="proctor_session.id", ondelete="CASCADE", primary_key=True)
    wrapped: bytes = Field(sa_type=LargeBinary)


class Snapshot(TenantOwned, table=True):
    """One picture. `at` is when it was taken by the server's clock, `claimed_at` by the taker's.

    `storage_key` names nobody and no session. `claimed_by` and `claimed_until`: the job that is looking at it.
    """

    __tablename__ = "proctor_snapshot"
    __table_args__ = (
        UniqueConstraint("session_id", "kind", "sequence"),
        Index("ix_proctor_snapshot_state", "state", "id"),
        one_of("kind", PictureKind),
        one_of("state", PictureState),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    session_id: UUID = Field(foreign_key="proctor_session.id", ondelete="CASCADE")
    kind: PictureKind = Field(sa_type=Text)
    sequence: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UtcDateTime)
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    width: int
    height: int
    size: int
    sha256: str = Field(max_length=64)
    storage_key: str = Field(max_length=200)
    state: PictureState = Field(default=PictureState.WAITING, sa_type=Text)
    failure: str = Field(default="", max_length=200)
    claimed_by: UUID | None = None
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
