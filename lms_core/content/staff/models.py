"""The table of invitations."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class InvitationState(StrEnum):
    """What became of an invitation. Withdrawn: by the course's staff."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class StaffInvitation(TenantOwned, table=True):
    """That somebody with this address is asked to join the staff, by `role` or else by a role of the institution's own.

    `token_hash` is set when the letter goes out. `language` is the letter's.
    """

    __tablename__ = "staff_invitation"
    __table_args__ = (
        one_of("state", InvitationState),
        Index("ix_staff_invitation_of_course", "course_id", "state"),
        Index("ix_staff_invitation_of_address", "tenant_id", "email_key", "state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    email: str = Field(max_length=320)
    email_key: str = Field(max_length=320)
    role: str | None = Field(default=None, max_length=20)
    role_id: UUID | None = Field(default=None, foreign_key="custom_role.id", ondelete="CASCADE", index=True)
    invited_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    language: str = Field(default="en", max_length=35)
    token_hash: str | None = Field(default=None, max_length=64, unique=True)
    state: InvitationState = Field(default=InvitationState.PENDING, sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
