"""Builds the messages for a chat model from the files in `prompts/`.

Passages, question and earlier turns go between marker lines that carry a fresh
random token, so that no lesson can close its own passage.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template

from rag.answering import citable
from rag.answering.schemas import AnswerRequest, Turn
from rag.schemas import Hit

NOT_IN_COURSE = "NOT_IN_COURSE"
MAX_QUESTION_CHARS = 2_000
MAX_TURN_CHARS = 600
HISTORY_TURNS = 3

_FOLDER = Path(__file__).with_name("prompts")
_LANGUAGES = {"en": "English", "sw": "Swahili", "fr": "French", "ar": "Arabic", "es": "Spanish", "pt": "Portuguese"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """The two messages, the passages by the number the model sees, and the marker they stand between."""

    system: str
    user: str
    passages: dict[int, Hit]
    marker: str

    def messages(self) -> list[tuple[str, str]]:
        return [("system", self.system), ("human", self.user)]


@lru_cache(maxsize=16)
def _file(name: str) -> str:
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8").strip()


def answer_prompt(request: AnswerRequest, *, question: str, max_passages: int) -> Prompt:
    """The prompt for one answer. `question` stands on its own; sentences that command the assistant are left out."""
    marker = secrets.token_hex(8)
    passages = dict(enumerate(request.retrieval.hits[:max_passages], start=1))
    shown = "\n".join(
        f"<<<passage {number} {marker}>>>\n{_shown(hit)}\n<<<end passage {number} {marker}>>>"
        for number, hit in passages.items()
    )
    user = Template(_file("passages")).substitute(
        task=_file(request.mode),
        language=_LANGUAGES.get(request.language.split("-")[0].lower(), request.language[:20]),
        conversation=_conversation(request.history, marker=marker),
        passages=shown,
        marker=marker,
        question=question[:MAX_QUESTION_CHARS],
    )
    return Prompt(_file("system"), user, passages, marker)


def rewrite_prompt(question: str, *, history: Sequence[Turn]) -> str:
    """The message that asks for a standalone question."""
    marker = secrets.token_hex(8)
    return Template(_file("rewrite")).substitute(
        conversation=_conversation(history, marker=marker), marker=marker, question=question[:MAX_QUESTION_CHARS]
    )


def _conversation(history: Sequence[Turn], *, marker: str) -> str:
    if not history:
        return ""
    turns = "\n".join(
        f"Learner: {turn.question[:MAX_TURN_CHARS]}\nAssistant: {turn.answer[:MAX_TURN_CHARS]}"
        for turn in history[-HISTORY_TURNS:]
    )
    return f"The conversation so far:\n<<<conversation {marker}>>>\n{turns}\n<<<end conversation {marker}>>>\n"


def _shown(hit: Hit) -> str:
    """Headings and text of a passage, its lines kept, without instructions aimed at the assistant."""
    found = hit.candidate
    kept: list[str] = []
    at = 0
    for span in found.sentences:
        text = found.text[span.start : span.end]
        kept.append(found.text[at : span.start])
        at = span.end
        if not citable.is_instruction_to_assistant(text):
            kept.append(text)
    body = "".join(kept).strip()
    headings = " > ".join(found.heading_path)
    return f"({headings})\n{body}" if headings else body
