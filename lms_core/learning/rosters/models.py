"""The tables of rosters."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class RosterStatus(StrEnum):
    """Where a roster stands: coming in, looked at, waiting for its job, being carried out, done."""

    READING = "reading"
    PREVIEW = "preview"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class Verdict(StrEnum):
    """What a line is about: somebody new, somebody who has an account, or nothing that can be carried out."""

    NEW = "new"
    EXISTS = "exists"
    FAULTY = "faulty"


class Outcome(StrEnum):
    """What became of a line. `unchanged`: the account and every enrolment were there."""

    WAITING = "waiting"
    CREATED = "created"
    ENROLLED = "enrolled"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"


class Roster(TenantOwned, table=True):
    """One file. `columns` maps what was understood to the header's words, `notes` are codes of remarks on the file."""

    __tablename__ = "roster"
    __table_args__ = (one_of("status", RosterStatus),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    name: str = Field(max_length=200)
    status: RosterStatus = Field(default=RosterStatus.READING, sa_type=Text)
    columns: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    notes: list[str] = Field(default_factory=list, sa_type=JSON)
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    lines: int = 0
    new: int = 0
    existing: int = 0
    faulty: int = 0
    done: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RosterLine(TenantOwned, table=True):
    """One line of a file, as it was understood. `number`: where it stands; `reason`: the code of what is wrong."""

    __tablename__ = "roster_line"
    __table_args__ = (
        UniqueConstraint("roster_id", "number"),
        Index("ix_roster_line_outcome", "roster_id", "outcome", "number"),
        one_of("verdict", Verdict),
        one_of("outcome", Outcome),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    roster_id: UUID = Field(foreign_key="roster.id", ondelete="CASCADE")
    number: int
    email: str = Field(default="", max_length=320)
    full_name: str = Field(default="", max_length=200)
    language: str = Field(default="en", max_length=10)
    verdict: Verdict = Field(sa_type=Text)
    reason: str = Field(default="", max_length=40)
    outcome: Outcome = Field(default=Outcome.WAITING, sa_type=Text)
    user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
