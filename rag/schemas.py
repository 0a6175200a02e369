"""The shapes that travel between chunking, embedding, index, retrieval and answering."""

from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Int8Array = NDArray[np.int8]
IntArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A citable span of a chunk: `chunk.text[start:end]`.

    `kind` is the block kind it stands in (paragraph, list_item, code,
    table_row, ...); code blocks and table rows are one span each.
    """

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    """A passage cut from one lesson, before it has an identity.

    `text` is the verbatim plain text of its blocks joined by newlines;
    `prefix` (lesson title > headings) is embedded with it but never quoted.
    """

    ordinal: int
    text: str
    prefix: str
    sentences: tuple[Sentence, ...]
    heading_path: tuple[str, ...]
    anchor: str | None
    page: int | None
    start_seconds: float | None
    content_hash: str  # sha256 hex over prefix, text and sentence spans


@dataclass(frozen=True, slots=True)
class ChunkVectors:
    """What the embedding model says of one chunk; unit vectors throughout."""

    dense: FloatArray  # (dim,)
    sentences: Int8Array  # (sentences, dim), quantised by 127
    tokens: Int8Array  # (pieces, token_dim), quantised by 127
    pieces: IntArray  # (pieces,) word-piece ids, no special tokens


@dataclass(frozen=True, slots=True)
class QuestionVectors:
    """A question in the same space; unit vectors, not quantised."""

    dense: FloatArray  # (dim,)
    tokens: FloatArray  # (pieces, token_dim)
    pieces: IntArray  # (pieces,)


@dataclass(frozen=True, slots=True)
class SparseVector:
    """BM25 term weights: stable 32-bit term ids and their weights, sorted by id."""

    ids: NDArray[np.uint32]
    weights: FloatArray


@dataclass(frozen=True, slots=True)
class CourseStats:
    """Collection statistics of one course (or one language of it), for idf."""

    chunks: int
    term_df: dict[int, int]  # term id -> chunks that hold it
    piece_df: dict[int, int]  # word-piece id -> chunks that hold it
    words: frozenset[str] = frozenset()  # `languages.course_words` of all chunks, for loanwords


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk fetched for scoring, with everything stored about it."""

    chunk_id: UUID
    lesson_id: UUID
    language: str
    text: str
    sentences: tuple[Sentence, ...]
    vectors: ChunkVectors
    terms: SparseVector
    heading_path: tuple[str, ...] = ()
    anchor: str | None = None
    page: int | None = None
    start_seconds: float | None = None
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A scored candidate. `parts` names each score (V, S, Tw, Bn) for explanation."""

    candidate: Candidate
    score: float
    parts: dict[str, float]
    sentence_scores: FloatArray  # (sentences,) how well each sentence answers


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What one search found, best first, and what is known about the question.

    `question` is as asked; `gloss` its English rendering when it was translated
    (else equal); `language` the asker's (BCP 47).
    """

    question: str
    gloss: str
    language: str
    hits: tuple[Hit, ...]
    vectors: QuestionVectors | None
    answerable: float  # 0 to 1: how likely the course answers this
    threshold: float  # below it the assistant refuses
    reasons: tuple[str, ...] = ()  # codes such as "unseen_entity"
    timings_ms: dict[str, float] = field(default_factory=dict)
