"""Inputs and views of reviewing. The report is the JSON export's stable shape. Times UTC, boxes fractions 0 to 1."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from proctoring.anomalies.models import Decision, RiskLevel
from proctoring.anomalies.schemas import AnomalyView, GapView, Precision, RiskView, SummaryView
from proctoring.review.models import Act, Outcome

# PostgreSQL text holds no NUL; control characters help nobody in a message.
NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=NO_CONTROL)]
SomeText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=NO_CONTROL)]
MOST_AT_ONCE = 500


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


# What reviewers and takers send


class DecisionIn(BaseModel):
    """What a reviewer makes of one flag. `comment` alone decides nothing."""

    decision: Literal["confirm", "dismiss", "reopen", "comment"]
    comment: Text = ""


class BulkDismissIn(BaseModel):
    """Flags to dismiss at once: those named, else all undecided ones, of one kind when given."""

    anomaly_ids: list[UUID] = Field(default=[], max_length=MOST_AT_ONCE)
    kind: str = Field(default="", max_length=30, pattern=r"^[a-z_]*$")
    comment: Text = ""


class VerdictIn(BaseModel):
    """Passed or rejected, and what the taker is told. A rejection first is a proposal to a second reviewer."""

    verdict: Literal["passed", "rejected"]
    message: Text = ""


class AppealIn(BaseModel):
    """Why the taker disagrees."""

    text: SomeText


class AppealAnswerIn(BaseModel):
    """Whether the appeal is right, and the answer the taker reads."""

    upheld: bool
    answer: SomeText


class QueueFilter(BaseModel):
    """Which sessions the queue shows; empty fields do not restrict."""

    state: str = Field(default="", max_length=20)
    quiz_id: UUID | None = None
    kind: str = Field(default="", max_length=30)
    level: RiskLevel | None = None
    q: str = Field(default="", max_length=100)


# What people see


class Person(View):
    """Somebody's name beside what they did; `name` is empty for a deleted account."""

    id: UUID | None
    name: str


class QueueRow(View):
    """A session in the queue, the live wall and the comparison.

    `watched_percent` of its time everything the policy asks for was looked for, `partly_percent` only some of it.
    """

    session_id: UUID
    attempt_id: UUID
    quiz_id: UUID
    quiz_title: str
    course_id: UUID
    taker: Person
    state: str
    outcome: Outcome
    started_at: datetime | None
    ended_at: datetime | None
    risk: int
    risk_level: RiskLevel
    counts: dict[str, int]
    incidents: int
    watched_percent: int
    partly_percent: int
    last_kind: str
    last_signal_at: datetime | None


class LiveRow(QueueRow):
    """A running session on the live wall. `silent_seconds` since the server heard from the page."""

    ongoing: tuple[str, ...]
    silent_seconds: float
    thumbnail_url: str
    last_snapshot_id: UUID | None


class DrawnBox(View):
    """A box to draw over a picture."""

    label: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float


class EvidencePicture(View):
    """A snapshot that shows a flag. `url` is short-lived; empty when the picture is no longer kept."""

    snapshot_id: UUID
    sequence: int
    taken_at: datetime
    url: str
    thumbnail_url: str
    boxes: tuple[DrawnBox, ...]


class StepView(View):
    """One step of the review."""

    id: UUID
    act: Act
    anomaly_id: UUID | None
    text: str
    by: Person
    at: datetime


class FlagView(AnomalyView):
    """A flag with its pictures and what was said about it."""

    pictures: tuple[EvidencePicture, ...]
    steps: tuple[StepView, ...]


class VerdictView(View):
    """Where the verdict stands. `needs_second`: a rejection is proposed and waits for another reviewer."""

    outcome: Outcome
    message: str
    needs_second: bool
    proposed_by: Person | None
    proposed_at: datetime | None
    decided_by: Person | None
    decided_at: datetime | None
    appeal: str
    appealed_at: datetime | None
    answer: str
    answered_by: Person | None
    answered_at: datetime | None


class EventLine(View):
    """Something the exam page told."""

    id: UUID
    type: str
    at: datetime
    seconds: float | None
    details: dict[str, Any]


class SnapshotLine(View):
    """A picture on the timeline. `shows`: camera, screen or identity; `status` says whether it was looked at."""

    id: UUID
    shows: str
    sequence: int
    taken_at: datetime
    status: str
    kinds: tuple[str, ...]


class ReportView(View):
    """Everything about one session, for a reviewer. `version` of this shape grows with every change of a field."""

    version: int = 2
    session: QueueRow
    policy: dict[str, Any]
    summary: SummaryView
    flags: tuple[FlagView, ...]
    snapshots: tuple[SnapshotLine, ...]
    events: tuple[EventLine, ...]
    verdict: VerdictView
    history: tuple[StepView, ...]
    precision: tuple[Precision, ...]
    may_decide: bool
    may_answer: bool


class OwnFlag(View):
    """A flag as the taker sees it: what, when and why, and what a reviewer made of it."""

    id: UUID
    kind: str
    title: str
    reason: str
    started_at: datetime
    ended_at: datetime
    decision: Decision
    pictures: tuple[EvidencePicture, ...]


class OwnReport(View):
    """A session as its taker sees it: outcome, message, own flags, time not watched, appeal. No score, no reviewers."""

    session_id: UUID
    attempt_id: UUID
    quiz_title: str
    state: str
    outcome: Literal["open", "passed", "rejected"]
    message: str
    flags: tuple[OwnFlag, ...]
    not_watched: tuple[GapView, ...]
    may_appeal: bool
    appeal: str
    appealed_at: datetime | None
    answer: str
    answered_at: datetime | None


class Decided(View):
    """What a decision left: the flags concerned, and the risk now."""

    flags: tuple[AnomalyView, ...]
    risk: RiskView


class Comparison(View):
    """One exam's sessions side by side, and the mean and spread of their risk."""

    quiz_id: UUID
    quiz_title: str
    sessions: tuple[QueueRow, ...]
    kinds: tuple[str, ...]
    mean_risk: float
    median_risk: float
    mean_watched_percent: float


class Stats(View):
    """How far reviewers agreed with each detector so far."""

    sessions: int
    reviewed: int
    detectors: tuple[Precision, ...]
