"""Questions written by a chat model, taken only as far as the passage bears them out.

The model answers with JSON of one shape; what is not of it, names a span that does
not stand in the passage, or claims what that span does not say, is dropped.
"""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import ChoiceIn, QuestionIn
from rag.answering import citable
from rag.answering.provider import complete_text
from rag.answering.words import content_stems, numbers
from rag.drafts.material import Passage
from rag.drafts.models import DraftKind
from rag.drafts.proposals import Proposal, escaped

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MOST_OF_A_PASSAGE = 3
SUPPORTED = 0.6  # of the key's content words, in the span it is said to come from
_LANGUAGES = {"en": "English", "sw": "Swahili"}
_PROMPT = Path(__file__).with_name("prompt.md")

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Written(BaseModel):
    """One question as the model has to write it."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["single", "short_text", "numeric"]
    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=400)]
    span: Annotated[str, StringConstraints(min_length=8, max_length=1000)]
    answer: Line
    wrong: list[Line] = Field(default=[], max_length=4)


class Reply(BaseModel):
    """All of a passage."""

    model_config = ConfigDict(extra="forbid")
    questions: list[Written] = Field(max_length=10)


def write(model: "BaseChatModel", passage: Passage, *, seconds: float) -> list[Proposal]:
    """At most three questions on one passage that its text bears out. `provider.StreamFailed` without an answer."""
    text = "\n".join(span.text for span in passage.spans if not citable.is_instruction_to_assistant(span.text))
    marker = secrets.token_hex(8)
    prompt = Template(_PROMPT.read_text("utf-8")).substitute(
        language=_LANGUAGES.get(passage.language[:2], "English"),
        most=MOST_OF_A_PASSAGE,
        headings=" > ".join(passage.headings),
        marker=marker,
        passage=text,
    )
    said = complete_text(model, prompt, seconds=seconds)
    return list(_believed(said, passage))[:MOST_OF_A_PASSAGE]


def _believed(said: str, passage: Passage) -> Iterator[Proposal]:
    """The questions of a reply that pass every check."""
    begin, end = said.find("{"), said.rfind("}")
    try:
        reply = Reply.model_validate(json.loads(said[begin : end + 1]))
    except (ValueError, ValidationError):
        return
    for written in reply.questions:
        start = passage.text.find(written.span)
        if start >= 0 and _holds(written):
            question = _question(written)
            if question is not None:
                yield Proposal(
                    kind=DraftKind.MODEL,
                    passage=passage,
                    start=start,
                    end=start + len(written.span),
                    question=question,
                    asked=written.question,
                    keys=(written.answer,),
                    wrong=tuple(written.wrong) if written.type == "single" else (),
                )


def _holds(written: Written) -> bool:
    """Whether the span says the answer, the question does not, and no wrong answer is said there too."""
    told = (written.question, written.answer, written.span, *written.wrong)
    if any(citable.is_instruction_to_assistant(each) for each in told):
        return False
    if not numbers(written.answer) <= numbers(written.span):
        return False
    span, answer = content_stems(written.span), content_stems(written.answer)
    if not answer or len(answer & span) / len(answer) < SUPPORTED:
        return False
    if written.answer.casefold() in written.question.casefold():
        return False
    others = [each.casefold() for each in written.wrong]
    distinct = len({*others, written.answer.casefold()}) == len(others) + 1
    return distinct and not any(each in written.span.casefold() for each in others)


def _question(written: Written) -> QuestionIn | None:
    text = escaped(written.question)
    if written.type == "numeric":
        found = numbers(written.answer)
        if len(found) != 1:
            return None
        try:
            return QuestionIn(type=QuestionType.NUMERIC, text=text, value=float(found.pop()))
        except ValueError:
            return None
    if written.type == "short_text":
        if len(written.answer.split()) > 4:
            return None
        return QuestionIn(type=QuestionType.SHORT_TEXT, text=text, accepted=[written.answer])
    if len(written.wrong) < 2:
        return None
    choices = [ChoiceIn(text=escaped(written.answer), correct=True)]
    choices += [ChoiceIn(text=escaped(each)) for each in written.wrong]
    return QuestionIn(type=QuestionType.SINGLE, text=text, choices=sorted(choices, key=lambda each: each.text))
