"""The enrolment table."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class EnrollmentStatus(StrEnum):
    """Whether somebody is in a course now."""

    ACTIVE = "active"
    LEFT = "left"


class Enrollment(TenantOwned, table=True):
    """That a person is, or was, in a course. `source` says by what way: self, invite, purchase, sub:... (lent)."""

    __tablename__ = "enrollment"
    __table_args__ = (
        UniqueConstraint("user_id", "course_id"),
        CheckConstraint("status IN ('active', 'left')", name="status"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    status: EnrollmentStatus = Field(default=EnrollmentStatus.ACTIVE, sa_type=Text)
    source: str = Field(default="self", max_length=20)
    enrolled_at: datetime = Field(sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
