"""How far indexing has come, lesson by lesson."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime


class LessonIndex(TenantOwned, table=True):
    """Which version of a lesson the index holds. `error` when the last try failed."""

    __tablename__ = "lesson_index"

    lesson_id: UUID = Field(primary_key=True, foreign_key="lesson.id", ondelete="CASCADE")
    course_id: UUID = Field(foreign_key="course.id", index=True, ondelete="CASCADE")
    version: int = 0
    space: str = Field(default="", max_length=120)
    chunks: int = 0
    error: str = Field(default="", sa_type=Text)
    indexed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
