"""Inputs and views of staff. A role is `owner`, `instructor`, `assistant`, or one of the institution's own."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from lms_core.identity.access.schemas import CourseRoleChoice, CustomRoleView
from lms_core.identity.accounts.schemas import EmailAddress


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class InvitationIn(CourseRoleChoice):
    """Whom to ask, and for which role."""

    email: EmailAddress


class Chosen(CourseRoleChoice):
    """A colleague to put on the staff at once."""

    user_id: UUID


class InvitationAnswer(BaseModel):
    """The token of the letter; without it the account's own address must be confirmed."""

    token: Annotated[str, Field(max_length=200)] = ""


class StaffMember(View):
    """Somebody on the staff. `may_change`: whether the one who looks may change or remove them."""

    user_id: UUID
    full_name: str
    email: str
    role: str | None
    role_id: UUID | None
    role_name: str
    may_change: bool


class InvitationView(View):
    """An open invitation."""

    id: UUID
    course_id: UUID
    course_title: str
    course_slug: str
    email: str
    role: str | None
    role_id: UUID | None
    role_name: str
    invited_by: str
    expires_at: datetime


class Colleague(View):
    """Somebody who teaches in the institution."""

    id: UUID
    full_name: str


class StaffView(View):
    """The staff of a course, who is asked to join it, whom and for what one may ask."""

    members: tuple[StaffMember, ...]
    invitations: tuple[InvitationView, ...]
    colleagues: tuple[Colleague, ...]
    roles: tuple[CustomRoleView, ...]
    may_transfer: bool
