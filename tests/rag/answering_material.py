"""Hits for answering tests, made from lesson text written for them and scored by shared words.

`run` answers and checks what holds for every answer.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from rag.answering.extractive import BUDGETS, ExtractiveAnswerer
from rag.answering.schemas import AnswerRequest, Cited, Finished, Mode, Token, Turn
from rag.answering.words import content_stems, word_count
from rag.schemas import Candidate, ChunkVectors, Hit, Retrieval, Sentence, SparseVector

Lines = Sequence[tuple[str, str]]  # (block kind, text)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


POTS = [
    ("paragraph", "In this lesson we'll cover clay pots and how to use them."),
    (
        "paragraph",
        "A zeer is a clay pot inside a larger pot with wet sand between them. It keeps food cool without "
        "electricity. Water evaporates from the sand and takes heat away.",
    ),
    ("paragraph", "The picture above shows a zeer in a market."),
]
STEPS = [
    ("paragraph", "To build a zeer, do the following:"),
    ("list_item", "Put sand in the large pot."),
    ("list_item", "Set the small pot on the sand."),
    ("list_item", "Fill the gap with wet sand."),
    ("paragraph", "Cover the zeer with a damp cloth."),
]
PRICES = [
    ("table_header", "Pot | Price in shillings"),
    ("table_row", "Small pot | 150"),
    ("table_row", "Large pot | 400"),
]
CODE = [
    ("paragraph", "The list command shows the pots in a folder."),
    ("code", "pots list --all\npots show 3"),
    ("paragraph", "It needs no password."),
]


def spans(blocks: Lines) -> tuple[str, tuple[Sentence, ...]]:
    """The chunk text of the blocks and its sentence spans; code and table rows are one span each."""
    text, found = "", []
    for kind, block in blocks:
        text += "\n" if text else ""
        parts = [block] if kind in ("code", "table_row", "table_header") else _SENTENCE_END.split(block)
        for part in parts:
            start = len(text) + block.index(part)
            found.append(Sentence(start, start + len(part), kind))
        text += block
    return text, tuple(found)


def hit(number: int, question: str, blocks: Lines, *, language: str = "en", penalty: float = 0.0) -> Hit:
    """A passage of lesson `number`; its sentences are scored by the question's stems they hold."""
    text, sentences = spans(blocks)
    asked = content_stems(question)
    scores = np.array(
        [len(asked & content_stems(text[one.start : one.end])) / max(len(asked), 1) - penalty for one in sentences],
        np.float32,
    )
    vectors = ChunkVectors(
        dense=np.zeros(4, np.float32),
        sentences=np.zeros((len(sentences), 4), np.int8),
        tokens=np.zeros((0, 4), np.int8),
        pieces=np.zeros(0, np.int32),
    )
    candidate = Candidate(
        chunk_id=UUID(int=number),
        lesson_id=UUID(int=1000 + number),
        language=language,
        text=text,
        sentences=sentences,
        vectors=vectors,
        terms=SparseVector(np.zeros(0, np.uint32), np.zeros(0, np.float32)),
        heading_path=(f"Lesson {number}",),
        anchor=f"part-{number}",
    )
    return Hit(candidate, 1.0 - penalty, {"F": 1.0 - penalty}, scores)


def request(
    question: str,
    *passages: Lines,
    gloss: str | None = None,
    language: str = "en",
    lessons: str = "en",
    mode: Mode = "answer",
    answerable: float = 0.9,
    history: tuple[Turn, ...] = (),
) -> AnswerRequest:
    """A request over the passages, best first."""
    hits = tuple(
        hit(number, gloss or question, blocks, language=lessons, penalty=0.1 * (number - 1))
        for number, blocks in enumerate(passages, start=1)
    )
    retrieval = Retrieval(question, gloss or question, language, hits, None, answerable, 0.5)
    return AnswerRequest(question, retrieval, history=history, language=language, mode=mode)


def under_headings(asked: AnswerRequest, *headings: str) -> AnswerRequest:
    """The request with its passages standing under these headings, one each."""
    hits = tuple(
        replace(one, candidate=replace(one.candidate, heading_path=(*one.candidate.heading_path, heading)))
        for one, heading in zip(asked.retrieval.hits, headings, strict=True)
    )
    return replace(asked, retrieval=replace(asked.retrieval, hits=hits))


def run(asked: AnswerRequest) -> Finished:
    """Answer and check what holds for every answer."""
    events = list(ExtractiveAnswerer().answer(asked))
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert "".join(event.text for event in events if isinstance(event, Token)) == finished.answer
    cited = [event for event in events if isinstance(event, Cited)]
    assert tuple(cited) == finished.citations
    assert [one.number for one in cited] == list(range(1, len(cited) + 1))
    texts = {one.candidate.chunk_id: one.candidate.text for one in asked.retrieval.hits}
    for one in cited:
        assert one.quote == texts[one.chunk_id][one.start : one.end]
        assert f"[{one.number}]" in finished.answer
    prose = re.sub(r"```.*?```", "", finished.answer, flags=re.DOTALL)
    if cited:
        assert word_count(re.sub(r"\[\d+\]", "", prose)) <= BUDGETS[asked.mode]
    return finished
