"""The table of copies."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class CopyState(StrEnum):
    """waiting -> files (bytes are copied) -> texts (rows are there, lessons are rendered) -> done; or failed."""

    WAITING = "waiting"
    FILES = "files"
    TEXTS = "texts"
    DONE = "done"
    FAILED = "failed"


class CourseCopy(TenantOwned, table=True):
    """One copy on its way. `done` of `total` counts stored objects and lessons; `by` made it and hears of its end."""

    __tablename__ = "course_copy"
    __table_args__ = (
        one_of("state", CopyState),
        CheckConstraint("done BETWEEN 0 AND total", name="done"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    source_id: UUID | None = Field(default=None, foreign_key="course.id", ondelete="SET NULL", index=True)
    target_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    state: CopyState = Field(default=CopyState.WAITING, sa_type=Text)
    done: int = 0
    total: int = 0
    reason: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
