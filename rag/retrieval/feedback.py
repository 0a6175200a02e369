"""Pseudo-relevance feedback: what the first passages say, added to a long question.

Words after RM3 (Lavrenko and Croft 2001; Jaleel et al. 2004), direction
after Rocchio. Used only for questions of several content words that already
match well: on short or paraphrased questions the first passages are too
often wrong, and feedback makes the error worse.
"""

from dataclasses import replace

import numpy as np

from rag.retrieval import weights
from rag.retrieval.parts import Parts, Stack, total
from rag.retrieval.questions import idf
from rag.schemas import CourseStats, FloatArray


def applied(parts: Parts, stack: Stack, stats: CourseStats) -> Parts:
    """`parts` with feedback blended into its totals, as far as the question allows it."""
    gate = _gate(parts)
    if gate <= 0:
        return parts
    first = np.argsort(-parts.total, kind="stable")[: weights.FEEDBACK_PASSAGES]
    share = np.exp(weights.FEEDBACK_SHARPNESS * (parts.total[first] - parts.total[first].max()))
    share /= share.sum()
    expanded = total(
        parts.reading,
        stack.dense @ _moved(parts, stack, first, share),
        parts.sentence,
        parts.tokens,
        weights.FEEDBACK_KEPT_BM25 * parts.bm25,
    )
    expanded = expanded + weights.FEEDBACK_TERM_WEIGHT * _term_scores(stack, stats, first, share)
    return replace(parts, total=((1 - gate) * parts.total + gate * expanded).astype(np.float32))


def _gate(parts: Parts) -> float:
    reading = parts.reading
    if not reading.readable or len(reading.term_ids) < weights.FEEDBACK_LEAST_TERMS:
        return 0.0
    begins, whole = weights.FEEDBACK_GATE
    return float(np.clip((parts.bm25.max(initial=0.0) - begins) / (whole - begins), 0, 1))


def _moved(parts: Parts, stack: Stack, first: np.ndarray, share: FloatArray) -> FloatArray:
    """The question's vector moved towards the first passages, unit length."""
    centre = share @ stack.dense[first]
    centre /= np.linalg.norm(centre) + 1e-9
    kept = 1 - weights.FEEDBACK_DIRECTION
    moved: FloatArray = kept * parts.reading.vectors.dense + weights.FEEDBACK_DIRECTION * centre
    return moved / (np.linalg.norm(moved) + 1e-9)


def _term_scores(stack: Stack, stats: CourseStats, first: np.ndarray, share: FloatArray) -> FloatArray:
    """Each candidate's weights of the feedback terms, averaged by the terms' importance."""
    importance: dict[int, float] = {}
    for index, part in zip(first.tolist(), share.tolist(), strict=True):
        rows = slice(stack.term_starts[index], stack.term_starts[index + 1])
        mass = float(stack.term_weights[rows].sum()) or 1.0
        for term, weight in zip(stack.terms[rows].tolist(), stack.term_weights[rows].tolist(), strict=True):
            rarity = idf(stats.chunks, stats.term_df.get(term, 1))
            importance[term] = importance.get(term, 0.0) + part * weight / mass * rarity
    strongest = sorted(importance, key=lambda term: -importance[term])[: weights.FEEDBACK_TERMS]
    if not strongest:
        return np.zeros(len(stack.dense), np.float32)
    strongest.sort()
    ids = np.array(strongest, np.uint32)
    by_id = np.array([importance[term] for term in strongest], np.float32)
    return stack.term_sums(ids, by_id / by_id.sum())
