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
from rag.retrieval.parts import measured, stacked
from rag.retrieval.questions import AnalysedQuestion
from rag.schemas import Candidate, CourseStats, Hit


def score(question: AnalysedQuestion, candidates: Sequence[Candidate], stats: CourseStats) -> list[Hit]:
    """Rank `candidates` for `question`, best first; one Hit for each.

    With several readings a candidate counts by its best. Equal scores keep
    the order of `candidates`.
    """
    if not candidates:
        return []
    stack = stacked(candidates)
    parts = [feedback.applied(measured(reading, stack), stack, stats) for reading in question.readings]
    best = np.argmax(np.stack([part.total for part in parts]), axis=0)
    totals = np.stack([part.total for part in parts]).max(axis=0)
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
