"""What goes in and out of the FAQ."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints


@dataclass(frozen=True, slots=True)
class FaqAnswer:
    """An entry that matched a question, with the cosine of the match."""

    id: UUID
    question: str
    answer: str
    author: str
    cosine: float


# PostgreSQL text holds no NUL; control characters help nobody in an answer.
NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"


class FaqIn(BaseModel):
    """An answer to stand behind; `question_id` names the learner's question it settles."""

    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=NO_CONTROL)]
    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000, pattern=NO_CONTROL)]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] = "en"
    question_id: UUID | None = None


class FaqView(BaseModel):
    """An entry as instructors and learners see it."""

    id: UUID
    question: str
    answer: str
    language: str
    author: str
    ready: bool  # false for the second until its vector is made
    updated_at: datetime
