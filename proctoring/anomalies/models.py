"""The tables of anomalies: what the rules found in a session, and their sum."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, Text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class Severity(StrEnum):
    """How much an anomaly can matter; `info` never adds to the risk."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Decision(StrEnum):
    """What a reviewer made of a flag."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class RiskLevel(StrEnum):
    """Bands of the risk score; docs/proctoring-rules.md states their borders."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Anomaly(TenantOwned, table=True):
    """A span of time in which a rule held. Its id stays the same while later pictures lengthen it.

    `evidence` lists snapshot ids and `events` ids of client events; `numbers` is what the rule counted.
    `decided_until` is where the span ended when a reviewer decided. `touched`: somebody decided or commented, so
    that the row is kept; `withdrawn_at` says since when such a row no longer holds, taken back by late pictures.
    """

    __tablename__ = "proctor_anomaly"
    __table_args__ = (
        Index("ix_proctor_anomaly_session_started", "session_id", "started_at"),
        Index("ix_proctor_anomaly_labels", "tenant_id", "kind", "decision"),
        one_of("severity", Severity),
        one_of("decision", Decision),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        CheckConstraint("ended_at >= started_at", name="span"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    session_id: UUID = Field(foreign_key="proctor_session.id", ondelete="CASCADE")
    kind: str = Field(max_length=30)
    severity: Severity = Field(sa_type=Text)
    confidence: float
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime = Field(sa_type=UtcDateTime)
    ongoing: bool = False
    evidence: list[str] = Field(default_factory=list, sa_type=JSON)
    events: list[str] = Field(default_factory=list, sa_type=JSON)
    rule: str = Field(max_length=40)
    numbers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    decision: Decision = Field(default=Decision.OPEN, sa_type=Text)
    decided_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    touched: bool = False
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Summary(TenantOwned, table=True):
    """One session summed up: what lists, the live wall and comparisons read. `version` grows with every computation.

    `computed_at` is when its material was read. `not_watched` lists {started_at, ended_at, reason, check}; `counts` is
    flags by kind; `switched_off` is detector -> why; `advice` lists the keys of hints for the taker.
    """

    __tablename__ = "proctor_summary"
    __table_args__ = (one_of("risk_level", RiskLevel), CheckConstraint("risk BETWEEN 0 AND 100", name="risk"))

    session_id: UUID = Field(foreign_key="proctor_session.id", ondelete="CASCADE", primary_key=True)
    version: int = 1
    risk: int = 0
    risk_level: RiskLevel = Field(default=RiskLevel.LOW, sa_type=Text)
    risk_parts: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    ongoing: list[str] = Field(default_factory=list, sa_type=JSON)
    not_watched: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    watched_seconds: float = 0.0
    total_seconds: float = 0.0
    switched_off: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    advice: list[str] = Field(default_factory=list, sa_type=JSON)
    models: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    last_kind: str = Field(default="", max_length=30)
    last_signal_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_snapshot_id: UUID | None = None
    computed_at: datetime = Field(sa_type=UtcDateTime)
