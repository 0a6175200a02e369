"""The tables of watching."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime


class Analysis(TenantOwned, table=True):
    """What was seen on one picture: `proctoring.watching.coding` writes and reads `seen`; no embedding is in it."""

    __tablename__ = "proctor_analysis"

    snapshot_id: UUID = Field(foreign_key="proctor_snapshot.id", ondelete="CASCADE", primary_key=True)
    session_id: UUID = Field(foreign_key="proctor_session.id", ondelete="CASCADE", index=True)
    seen: dict[str, Any] = Field(sa_type=JSON)
    likeness: str | None = Field(default=None, max_length=10)
    similarity: float | None = None
    analysed_at: datetime = Field(sa_type=UtcDateTime)


class Enrolment(TenantOwned, table=True):
    """The face of the identity photograph as numbers, encrypted under the session's key."""

    __tablename__ = "proctor_enrolment"

    session_id: UUID = Field(foreign_key="proctor_session.id", ondelete="CASCADE", primary_key=True)
    snapshot_id: UUID = Field(foreign_key="proctor_snapshot.id", ondelete="CASCADE", index=True)
    embedding: bytes = Field(sa_type=LargeBinary)
    seen: dict[str, Any] = Field(sa_type=JSON)
    made_at: datetime = Field(sa_type=UtcDateTime)
