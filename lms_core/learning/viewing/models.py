"""The table of viewing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class VideoProgress(TenantOwned, table=True):
    """One person with one video of one lesson; `intervals` (`[[from, to], ...]`) and `position` in seconds."""

    __tablename__ = "video_progress"
    __table_args__ = (
        UniqueConstraint("user_id", "lesson_id", "item_id"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    lesson_id: UUID = Field(foreign_key="lesson.id", ondelete="CASCADE", index=True)
    item_id: UUID = Field(foreign_key="media_item.id", ondelete="CASCADE", index=True)
    intervals: list[Any] = Field(default_factory=list, sa_type=JSON)
    position: float = 0.0
    percent: int = 0
    started_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
