"""A question made ready for ranking: its language, its readings and their weights.

A reading is one wording to rank with. An English question has one; a Swahili
question has two, as asked and word by word in English, and a passage counts
for the better of them.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.languages import detect, swahili, term_id, terms
from rag.retrieval.languages.lexicon import Lexicon
from rag.schemas import CourseStats, FloatArray, QuestionVectors, SparseVector

MODEL_LANGUAGES = frozenset({"en"})  # what all-MiniLM-L6-v2 was trained on
LONGEST_QUESTION = 2000  # characters read; the model's window is far shorter

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Reading:
    """One wording of the question, ready to score.

    `term_ids` (terms,) ascending with `term_weights` = count times idf;
    `term_mass` is the idf sum a perfect match would reach, unseen words at
    the highest idf. `piece_weights` (pieces,) sum to 1. `readable` says
    whether the embedding model understands `language`.
    """

    text: str
    language: str
    readable: bool
    vectors: QuestionVectors
    term_ids: NDArray[np.uint32]
    term_weights: FloatArray
    term_mass: float
    piece_weights: FloatArray


@dataclass(frozen=True, slots=True)
class AnalysedQuestion:
    """A question as asked and how to rank for it.

    `sparse` is the query of the sparse index: all readings' terms together.
    `unseen_entities` are names in an English question that the course never uses.
    """

    text: str
    gloss: str
    language: str
    readings: tuple[Reading, ...]
    sparse: SparseVector
    unseen_entities: tuple[str, ...] = ()

    @property
    def vectors(self) -> QuestionVectors:
        """Vectors of the wording the model reads best: the last reading."""
        return self.readings[-1].vectors


def analyse(
    question: str,
    *,
    stats: CourseStats,
    embed: Callable[[str], QuestionVectors],
    model_languages: frozenset[str] | None = MODEL_LANGUAGES,
    language: str | None = None,
    lexicon: Lexicon | None = None,
) -> AnalysedQuestion:
    """Read `question` for a course with statistics `stats`.

    `embed` is called once per reading. `model_languages` are those the
    embedding model understands (None: all of them). `language` overrides
    detection. `lexicon` is the Swahili dictionary, the project's own by default.
    """
    question = " ".join(question[:LONGEST_QUESTION].split())
    language = language or detect(question)
    base = language.split("-")[0]

    def readable(name: str) -> bool:
        return model_languages is None or name in model_languages

    readings = [_reading(question, base, readable(base), stats, embed, _counted(terms(question, base)))]
    gloss = question
    if base == "sw" and not readable("sw"):
        rendered = swahili.translate(question, stats=stats, lexicon=lexicon)
        gloss = rendered.text
        readings.append(_reading(gloss, "en", readable("en"), stats, embed, rendered.words))
    return AnalysedQuestion(
        text=question,
        gloss=gloss,
        language=language,
        readings=tuple(readings),
        sparse=_union(readings),
        unseen_entities=_unseen_entities(question, stats) if base == "en" else (),
    )


def idf(documents: int, frequency: int) -> float:
    """ln(1 + (N - df + .5) / (df + .5)), the BM25 idf that is never negative (Lucene's form)."""
    return math.log(1 + (max(documents, frequency) - frequency + 0.5) / (frequency + 0.5))


def inflected_ids(word: str) -> list[int]:
    """Term ids under which an English `word` may stand in the index."""
    return [term_id(term) for term in terms(word, "en")]


def _counted(stems: list[str]) -> list[dict[str, float]]:
    """Each stem as a word of the question with one meaning."""
    return [{stem: 1.0} for stem in stems]


def _reading(
    text: str,
    language: str,
    readable: bool,
    stats: CourseStats,
    embed: Callable[[str], QuestionVectors],
    words: list[dict[str, float]],
) -> Reading:
    vectors = embed(text)
    weights: dict[int, float] = {}
    mass = 0.0
    for meanings in words:
        weighed = {term_id(stem): weight * _term_idf(stem, stats) for stem, weight in meanings.items()}
        for key, weight in weighed.items():
            weights[key] = weights.get(key, 0.0) + weight
        mass += max(weighed.values(), default=0.0)
    sparse = _sparse(weights)
    return Reading(
        text=text,
        language=language,
        readable=readable,
        vectors=vectors,
        term_ids=sparse.ids,
        term_weights=sparse.weights,
        term_mass=mass,
        piece_weights=_piece_weights(vectors, stats),
    )


def _term_idf(stem: str, stats: CourseStats) -> float:
    return idf(stats.chunks, stats.term_df.get(term_id(stem), 0))


def _piece_weights(vectors: QuestionVectors, stats: CourseStats) -> FloatArray:
    frequencies: Mapping[int, int] = stats.piece_df
    weights = np.array([idf(stats.chunks, frequencies.get(int(piece), 0)) for piece in vectors.pieces], np.float32)
    total = float(weights.sum())
    return weights / total if total > 0 else np.full(len(weights), 1 / max(len(weights), 1), np.float32)


def _union(readings: list[Reading]) -> SparseVector:
    weights: dict[int, float] = {}
    for reading in readings:
        for key, weight in zip(reading.term_ids.tolist(), reading.term_weights.tolist(), strict=True):
            weights[key] = max(weights.get(key, 0.0), weight)
    return _sparse(weights)


def _sparse(weights: Mapping[int, float]) -> SparseVector:
    ids = np.array(sorted(weights), np.uint32)
    return SparseVector(ids, np.array([weights[int(key)] for key in ids], np.float32))


def _unseen_entities(question: str, stats: CourseStats) -> tuple[str, ...]:
    """Names the course never uses: capitals inside the sentence, or letters with digits."""
    unseen = []
    for position, word in enumerate(_WORD.findall(question)):
        has_digit = any(map(str.isdigit, word)) and any(map(str.isalpha, word))
        capital = position > 0 and word[0].isupper() and len(word) > 1
        if not (capital or has_digit):
            continue
        keys = inflected_ids(word)
        if keys and not any(stats.term_df.get(key, 0) for key in keys):
            unseen.append(word)
    return tuple(unseen)
