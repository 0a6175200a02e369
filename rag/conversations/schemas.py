"""What goes in and out of conversations."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, StringConstraints

LONGEST_QUESTION = 20_000
KEPT_CONTROLS = "\n\t\u200c\u200d"


def _without_controls(value: object) -> object:
    """Control characters become spaces; the joiners that Arabic script and emoji need stay."""
    if not isinstance(value, str):
        return value
    return "".join(char if char.isprintable() or char in KEPT_CONTROLS else " " for char in value)


# The validator stands last, so that it runs first and the limits apply to what it leaves.
QuestionText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_QUESTION),
    BeforeValidator(_without_controls),
]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), BeforeValidator(_without_controls)
]
Reason = Annotated[str, StringConstraints(max_length=1000), BeforeValidator(_without_controls)]
LOCKED_NOTE = {
    "code": "lesson_locked",
    "text": "This answer quotes a lesson that is not open for you now. It is shown again when the lesson opens.",
}
AnswerMode = Literal["answer", "explain", "simpler", "hint", "summary"]


class QuestionIn(BaseModel):
    """A question to a course. `lesson_id` narrows nothing; it says where the learner is reading."""

    question: QuestionText
    conversation_id: UUID | None = None
    lesson_id: UUID | None = None
    mode: AnswerMode = "answer"
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None


class CitationView(BaseModel):
    """Where a claim stands: `quote` is verbatim in the lesson, at `anchor` (and page or second).

    `heading_path` leads there: the course's title, the lesson's, then its headings down to the anchor's.
    """

    number: int
    lesson_id: UUID
    lesson_title: str
    heading_path: list[str]
    source_path: str | None
    anchor: str | None
    page: int | None
    start_seconds: float | None
    quote: str
    score: float


class NoteView(BaseModel):
    """Something to know about an answer: a stable code and a sentence."""

    code: str
    text: str


class SuggestionView(BaseModel):
    """A lesson that lies near the question."""

    lesson_id: UUID
    lesson_title: str
    anchor: str | None = None
    heading: str = ""


class AnswerView(BaseModel):
    """An answer, finished or on its way."""

    id: UUID
    conversation_id: UUID
    question_id: UUID
    question: str
    status: Literal["running", "answered", "refused", "stopped", "failed"]
    answer: str
    citations: list[CitationView]
    answered_by: str
    approved_by: str | None = None
    notes: list[NoteView] = []
    suggestions: list[SuggestionView] = []
    helpful: bool | None = None
    timings_ms: dict[str, float]
    created_at: datetime


class ConversationView(BaseModel):
    """A conversation as a list shows it."""

    id: UUID
    course_id: UUID
    title: str
    created_at: datetime
    updated_at: datetime


class ConversationDetail(ConversationView):
    """A conversation with everything said in it, oldest first."""

    answers: list[AnswerView]


class ConversationChange(BaseModel):
    """A new title."""

    title: Title


class FeedbackIn(BaseModel):
    """A thumb and, if wanted, why."""

    helpful: bool
    reason: Reason = ""
