"""How well each sentence of a hit answers: what the answerer picks its quotes by.

Score = .5 own cosine + 1 Tw within the sentence + .6 share of the question's
idf mass it holds + 1 (F of its passage - F of the best passage).
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.retrieval import weights
from rag.retrieval.languages import term_id, terms
from rag.retrieval.parts import Parts, Stack
from rag.retrieval.questions import Reading
from rag.schemas import Candidate, FloatArray

_SLACK = 1  # word pieces either side: positions are estimated


def scores(
    part: Parts,
    stack: Stack,
    candidates: Sequence[Candidate],
    totals: FloatArray,
    order: NDArray[np.intp],
) -> FloatArray:
    """Scores of all candidates' sentences, end to end as in `stack`.

    `totals` are the candidates' F over all readings, `order` their ranking;
    word pieces and coverage are looked at in the first hits only.
    """
    owner = np.repeat(np.arange(len(candidates)), np.diff(stack.sentence_starts))
    result = weights.SENTENCE_OWN_COSINE * part.sentence_cosines
    result = result + weights.SENTENCE_PASSAGE * (totals - totals.max())[owner]
    for index in order[: weights.SENTENCES_OF_HITS].tolist():
        rows = slice(stack.sentence_starts[index], stack.sentence_starts[index + 1])
        pieces = part.piece_cosines[stack.token_starts[index] : stack.token_starts[index + 1]]
        result[rows] += weights.SENTENCE_MAXSIM * _maxsim(part.reading, pieces, candidates[index])
        result[rows] += weights.SENTENCE_COVERAGE * _coverage(part.reading, candidates[index])
    scored: FloatArray = result.astype(np.float32)
    return scored


def _maxsim(reading: Reading, pieces: FloatArray, candidate: Candidate) -> FloatArray:
    """Tw of each sentence: (sentences,).

    Where a sentence's word pieces lie is estimated by its place in the text,
    counted from the end because the pieces begin with the heading prefix.
    """
    prefix = sum(len(heading) + 3 for heading in candidate.heading_path)
    rate = len(pieces) / max(prefix + len(candidate.text), 1)
    result = np.zeros(len(candidate.sentences), np.float32)
    for number, sentence in enumerate(candidate.sentences):
        first = max(0, int((prefix + sentence.start) * rate) - _SLACK)
        own = pieces[first : int((prefix + sentence.end) * rate) + 1 + _SLACK]
        if len(own) and own.shape[1]:
            result[number] = own.max(axis=0) @ reading.piece_weights
    return result


def _coverage(reading: Reading, candidate: Candidate) -> FloatArray:
    """Share of the question's idf mass in each sentence: (sentences,)."""
    weight_of = dict(zip(reading.term_ids.tolist(), reading.term_weights.tolist(), strict=True))
    mass = reading.term_mass or 1.0
    spans = [candidate.text[one.start : one.end] for one in candidate.sentences]
    held = [sum(weight_of.get(term, 0.0) for term in _sentence_terms(span, candidate.language)) for span in spans]
    return np.array(held, np.float32) / np.float32(mass)


@lru_cache(maxsize=50_000)
def _sentence_terms(text: str, language: str) -> frozenset[int]:
    return frozenset(term_id(term) for term in terms(text, language))
