"""The tables of announcements."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class AnnouncementState(StrEnum):
    """How far an announcement is."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENT = "sent"


class Announcement(TenantOwned, table=True):
    """One announcement. `cohort_id` None: for the whole course. `html` and `excerpt` are made of
    `body` (Markdown) when it is saved.

    `told_after` is the enrolment up to which people were told of it, `told_at` when all were.
    """

    __tablename__ = "announcement"
    __table_args__ = (
        one_of("state", AnnouncementState),
        Index("ix_announcement_of_course", "course_id", "state", "sent_at"),
        Index("ix_announcement_due", "state", "send_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    cohort_id: UUID | None = Field(default=None, foreign_key="cohort.id", ondelete="CASCADE", index=True)
    author_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    title: str = Field(max_length=200)
    body: str = Field(default="", sa_type=Text)
    html: str = Field(default="", sa_type=Text)
    excerpt: str = Field(default="", max_length=300)
    pinned: bool = False
    mailed: bool = False
    state: AnnouncementState = Field(default=AnnouncementState.DRAFT, sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    send_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_after: UUID | None = None
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AnnouncementRead(TenantOwned, table=True):
    """That somebody read an announcement."""

    __tablename__ = "announcement_read"

    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    announcement_id: UUID = Field(foreign_key="announcement.id", ondelete="CASCADE", primary_key=True, index=True)
    read_at: datetime = Field(sa_type=UtcDateTime)
