"""The progress table."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class ProgressState(StrEnum):
    """How far somebody is with a lesson."""

    OPENED = "opened"
    COMPLETED = "completed"


class LessonProgress(TenantOwned, table=True):
    """One person with one lesson. `percent` (0 to 100) and `anchor` tell how far down the page they were."""

    __tablename__ = "lesson_progress"
    __table_args__ = (
        UniqueConstraint("user_id", "lesson_id"),
        Index("ix_lesson_progress_user_course", "user_id", "course_id"),
        CheckConstraint("state IN ('opened', 'completed')", name="state"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    lesson_id: UUID = Field(foreign_key="lesson.id", ondelete="CASCADE", index=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    state: ProgressState = Field(default=ProgressState.OPENED, sa_type=Text)
    percent: int = 0
    anchor: str = Field(default="", max_length=200)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
