"""The tables of question drafts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class DraftKind(StrEnum):
    """How a draft was made."""

    DEFINITION = "definition"
    TERM = "term"
    NUMBER = "number"
    LIST = "list"
    STEPS = "steps"
    MODEL = "model"


class Check(StrEnum):
    """What the key check came to: passed, or why a person has to look closer."""

    PASSED = "passed"
    REFUSED = "refused"
    ELSEWHERE = "elsewhere"
    WRONG_FITS = "wrong_fits"
    EDITED = "edited"


class DraftStatus(StrEnum):
    """Where a draft stands; only a waiting one is changed, approved or rejected."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


class DraftingStatus(StrEnum):
    """Where a search for questions stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class QuestionDraft(TenantOwned, table=True):
    """A question that nobody sees but editors: `question` as `QuestionIn`, its source and what the check said.

    The source is `chunk.text[span_start:span_end]` of passage `chunk_id` of the lesson's `version`; `quote` copies it.
    `made_by`: "templates", or the name of a chat model.
    """

    __tablename__ = "question_draft"
    __table_args__ = (
        UniqueConstraint("lesson_id", "fingerprint"),
        Index("ix_question_draft_course_status", "course_id", "status", "id"),
        one_of("kind", DraftKind),
        one_of("verdict", Check),
        one_of("status", DraftStatus),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    lesson_id: UUID = Field(foreign_key="lesson.id", ondelete="CASCADE")
    version: int
    chunk_id: UUID
    span_start: int
    span_end: int
    quote: str = Field(sa_type=Text)
    anchor: str | None = Field(default=None, max_length=300)
    language: str = Field(max_length=10)
    kind: DraftKind = Field(sa_type=Text)
    question: dict[str, Any] = Field(sa_type=JSON)
    fingerprint: str = Field(max_length=64)
    verdict: Check = Field(sa_type=Text)
    made_by: str = Field(max_length=200)
    status: DraftStatus = Field(default=DraftStatus.WAITING, sa_type=Text)
    quiz_id: UUID | None = Field(default=None, foreign_key="quiz.id", ondelete="SET NULL", index=True)
    decided_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Drafting(TenantOwned, table=True):
    """The latest search for questions in a course: `done` of `total` lessons, `made` drafts. `lesson_ids`: which."""

    __tablename__ = "question_drafting"
    __table_args__ = (UniqueConstraint("course_id"), one_of("status", DraftingStatus))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    asked_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    lesson_ids: list[str] = Field(sa_type=JSON)
    run_id: UUID
    status: DraftingStatus = Field(default=DraftingStatus.QUEUED, sa_type=Text)
    total: int = 0
    done: int = 0
    made: int = 0
    note: str = Field(default="", max_length=60)
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
