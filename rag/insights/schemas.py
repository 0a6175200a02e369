"""What instructors see of the questions put to their course."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class OpenQuestion(BaseModel):
    """A question the course did not answer, or answered badly. Who asked is not told."""

    question_id: UUID
    question: str
    language: str
    answer: str
    why: str  # "refused" or "rated_badly"
    reasons: list[str]  # what raters wrote
    asked_at: datetime


class Totals(BaseModel):
    """Counts over all questions of the course."""

    questions: int
    answered: int
    refused: int
    helpful: int
    unhelpful: int


class Insights(BaseModel):
    """Totals, and what waits for an instructor."""

    totals: Totals
    open_questions: list[OpenQuestion]
