"""The shapes of answering: the request, the stream of events, and the port both answerers fill."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from rag.schemas import Retrieval

Mode = Literal["answer", "explain", "simpler", "hint", "summary"]
Status = Literal["answered", "refused"]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation and what was answered."""

    question: str
    answer: str


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """One question with what was found for it. `stop` is polled; true ends the answer early."""

    question: str
    retrieval: Retrieval
    history: tuple[Turn, ...] = ()
    language: str = "en"  # the asker's, BCP 47
    mode: Mode = "answer"
    stop: Callable[[], bool] = _never


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's Markdown; the pieces joined are `Finished.answer`."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """Citation `[number]`: `quote == candidate.text[start:end]` of the chunk it names.

    `spans` are the sentences inside the quote, as offsets into the chunk's text.
    """

    number: int
    chunk_id: UUID
    lesson_id: UUID
    start: int
    end: int
    spans: tuple[tuple[int, int], ...]
    quote: str
    score: float
    anchor: str | None = None
    page: int | None = None
    start_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Cleared:
    """The pieces sent so far are withdrawn: the client empties the answer. `reason` is a code."""

    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader or an operator should know about this answer: a stable code and a sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A nearby place in the course, offered as data; nothing is claimed about it."""

    lesson_id: UUID
    chunk_id: UUID
    anchor: str | None
    heading_path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every stream. A refused answer has no citations."""

    answer: str
    citations: tuple[Cited, ...]
    status: Status
    answered_by: str
    notes: tuple[Note, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


AnswerEvent = Token | Cited | Cleared | Finished


class Answerer(Protocol):
    """Answers one question; the last event is always `Finished`, also when things go wrong."""

    name: str

    def answer(self, request: AnswerRequest) -> Iterator[AnswerEvent]:
        """Stream the answer: pieces and citations in reading order, then `Finished`."""
        ...
