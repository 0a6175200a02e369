"""Inputs and views of rosters."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from lms_core.kit.permissions import Role, TenantRole
from lms_core.learning.rosters.models import Outcome, RosterStatus, Verdict


class RosterOptions(BaseModel):
    """What is to become of the people of a roster. `role` is for new accounts; nobody's present role changes."""

    role: TenantRole = Role.LEARNER
    course_ids: Annotated[list[UUID], Field(max_length=50)] = []
    invite: bool = True


class RosterView(BaseModel):
    """A roster and how far it is. `columns`: what was understood, to the word of the header."""

    id: UUID
    name: str
    status: RosterStatus
    columns: dict[str, str]
    notes: list[str]
    options: RosterOptions
    lines: int
    new: int
    existing: int
    faulty: int
    done: int
    created_at: datetime
    finished_at: datetime | None


class RosterLineView(BaseModel):
    """One line: what it says, what it is about, and what became of it."""

    number: int
    email: str
    full_name: str
    language: str
    verdict: Verdict
    reason: str
    outcome: Outcome
