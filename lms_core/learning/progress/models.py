"""The tables of progress."""

from datetime import date, datetime
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
    """One person with one lesson. `percent` (0 to 100) and `anchor` tell how far down the page they were.

    `active_seconds` were spent with the page in sight; `video_percent` is how much of its video was really watched;
    `said_done_at` is when its reader called it done, where more than that is asked for.
    """

    __tablename__ = "lesson_progress"
    __table_args__ = (
        UniqueConstraint("user_id", "lesson_id"),
        Index("ix_lesson_progress_user_course", "user_id", "course_id"),
        CheckConstraint("state IN ('opened', 'completed')", name="state"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        CheckConstraint("video_percent BETWEEN 0 AND 100", name="video_percent"),
        Index("ix_lesson_progress_user_updated", "user_id", "updated_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    lesson_id: UUID = Field(foreign_key="lesson.id", ondelete="CASCADE", index=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    state: ProgressState = Field(default=ProgressState.OPENED, sa_type=Text)
    percent: int = 0
    anchor: str = Field(default="", max_length=200)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    active_seconds: int = 0
    video_percent: int = 0
    said_done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class LearningDay(TenantOwned, table=True):
    """What somebody did on one day of their own calendar. `beat_at`: when they were last seen reading."""

    __tablename__ = "learning_day"

    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    day: date = Field(primary_key=True)
    seconds: int = 0
    lessons: int = 0
    questions: int = 0
    beat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
