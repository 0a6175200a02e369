"""Whether the course answers a question at all: features of a ranking, and a learned decision.

The model is a gradient-boosted forest with monotone constraints, trained by
`benchmarks/train_answerability.py` on SQuAD and AfriQA, kept as plain numbers; what
counts as answerable in one course is a threshold set by `calibration`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.questions import AnalysedQuestion, Reading
from rag.schemas import CourseStats, FloatArray, Hit

DEFAULT_THRESHOLD = 0.5  # until a course is calibrated
UNSEEN_ENTITY = "unseen_entity"
_MODEL = Path(__file__).with_name("answerability.json")
_LOOKED_AT = 10  # hits

FEATURES = (
    "v_first",
    "s_first",
    "t_first",
    "v_most",
    "s_most",
    "t_most",
    "f_first",
    "f_gap_second",
    "f_gap_rest",
    "piece_least",
    "piece_quarter",
    "piece_mean",
    "bm25_first",
    "bm25_most",
    "covered_first",
    "covered_three",
    "unseen_share",
    "agreement",
    "terms",
)
# +1: more of it never makes an answer less likely; 0: free
MONOTONE = (1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, -1, 1, 0)
LEXICAL = ("bm25_most", "covered_first", "covered_three", "unseen_share")


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees as arrays (trees, nodes); a leaf points at itself, so every tree takes `depth` steps."""

    feature: NDArray[np.intp]
    threshold: NDArray[np.float64]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    value: NDArray[np.float64]
    depth: int
    baseline: float
    lexical: NDArray[np.float64]  # weights of LEXICAL, then the intercept


def features(question: AnalysedQuestion, hits: Sequence[Hit], stats: CourseStats) -> FloatArray:
    """The numbers the decision rests on, in the order of FEATURES: (features,). Zeros without hits."""
    if not hits:
        return np.zeros(len(FEATURES), np.float32)
    reading = _reading_of(question, hits[0])
    first = hits[:_LOOKED_AT]
    parts = {name: np.array([hit.parts[name] for hit in first]) for name in ("V", "S", "Tw", "Bn")}
    totals = np.array([hit.score for hit in first])
    pieces = _piece_maxima(reading, first[:3])
    rest = totals[1:].mean() if len(totals) > 1 else 0.0
    values = (
        parts["V"][0],
        parts["S"][0],
        parts["Tw"][0],
        parts["V"].max(),
        parts["S"].max(),
        parts["Tw"].max(),
        totals[0],
        totals[0] - (totals[1] if len(totals) > 1 else 0.0),
        totals[0] - rest,
        pieces.min(initial=1.0),
        np.quantile(pieces, 0.25) if len(pieces) else 0.0,
        pieces.mean() if len(pieces) else 0.0,
        parts["Bn"][0],
        parts["Bn"].max(),
        _covered(reading, first[:1]),
        _covered(reading, first[:3]),
        _unseen_share(reading, stats),
        sum(int(np.argmax(parts[name])) == 0 for name in ("V", "S", "Tw", "Bn")),
        min(len(reading.term_ids), 12),
    )
    return np.array(values, np.float32)


def probability(question: AnalysedQuestion, hits: Sequence[Hit], stats: CourseStats) -> float:
    """How likely the course answers, 0 to 1; 0 without hits.

    For a question in a language the embedding model does not read, only
    word overlap is judged.
    """
    if not hits:
        return 0.0
    values = features(question, hits, stats)
    forest = _forest()
    if _reading_of(question, hits[0]).readable:
        return _sigmoid(_raw_score(forest, values))
    chosen = np.array([values[FEATURES.index(name)] for name in LEXICAL])
    return _sigmoid(float(forest.lexical[:-1] @ chosen + forest.lexical[-1]))


def reasons(question: AnalysedQuestion) -> tuple[str, ...]:
    """Codes of the rules that say no whatever the probability: a name the course never uses."""
    return (UNSEEN_ENTITY,) if question.unseen_entities else ()


def _reading_of(question: AnalysedQuestion, hit: Hit) -> Reading:
    """The reading that ranks a passage in this language: as asked in its own, else the last."""
    same = [reading for reading in question.readings if reading.language == hit.candidate.language.split("-")[0]]
    return same[0] if same else question.readings[-1]


def _piece_maxima(reading: Reading, hits: Sequence[Hit]) -> FloatArray:
    """Best cosine of each weighty question piece with any piece of the hits: (pieces,)."""
    weighty = reading.piece_weights >= 0.5 * reading.piece_weights.mean() if reading.piece_weights.size else None
    tokens = [hit.candidate.vectors.tokens for hit in hits if hit.candidate.vectors.tokens.size]
    if weighty is None or not tokens:
        return np.zeros(0, np.float32)
    cosines = np.concatenate(tokens).astype(np.float32) @ reading.vectors.tokens[weighty].T
    maxima: FloatArray = cosines.max(axis=0) / np.float32(127)
    return maxima


def _covered(reading: Reading, hits: Sequence[Hit]) -> float:
    """Share of the question's idf mass that occurs in the hits together."""
    if reading.term_mass <= 0:
        return 0.0
    held = np.unique(np.concatenate([hit.candidate.terms.ids for hit in hits]))
    return float(reading.term_weights[np.isin(reading.term_ids, held)].sum()) / reading.term_mass


def _unseen_share(reading: Reading, stats: CourseStats) -> float:
    """Share of the question's idf mass in words the course never uses."""
    if reading.term_mass <= 0:
        return 1.0
    unseen = [not stats.term_df.get(int(key), 0) for key in reading.term_ids]
    return float(reading.term_weights[np.array(unseen, bool)].sum()) / reading.term_mass


def _raw_score(forest: Forest, values: FloatArray) -> float:
    trees = np.arange(len(forest.value))
    node = np.zeros(len(trees), np.intp)
    for _ in range(forest.depth):
        goes_left = values[forest.feature[trees, node]] <= forest.threshold[trees, node]
        node = np.where(goes_left, forest.left[trees, node], forest.right[trees, node])
    return forest.baseline + float(forest.value[trees, node].sum())


def _sigmoid(score: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))


@lru_cache(maxsize=1)
def _forest() -> Forest:
    stored = json.loads(_MODEL.read_text("utf-8"))
    if tuple(stored["features"]) != FEATURES:
        raise ValueError(
            "answerability.json was trained on other features than this version computes; "
            "run benchmarks/train_answerability.py to train it again"
        )
    whole = {name: np.array(stored[name], np.intp) for name in ("feature", "left", "right")}
    real = {name: np.array(stored[name], np.float64) for name in ("threshold", "value", "lexical")}
    return Forest(**whole, **real, depth=stored["depth"], baseline=stored["baseline"])
