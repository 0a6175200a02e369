"""The tables of sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id
from proctoring.sessions.states import UNFINISHED, SessionState


def _listed(states: tuple[SessionState, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)


class Session(TenantOwned, table=True):
    """One sitting. `clock_offset` (seconds) is added to what the taker's clock says, once `offset_measured`.

    `checks` is what the system check found; `unavailable` maps a check to why it could not be made; `refused` counts
    bad input by its code. `retain_until` is when pictures are deleted unless somebody disputes.
    """

    __tablename__ = "proctor_session"
    __table_args__ = (
        Index("ix_proctor_session_attempt", "attempt_id"),
        Index("ix_proctor_session_state_seen", "state", "last_seen_at"),
        Index("ix_proctor_session_quiz_state", "quiz_id", "state"),
        CheckConstraint(f"state IN ({_listed(tuple(SessionState))})", name="state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    attempt_id: UUID = Field(foreign_key="quiz_attempt.id", ondelete="CASCADE")
    quiz_id: UUID = Field(foreign_key="quiz.id", ondelete="CASCADE")
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    policy_id: UUID = Field(foreign_key="proctor_policy.id", ondelete="CASCADE", index=True)
    state: SessionState = Field(default=SessionState.CREATED, sa_type=Text)
    consent_version: str = Field(default="", max_length=40)
    consent_hash: str = Field(default="", max_length=64)
    consented_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    consent_names_faces: bool = False
    checks: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    enrolled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    clock_offset: float = 0.0
    offset_measured: bool = False
    unavailable: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    refused: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    begun_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_reason: str = Field(default="", max_length=40)
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    retain_until: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    pictures_deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


_UNFINISHED = Session.__table__.c.state.in_([state.value for state in UNFINISHED])
Index(
    "uq_proctor_session_unfinished",
    Session.__table__.c.attempt_id,
    unique=True,
    sqlite_where=_UNFINISHED,
    postgresql_where=_UNFINISHED,
)


class SessionStep(TenantOwned, table=True):
    """A step that was taken. `at` is when it happened: for an interruption, when the page was last heard of."""

    __tablename__ = "proctor_session_step"
    __table_args__ = (Index("ix_proctor_session_step_session", "session_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    session_id: UUID = Field(foreign_key="proctor_session.id", ondelete="CASCADE")
    step: str = Field(max_length=20)
    before: str = Field(max_length=20)
    after: str = Field(max_length=20)
    by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    reason: str = Field(default="", max_length=200)


class PageEventRow(TenantOwned, table=True):
    """Something the exam page told. `at` is by the server's clock, `claimed_at` by the taker's."""

    __tablename__ = "proctor_event"
    __table_args__ = (UniqueConstraint("session_id", "sequence"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    session_id: UUID = Field(foreign_key="proctor_session.id", ondelete="CASCADE")
    sequence: int = Field(sa_type=BigInteger)
    type: str = Field(max_length=30)
    at: datetime = Field(sa_type=UtcDateTime)
    claimed_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    seconds: float | None = None
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
