"""The tables of reviewing: where a session's verdict stands, and every step that led there."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class Outcome(StrEnum):
    """What was decided about a session, or how far the decision is."""

    NONE = "none"
    REJECTION_PROPOSED = "rejection_proposed"
    PASSED = "passed"
    REJECTED = "rejected"


class Act(StrEnum):
    """One step of a review."""

    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    REOPENED = "reopened"
    COMMENTED = "commented"
    PROPOSED_REJECTION = "proposed_rejection"
    PASSED = "passed"
    REJECTED = "rejected"
    APPEALED = "appealed"
    APPEAL_UPHELD = "appeal_upheld"
    APPEAL_TURNED_DOWN = "appeal_turned_down"


class Review(TenantOwned, table=True):
    """Where the verdict on one session stands. A rejection has two different people: `proposed_by`, `decided_by`."""

    __tablename__ = "proctor_review"
    __table_args__ = (UniqueConstraint("session_id"), one_of("outcome", Outcome))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    session_id: UUID = Field(foreign_key="proctor_session.id", ondelete="CASCADE")
    outcome: Outcome = Field(default=Outcome.NONE, sa_type=Text)
    message: str = Field(default="", sa_type=Text)
    proposed_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    proposed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    appeal: str = Field(default="", sa_type=Text)
    appealed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: str = Field(default="", sa_type=Text)
    answered_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReviewStep(TenantOwned, table=True):
    """One thing a reviewer, or the taker, did. Rows are only ever added; `detail` has what it was before."""

    __tablename__ = "proctor_review_step"
    __table_args__ = (Index("ix_proctor_review_step_session", "session_id", "id"), one_of("act", Act))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    session_id: UUID = Field(foreign_key="proctor_session.id", ondelete="CASCADE")
    anomaly_id: UUID | None = Field(default=None, foreign_key="proctor_anomaly.id", ondelete="CASCADE", index=True)
    act: Act = Field(sa_type=Text)
    text: str = Field(default="", sa_type=Text)
    by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
