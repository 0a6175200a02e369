"""Views of anomalies and of what a session comes to. Times are UTC, confidences 0 to 1, risk 0 to 100."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from proctoring.anomalies.models import Decision, RiskLevel, Severity


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class AnomalyView(View):
    """One flag: when, how sure, by which rule and numbers, and why in a sentence.

    `grew` says that it lasted longer after a reviewer decided; `withdrawn` that late pictures took it back.
    """

    id: UUID
    session_id: UUID
    kind: str
    title: str
    reason: str
    severity: Severity
    confidence: float
    started_at: datetime
    ended_at: datetime
    seconds: float
    ongoing: bool
    evidence: tuple[UUID, ...]
    events: tuple[UUID, ...]
    rule: str
    numbers: dict[str, float]
    decision: Decision
    decided_by: UUID | None
    decided_at: datetime | None
    grew: bool
    withdrawn: bool


class RiskPart(View):
    """What one kind adds to the risk, and the most it can."""

    kind: str
    title: str
    anomalies: int
    weight: float
    cap: float
    uncapped: float
    points: float


class RiskView(View):
    """The score with its parts."""

    score: int
    level: RiskLevel
    parts: tuple[RiskPart, ...]


class GapView(View):
    """A span that nobody watched, or in which `check` could not be made."""

    started_at: datetime
    ended_at: datetime
    reason: str
    text: str
    check: str


class SummaryView(View):
    """What a session comes to so far. `counts` is flags by kind, dismissed ones left out.

    `watched_percent` of its time everything the policy asks for was looked for, `partly_percent` only some of it.
    """

    session_id: UUID
    risk: RiskView
    counts: dict[str, int]
    incidents: int
    ongoing: tuple[str, ...]
    not_watched: tuple[GapView, ...]
    watched_seconds: float
    total_seconds: float
    watched_percent: int
    partly_percent: int
    switched_off: dict[str, Any]
    advice: tuple[str, ...]
    models: dict[str, str]
    last_kind: str
    last_signal_at: datetime | None
    last_snapshot_id: UUID | None
    computed_at: datetime | None


class Precision(View):
    """How often reviewers confirmed what a rule flagged. `precision` None: nothing decided yet."""

    kind: str
    title: str
    confirmed: int
    dismissed: int
    undecided: int
    precision: float | None
