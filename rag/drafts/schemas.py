"""What goes in and out of question drafts."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from lms_core.learning.assessments.schemas import QuestionIn
from rag.drafts.models import Check, DraftingStatus, DraftKind, DraftStatus


class DraftingIn(BaseModel):
    """Where to look for questions: these lessons, or all of the course."""

    lesson_ids: list[UUID] | None = Field(default=None, max_length=2000)


class Approval(BaseModel):
    """Into which quiz, or which question bank, a draft goes; `question` replaces it first, as edited."""

    quiz_id: UUID | None = None
    bank_id: UUID | None = None
    question: QuestionIn | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.quiz_id is None) == (self.bank_id is None):
            raise ValueError("name the quiz or the question bank the draft goes into")
        return self


class DraftingView(BaseModel):
    """The latest search for questions. `note`: a code of what went otherwise than meant; "" when nothing did."""

    status: DraftingStatus
    total: int
    done: int
    made: int
    note: str
    created_at: datetime
    finished_at: datetime | None


class DraftView(BaseModel):
    """A draft for editors. `quote` is its source in the lesson; `stale`: the lesson says something else by now."""

    id: UUID
    lesson_id: UUID
    lesson_title: str
    version: int
    span_start: int
    span_end: int
    quote: str
    anchor: str | None
    language: str
    kind: DraftKind
    question: QuestionIn
    verdict: Check
    made_by: str
    status: DraftStatus
    stale: bool
    quiz_id: UUID | None
    created_at: datetime
