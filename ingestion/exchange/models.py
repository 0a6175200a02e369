"""The table of question imports."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class ExchangeStatus(StrEnum):
    """Where an import stands: looked at, waiting for its job, being carried out, done, failed."""

    PREVIEW = "preview"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class QuestionImport(TenantOwned, table=True):
    """One file of questions. The file lies in storage until it is carried out; `first` are its first questions.

    They go behind those of `quiz_id` (`append`), into a bank (`to_bank`: `bank_id`, or a new one), or a new quiz.
    `counts`: questions by type. `report`: lines as item, code and value. `done` of `total` counts files and questions.
    """

    __tablename__ = "question_import"
    __table_args__ = (one_of("status", ExchangeStatus),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    quiz_id: UUID | None = Field(default=None, foreign_key="quiz.id", ondelete="SET NULL", index=True)
    name: str = Field(max_length=200)
    title: str = Field(default="", max_length=300)
    format: str = Field(max_length=20)
    status: ExchangeStatus = Field(default=ExchangeStatus.PREVIEW, sa_type=Text)
    storage_key: str = Field(default="", max_length=300)
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    questions: int = 0
    files: int = 0
    first: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    report: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    append: bool = False
    to_bank: bool = False
    bank_id: UUID | None = Field(default=None, foreign_key="question_bank.id", ondelete="SET NULL", index=True)
    quiz_ids: list[str] = Field(default_factory=list, sa_type=JSON)
    done: int = 0
    total: int = 0
    reason: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
