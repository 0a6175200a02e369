"""The scores V, S, Tw and Bn of all candidates at once, as arrays.

Candidates' vectors are laid end to end, so one matrix product per kind
serves all of them; `*_starts` say where each candidate begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.retrieval import weights
from rag.retrieval.languages import latin_script
from rag.retrieval.questions import Reading
from rag.schemas import Candidate, FloatArray

_QUANTUM = np.float32(1 / 127)  # int8 vectors were multiplied by 127


@dataclass(frozen=True, slots=True)
class Stack:
    """All candidates' vectors end to end, with the row where each candidate begins."""

    dense: FloatArray  # (candidates, dim)
    sentences: FloatArray  # (sentences of all, dim)
    sentence_starts: NDArray[np.intp]  # (candidates + 1,)
    tokens: FloatArray  # (pieces of all, token_dim)
    token_starts: NDArray[np.intp]
    terms: NDArray[np.uint32]
    term_weights: FloatArray
    term_starts: NDArray[np.intp]

    def term_sums(self, ids: NDArray[np.uint32], importance: FloatArray) -> FloatArray:
        """Sum over the terms `ids` (ascending) of importance times each candidate's weight: (candidates,)."""
        count = len(self.term_starts) - 1
        if not len(ids):
            return np.zeros(count, np.float32)
        slots = np.minimum(np.searchsorted(ids, self.terms), len(ids) - 1)
        found = np.flatnonzero(ids[slots] == self.terms)
        owner = np.searchsorted(self.term_starts, found, side="right") - 1
        summed = np.bincount(owner, self.term_weights[found] * importance[slots[found]], minlength=count)
        return summed.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Parts:
    """One reading's scores: V, S, Tw, Bn and their sum F, each (candidates,)."""

    reading: Reading
    chunk: FloatArray
    sentence: FloatArray
    tokens: FloatArray
    bm25: FloatArray
    total: FloatArray
    sentence_cosines: FloatArray  # (sentences of all,)
    piece_cosines: FloatArray  # (pieces of all, question pieces)


def stacked(candidates: Sequence[Candidate]) -> Stack:
    """The candidates' vectors end to end."""
    vectors = [candidate.vectors for candidate in candidates]
    return Stack(
        dense=np.stack([one.dense for one in vectors]),
        sentences=_dequantised([one.sentences for one in vectors]),
        sentence_starts=_starts([len(one.sentences) for one in vectors]),
        tokens=_dequantised([one.tokens for one in vectors]),
        token_starts=_starts([len(one.tokens) for one in vectors]),
        terms=np.concatenate([candidate.terms.ids for candidate in candidates]),
        term_weights=np.concatenate([candidate.terms.weights for candidate in candidates]),
        term_starts=_starts([len(candidate.terms.ids) for candidate in candidates]),
    )


def _dequantised(parts: list[NDArray[np.int8]]) -> FloatArray:
    filled = [part for part in parts if part.size]
    if not filled:
        return np.zeros((0, 1), np.float32)
    return np.concatenate(filled).astype(np.float32)


def _starts(lengths: list[int]) -> NDArray[np.intp]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)


def measured(reading: Reading, stack: Stack) -> Parts:
    """Score every candidate for one reading."""
    chunk = stack.dense @ reading.vectors.dense
    sentence_cosines = _product(stack.sentences, reading.vectors.dense[:, None])[:, 0]
    sentence = segment_max(sentence_cosines[:, None], stack.sentence_starts)[:, 0]
    # a passage without sentences is its own best sentence
    sentence = np.where(np.diff(stack.sentence_starts) > 0, sentence, chunk)
    piece_cosines = _product(stack.tokens, reading.vectors.tokens.T)
    maxima = segment_max(piece_cosines, stack.token_starts)
    tokens: FloatArray = (
        maxima @ reading.piece_weights if reading.piece_weights.size else np.zeros(len(chunk), np.float32)
    )
    bm25 = _bm25(reading, stack)
    return Parts(
        reading,
        chunk,
        sentence,
        tokens,
        bm25,
        total(reading, chunk, sentence, tokens, bm25),
        sentence_cosines,
        piece_cosines,
    )


def total(
    reading: Reading, chunk: FloatArray, sentence: FloatArray, tokens: FloatArray, bm25: FloatArray
) -> FloatArray:
    """F of each candidate; by words alone, on F's scale, where the model cannot read the question."""
    if reading.readable:
        summed: FloatArray = (
            weights.CHUNK_COSINE * chunk
            + weights.SENTENCE_COSINE * sentence
            + weights.TOKEN_MAXSIM * tokens
            + weights.BM25_MASS * bm25
        )
        return summed
    cosine = weights.FOREIGN_LATIN_COSINE if latin_script(reading.language) else weights.FOREIGN_SCRIPT_COSINE
    lexical = weights.FOREIGN_BM25 * bm25 + cosine * chunk
    foreign: FloatArray = (weights.FOREIGN_OFFSET + weights.FOREIGN_SLOPE * lexical).astype(np.float32)
    return foreign


def _product(rows: FloatArray, columns: FloatArray) -> FloatArray:
    if not len(rows) or not columns.shape[1]:
        return np.zeros((len(rows), columns.shape[1]), np.float32)
    cosines: FloatArray = (rows @ columns) * _QUANTUM
    return cosines


def segment_max(values: FloatArray, starts: NDArray[np.intp]) -> FloatArray:
    """Maximum over each segment of rows, 0 for an empty one: (segments, columns)."""
    result = np.zeros((len(starts) - 1, values.shape[1]), np.float32)
    filled = np.flatnonzero(np.diff(starts))
    if len(filled) and values.shape[1]:
        result[filled] = np.maximum.reduceat(values, starts[filled], axis=0)
    return result


def _bm25(reading: Reading, stack: Stack) -> FloatArray:
    if reading.term_mass <= 0:
        return np.zeros(len(stack.dense), np.float32)
    return stack.term_sums(reading.term_ids, reading.term_weights) / np.float32(reading.term_mass)
