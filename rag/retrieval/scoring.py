"""Ranking candidates by a plain sum of four scores.

    F = .75 V + .5 S + 1 Tw + .3 Bn        (numbers in `weights`)

V is the cosine of question and passage, S the best cosine with a sentence of
it, Tw the late interaction of word pieces (ColBERT's MaxSim, Khattab and
Zaharia 2020, weighted by idf), Bn is BM25 divided by the idf mass of the
question, so it shrinks by itself when few words are shared. A long question
takes feedback from its first passages (`feedback`).
"""

from collections.abc import Sequence

import numpy as np

from rag.retrieval import feedback, sentences
from rag.retrieval.parts import Parts, measured, stacked
from rag.retrieval.questions import AnalysedQuestion
from rag.schemas import Candidate, CourseStats, FloatArray, Hit


def score(question: AnalysedQuestion, candidates: Sequence[Candidate], stats: CourseStats) -> list[Hit]:
    """Rank `candidates` for `question`, best first; one Hit for each.

    With several readings a candidate counts by its best; a reading that the
    embedding model cannot read ranks passages in its own language only. Equal
    scores keep the order of `candidates`.
    """
    if not candidates:
        return []
    stack = stacked(candidates)
    parts = [feedback.applied(measured(reading, stack), stack, stats) for reading in question.readings]
    offered = np.stack([_offered(part, candidates, alone=len(parts) == 1) for part in parts])
    best, totals = np.argmax(offered, axis=0), offered.max(axis=0)
    order = np.argsort(-totals, kind="stable")
    sentence_scores = [sentences.scores(part, stack, candidates, totals, order) for part in parts]
    hits = []
    for index in order:
        part = parts[best[index]]
        first, last = stack.sentence_starts[index], stack.sentence_starts[index + 1]
        hits.append(
            Hit(
                candidate=candidates[index],
                score=float(totals[index]),
                parts={
                    "V": float(part.chunk[index]),
                    "S": float(part.sentence[index]),
                    "Tw": float(part.tokens[index]),
                    "Bn": float(part.bm25[index]),
                },
                sentence_scores=sentence_scores[best[index]][first:last],
            )
        )
    return hits


def _offered(part: Parts, candidates: Sequence[Candidate], *, alone: bool) -> FloatArray:
    """The totals of one reading, minus infinity where another reading must rank: (candidates,)."""
    if alone or part.reading.readable:
        return part.total
    own = [candidate.language.split("-")[0] == part.reading.language for candidate in candidates]
    return np.where(own, part.total, -np.inf).astype(np.float32)
