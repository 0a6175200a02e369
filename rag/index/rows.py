"""Between arrays and the bytes that rows hold."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from rag.index.models import Chunk, ChunkEmbedding, CourseIndex
from rag.schemas import Candidate, ChunkVectors, CourseStats, Sentence, SparseVector


def embedding_row(chunk_id: object, space: str, vectors: ChunkVectors, terms: SparseVector) -> ChunkEmbedding:
    """The row that keeps `vectors` and `terms` of a chunk."""
    return ChunkEmbedding(
        chunk_id=chunk_id,
        space=space,
        dense=vectors.dense.astype("<f4").tobytes(),
        sentences=vectors.sentences.astype("i1").tobytes(),
        tokens=vectors.tokens.astype("i1").tobytes(),
        pieces=vectors.pieces.astype("<i4").tobytes(),
        term_ids=terms.ids.astype("<u4").tobytes(),
        term_weights=terms.weights.astype("<f4").tobytes(),
    )


# What of a passage may change while its text stays: with the id it says whether a decoded passage is still right.
STAMP_COLUMNS = (Chunk.id, Chunk.content_hash, Chunk.anchor, Chunk.page, Chunk.start_seconds)

CANDIDATE_COLUMNS = (
    *STAMP_COLUMNS,
    Chunk.lesson_id,
    Chunk.language,
    Chunk.text,
    Chunk.spans,
    Chunk.heading_path,
    ChunkEmbedding.dense,
    ChunkEmbedding.sentences,
    ChunkEmbedding.tokens,
    ChunkEmbedding.pieces,
    ChunkEmbedding.term_ids,
    ChunkEmbedding.term_weights,
)


def candidate(row: Any) -> Candidate:
    """A row of `CANDIDATE_COLUMNS` as scoring wants it."""
    return Candidate(
        chunk_id=row.id,
        lesson_id=row.lesson_id,
        language=row.language,
        text=row.text,
        sentences=tuple(Sentence(*span) for span in row.spans),
        vectors=_vectors(row),
        terms=SparseVector(np.frombuffer(row.term_ids, "<u4"), np.frombuffer(row.term_weights, "<f4")),
        heading_path=tuple(row.heading_path),
        anchor=row.anchor,
        page=row.page,
        start_seconds=row.start_seconds,
        content_hash=row.content_hash,
    )


def _vectors(row: Any) -> ChunkVectors:
    dense = np.frombuffer(row.dense, "<f4")
    pieces = np.frombuffer(row.pieces, "<i4")
    tokens = np.frombuffer(row.tokens, "i1")
    return ChunkVectors(
        dense=dense,
        sentences=np.frombuffer(row.sentences, "i1").reshape(-1, len(dense)),
        tokens=tokens.reshape(len(pieces), -1) if len(pieces) else tokens.reshape(0, 1),
        pieces=pieces,
    )


def stats_of(row: CourseIndex | None) -> CourseStats:
    """A course's statistics; of an empty course when it has no row."""
    if row is None:
        return CourseStats(0, {}, {})
    return CourseStats(
        chunks=row.chunks,
        term_df=_counts(row.term_ids, row.term_df, "<u4"),
        piece_df=_counts(row.piece_ids, row.piece_df, "<i4"),
        words=frozenset(row.words.split(" ")) if row.words else frozenset(),
    )


def _counts(ids: bytes, counts: bytes, kind: str) -> dict[int, int]:
    return dict(zip(np.frombuffer(ids, kind).tolist(), np.frombuffer(counts, "<i4").tolist(), strict=True))


def keep_stats(row: CourseIndex, stats: CourseStats) -> None:
    """Write `stats` into the row."""
    row.chunks = stats.chunks
    row.term_ids, row.term_df = _arrays(stats.term_df, "<u4")
    row.piece_ids, row.piece_df = _arrays(stats.piece_df, "<i4")
    row.words = " ".join(sorted(stats.words))


def _arrays(counts: Mapping[int, int], kind: str) -> tuple[bytes, bytes]:
    items = sorted((key, count) for key, count in counts.items() if count > 0)
    return (
        np.array([key for key, _ in items], dtype=kind).tobytes(),
        np.array([count for _, count in items], dtype="<i4").tobytes(),
    )


class Counted(Protocol):
    """What statistics need of a stored chunk: a `ChunkEmbedding`, or a row with these two columns."""

    @property
    def term_ids(self) -> bytes: ...

    @property
    def pieces(self) -> bytes: ...


def changed_stats(
    stats: CourseStats,
    *,
    added: Sequence[Counted],
    removed: Sequence[Counted],
    words: frozenset[str] = frozenset(),
) -> CourseStats:
    """The statistics after chunks came and went; `words` are those of the text that came.

    Words that left with a chunk stay until the course is counted anew: they only
    suggest loanwords.
    """
    term_df, piece_df = dict(stats.term_df), dict(stats.piece_df)
    for rows, sign in ((added, 1), (removed, -1)):
        for row in rows:
            for term in np.frombuffer(row.term_ids, "<u4").tolist():
                term_df[term] = term_df.get(term, 0) + sign
            for piece in np.unique(np.frombuffer(row.pieces, "<i4")).tolist():
                piece_df[piece] = piece_df.get(piece, 0) + sign
    return CourseStats(stats.chunks + len(added) - len(removed), term_df, piece_df, stats.words | words)
