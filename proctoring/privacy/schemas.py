"""Inputs and views of privacy."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from proctoring.evidence.schemas import EvidenceLink
from proctoring.sessions.states import SessionState

Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")]


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class RequestView(View):
    """A request for deletion. `granted` None: not decided yet."""

    asked_at: datetime
    granted: bool | None
    reason: str
    decided_at: datetime | None


class StoredPicture(View):
    """A picture that is stored, with a link that opens it for the taker."""

    link: EvidenceLink
    kind: str
    taken_at: datetime
    size: int


class Stored(View):
    """Everything stored about one sitting, for the one who sat it. `held`: why it is kept beyond `delete_after`."""

    session_id: UUID
    state: SessionState
    consent_version: str
    consented_at: datetime | None
    face_stored: bool
    checks: dict[str, object]
    pictures: tuple[StoredPicture, ...]
    pictures_total: int
    page_events: int
    page_event_types: dict[str, int]
    delete_after: datetime | None
    held: str
    pictures_deleted_at: datetime | None
    request: RequestView | None


class DecisionIn(BaseModel):
    """What is decided about a request, with a reason for a refusal."""

    granted: bool
    reason: Reason = ""


class Forgotten(View):
    """What was removed."""

    sessions: int
    pictures: int
