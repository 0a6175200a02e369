"""Conversations and what was said in them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class AnswerStatus(StrEnum):
    """Where an answer stands. `running` until its job is through."""

    RUNNING = "running"
    ANSWERED = "answered"
    REFUSED = "refused"
    STOPPED = "stopped"
    FAILED = "failed"


class Conversation(TenantOwned, table=True):
    """A learner's thread of questions to one course."""

    __tablename__ = "conversation"
    __table_args__ = (Index("ix_conversation_user_updated", "user_id", "updated_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    title: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Question(TenantOwned, table=True):
    """What was asked. `standalone` is how it was understood in its conversation."""

    __tablename__ = "question"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True, ondelete="CASCADE")
    course_id: UUID = Field(foreign_key="course.id", index=True, ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    lesson_id: UUID | None = None
    text: str = Field(sa_type=Text)
    standalone: str = Field(default="", sa_type=Text)
    language: str = Field(default="en", max_length=10)
    mode: str = Field(default="answer", max_length=12)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Answer(TenantOwned, table=True):
    """The answer to one question, made by a job of its own."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("question_id"), Index("ix_answer_course_status", "course_id", "status"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    question_id: UUID = Field(foreign_key="question.id", ondelete="CASCADE")
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    status: AnswerStatus = Field(default=AnswerStatus.RUNNING, max_length=12, sa_type=Text)
    text: str = Field(default="", sa_type=Text)
    answered_by: str = Field(default="", max_length=120)
    faq_entry_id: UUID | None = Field(default=None, foreign_key="faq_entry.id", ondelete="SET NULL")
    notes: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    suggestions: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    trace: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    timings_ms: dict[str, float] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Citation(TenantOwned, table=True):
    """Where one numbered claim of an answer stands in the course. Gone with the lesson it quotes."""

    __tablename__ = "citation"
    __table_args__ = (UniqueConstraint("answer_id", "number"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    answer_id: UUID = Field(foreign_key="answer.id", ondelete="CASCADE")
    lesson_id: UUID = Field(foreign_key="lesson.id", index=True, ondelete="CASCADE")
    number: int
    anchor: str | None = Field(default=None, max_length=300)
    page: int | None = None
    start_seconds: float | None = None
    quote: str = Field(sa_type=Text)
    score: float


class AnswerFeedback(TenantOwned, table=True):
    """One learner's thumb on one answer, with a reason when they gave one."""

    __tablename__ = "answer_feedback"
    __table_args__ = (UniqueConstraint("answer_id", "user_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    answer_id: UUID = Field(foreign_key="answer.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    helpful: bool
    reason: str = Field(default="", max_length=1000)
    created_at: datetime = Field(sa_type=UtcDateTime)
