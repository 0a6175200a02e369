"""The table of drafts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from lms_core.content.courses.models import LessonStatus
from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class LessonDraft(TenantOwned, table=True):
    """What `author_id` is making of a lesson; `status` is what its status becomes with it."""

    __tablename__ = "lesson_draft"
    __table_args__ = (UniqueConstraint("lesson_id", "author_id"), one_of("status", LessonStatus))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    lesson_id: UUID = Field(foreign_key="lesson.id", ondelete="CASCADE")
    author_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    base_version: int
    revision: int = 1
    title: str = Field(max_length=300)
    body: str = Field(sa_type=Text)
    status: LessonStatus = Field(sa_type=Text)
    note: str = Field(default="", max_length=300)
    updated_at: datetime = Field(sa_type=UtcDateTime)
