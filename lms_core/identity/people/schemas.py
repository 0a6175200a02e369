"""Filters and views of the administrators' pages on people."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from lms_core.identity.accounts.schemas import SearchText
from lms_core.identity.auth.schemas import SessionView
from lms_core.identity.erasure.schemas import DeletionView
from lms_core.kit.permissions import Permission, Role


class PersonStatus(StrEnum):
    """Where an account stands; the first that holds of: to be deleted, closed, address not confirmed, open."""

    OPEN = "open"
    UNCONFIRMED = "unconfirmed"
    CLOSED = "closed"
    LEAVING = "leaving"


class Seen(StrEnum):
    """When somebody was last here: within a day, a week, a month; not for 90 days or more; never."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    LONG_AGO = "long_ago"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Who is wanted; what is left empty is not asked about. `q` is part of a name or address."""

    q: str = ""
    role: Role | None = None
    own_role_id: UUID | None = None
    status: PersonStatus | None = None
    seen: Seen | None = None


class PersonLine(BaseModel):
    """One person of the list. `own_roles`: names of the institution's own roles, held in the institution."""

    id: UUID
    email: str
    full_name: str
    status: PersonStatus
    roles: list[Role]
    own_roles: list[str]
    last_seen_at: datetime | None
    created_at: datetime


class OwnRoleHeld(BaseModel):
    """A role of the institution's own that somebody holds; `course_id` None: in the institution."""

    role_id: UUID
    name: str
    course_id: UUID | None


class CourseRoleHeld(BaseModel):
    """A role that somebody holds in one course."""

    role: Role
    course_id: UUID


class PersonView(PersonLine):
    """One person's whole standing. `above`: whether the one who looks may change this person."""

    language: str
    time_zone: str
    has_password: bool
    second_factor: bool
    own_roles_held: list[OwnRoleHeld]
    course_roles: list[CourseRoleHeld]
    sessions: list[SessionView]
    deletion: DeletionView | None
    above: bool
    may_act_as: bool
    permissions: list[Permission]


class ActingReason(BaseModel):
    """Why an administrator acts as somebody; it stands in the audit log."""

    reason: Annotated[SearchText, Field(min_length=5, max_length=200)]


@dataclass(frozen=True, slots=True)
class Acting:
    """That a page's session is an administrator's, as `full_name`, until `until`."""

    full_name: str
    until: datetime
