"""Inputs and views of sessions. Times are UTC; durations seconds; sequences grow from 1 in each kind."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from lms_core.learning.assessments.schemas import MAXIMUM_SEQUENCE
from proctoring.sessions.states import SessionState

MAXIMUM_EVENTS = 200
Sequence = Annotated[int, Field(ge=0, le=MAXIMUM_SEQUENCE)]
ShortText = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
CheckValue = bool | Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)] | ShortText | None

# What the page may tell, and which details of each are kept; anything else in `details` is dropped unread.
EVENT_TYPES: dict[str, frozenset[str]] = {
    "tab_hidden": frozenset(),
    "window_blur": frozenset(),
    "fullscreen_exit": frozenset(),
    "fullscreen_entered": frozenset(),
    "copy": frozenset({"characters"}),
    "cut": frozenset({"characters"}),
    "paste": frozenset({"characters"}),
    "context_menu": frozenset(),
    "print": frozenset(),
    "devtools_resize": frozenset({"pixels"}),
    "several_screens": frozenset(),
    "network_lost": frozenset(),
    "camera_ended": frozenset({"track"}),
    "camera_muted": frozenset({"track"}),
    "camera_unmuted": frozenset({"track"}),
    "screen_ended": frozenset({"track"}),
    "screen_muted": frozenset({"track"}),
    "screen_unmuted": frozenset({"track"}),
    "speech": frozenset({"decibels"}),
    "sound": frozenset({"decibels"}),
    "page_loaded": frozenset(),
    "pictures_refused": frozenset({"count"}),
}


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class ConsentIn(BaseModel):
    """That the taker agrees. `hash` is that of the text they were shown; the server knows every text in force."""

    version: Annotated[str, StringConstraints(max_length=40)] = ""
    accepted: bool
    hash: Annotated[str, StringConstraints(max_length=64)] = ""


class StartIn(BaseModel):
    """A session for an attempt. `client_time` is the taker's clock now, to measure how far it is off.

    `consent` may be plain `true`: that means the text in force.
    """

    attempt_id: UUID
    consent: bool | ConsentIn
    client_time: AwareDatetime | None = None


class ChecksIn(BaseModel):
    """What the system check found: names (camera, light, browser ...) to booleans, numbers or short texts."""

    results: dict[Annotated[str, StringConstraints(min_length=1, max_length=40)], CheckValue] = Field(max_length=40)


class PageEventIn(BaseModel):
    """Something that happened on the page. `duration` in seconds if it lasted; the details kept depend on its type."""

    sequence: Sequence
    type: Annotated[str, StringConstraints(max_length=30)]
    at: AwareDatetime
    duration: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None
    details: dict[str, Any] = Field(default_factory=dict, max_length=20)


class PageEventsIn(BaseModel):
    """A batch, in the order it happened. `sent_at` is the taker's clock now."""

    events: list[PageEventIn] = Field(min_length=1, max_length=MAXIMUM_EVENTS)
    sent_at: AwareDatetime | None = None


class HeartbeatIn(BaseModel):
    """A sign of life. `client_time` is the taker's clock now."""

    client_time: AwareDatetime | None = None


class SessionView(View):
    """A session for its taker. `last_sequences`: the highest number stored, by kind (camera, screen, events)."""

    id: UUID
    attempt_id: UUID
    quiz_id: UUID
    course_id: UUID
    state: SessionState
    policy_version: int
    snapshot_interval_seconds: int
    heartbeat_seconds: int
    identity: bool
    identity_enrolled: bool
    fullscreen: bool
    microphone: bool
    screen: bool
    consent_version: str
    consented_at: datetime | None
    clock_offset_seconds: float
    unavailable: dict[str, str]
    notices: tuple[str, ...]
    last_sequences: dict[str, int]
    created_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    server_now: datetime


class EventsTaken(View):
    """How many events were new, and how many had come before."""

    taken: int
    repeated: int


class SessionCard(View):
    """A session for the system and for reviewers: every fact about it but pictures and verdict."""

    id: UUID
    attempt_id: UUID
    quiz_id: UUID
    course_id: UUID
    user_id: UUID
    policy_id: UUID
    state: SessionState
    consent_version: str
    consented_at: datetime | None
    checks: dict[str, Any]
    enrolled_at: datetime | None
    clock_offset_seconds: float
    offset_measured: bool
    unavailable: dict[str, str]
    refused: dict[str, int]
    last_seen_at: datetime
    created_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    judged_at: datetime | None
    retain_until: datetime | None
    pictures_deleted_at: datetime | None

    @property
    def started_at(self) -> datetime:
        """From when on it is watched: the beginning of the exam, or the consent where it never began."""
        return self.begun_at or self.consented_at or self.created_at


class StepView(View):
    """A step that was taken."""

    step: str
    before: SessionState
    after: SessionState
    by: UUID | None
    at: datetime
    reason: str


class PageEventView(View):
    """An event by the server's clock. `seconds` None: it takes no time, or its end is not known."""

    id: UUID
    sequence: int
    type: str
    at: datetime
    claimed_at: datetime
    seconds: float | None
    details: dict[str, Any]
