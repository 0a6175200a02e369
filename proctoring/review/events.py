"""Facts about reviews."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class FlagsDecided(Event):
    """A reviewer confirmed, dismissed or reopened flags."""

    name: ClassVar[str] = "proctoring.flags_decided"
    session_id: UUID
    anomaly_ids: tuple[UUID, ...]
    decision: str


class RejectionProposed(Event):
    """One reviewer would reject; a second one has to look."""

    name: ClassVar[str] = "proctoring.rejection_proposed"
    session_id: UUID
    attempt_id: UUID
    course_id: UUID


class VerdictGiven(Event):
    """A session passed or was rejected; its taker should hear of it."""

    name: ClassVar[str] = "proctoring.verdict_given"
    session_id: UUID
    attempt_id: UUID
    user_id: UUID
    passed: bool


class AppealMade(Event):
    """A taker disagrees with a rejection."""

    name: ClassVar[str] = "proctoring.appeal_made"
    session_id: UUID
    attempt_id: UUID
    user_id: UUID


class AppealAnswered(Event):
    """An appeal was heard; its taker should hear of it."""

    name: ClassVar[str] = "proctoring.appeal_answered"
    session_id: UUID
    attempt_id: UUID
    user_id: UUID
    upheld: bool
