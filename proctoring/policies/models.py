"""The table of policies."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class Policy(TenantOwned, table=True):
    """A version of a quiz's policy; the highest is in force. `rules` is a `PolicyIn`; None: supervision ended there."""

    __tablename__ = "proctor_policy"
    __table_args__ = (UniqueConstraint("quiz_id", "version"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    quiz_id: UUID = Field(foreign_key="quiz.id", ondelete="CASCADE")
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    version: int
    rules: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    made_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
