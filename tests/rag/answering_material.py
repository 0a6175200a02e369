"""Hits for answering tests, made from lesson text written for them and scored by shared words."""

import re
from collections.abc import Sequence
from uuid import UUID

import numpy as np

from rag.answering.schemas import AnswerRequest, Mode, Turn
from rag.answering.words import content_stems
from rag.schemas import Candidate, ChunkVectors, Hit, Retrieval, Sentence, SparseVector

Lines = Sequence[tuple[str, str]]  # (block kind, text)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


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
