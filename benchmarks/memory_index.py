"""A course index in plain arrays, to measure ranking without a database.

Fetches candidates as the service does (the best by dense and by sparse score
together) and hands them to `rag.retrieval`. Vectors are kept on disk between
runs, by the dataset's content and the embedder's space.
"""

import hashlib
import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import numpy as np

from benchmarks.datasets import Dataset
from rag.retrieval import questions, scoring
from rag.retrieval.languages import course_words, sparse_document
from rag.schemas import Candidate, ChunkDraft, ChunkVectors, CourseStats, FloatArray, Hit, QuestionVectors, SparseVector

CANDIDATES_EACH = 50  # by dense and by sparse score
_ASKED_TOGETHER = 16
_NO_VECTORS = QuestionVectors(np.zeros(0, np.float32), np.zeros((0, 0), np.float32), np.zeros(0, np.int32))
CACHE = Path(tempfile.gettempdir()) / "mwalimu-bench"


class Embedder(Protocol):
    """What the measurements need of `rag.embeddings`."""

    space: str
    max_tokens: int

    def count_tokens(self, text: str) -> int: ...

    def embed_chunks(self, drafts: Sequence[ChunkDraft]) -> list[ChunkVectors]: ...

    def embed_question(self, text: str) -> QuestionVectors: ...


class MemoryIndex:
    """One dataset's passages with vectors, terms and statistics."""

    def __init__(self, dataset: Dataset, embedder: Embedder) -> None:
        self.dataset = dataset
        self._embedder = embedder
        self._kept_questions = _cache_file("questions", [dataset.name], embedder)
        self._asked: dict[str, QuestionVectors] = _loaded(self._kept_questions) or {}
        self.candidates = _candidates(dataset, _chunk_vectors(dataset, embedder))
        self.dense: FloatArray = np.stack([one.vectors.dense for one in self.candidates])
        self._postings = _postings(self.candidates)
        self.stats = _stats(self.candidates)

    def embed(self, text: str) -> QuestionVectors:
        """The question's vectors, encoded once."""
        if text not in self._asked:
            self._asked[text] = self._embedder.embed_question(text)
        return self._asked[text]

    def encode_questions(self, questions: Iterable[str]) -> None:
        """Encode every wording of `questions` together and keep the vectors on disk for the next run."""
        wordings = [reading.text for question in questions for reading in self._unencoded(question).readings]
        missing = [text for text in dict.fromkeys(wordings) if text not in self._asked]
        if not missing:
            return
        # questions asked at the same moment share one forward pass
        with ThreadPoolExecutor(_ASKED_TOGETHER) as askers:
            self._asked.update(zip(missing, askers.map(self._embedder.embed_question, missing), strict=True))
        _write(self._kept_questions, self._asked)

    def _unencoded(self, question: str) -> questions.AnalysedQuestion:
        """The readings of `question`, without their vectors."""
        return questions.analyse(question, stats=self.stats, embed=lambda _: _NO_VECTORS)

    def analyse(self, question: str) -> questions.AnalysedQuestion:
        """`questions.analyse` with this index's statistics."""
        return questions.analyse(question, stats=self.stats, embed=self.embed)

    def search(
        self, question: str, *, allowed: Callable[[int], bool] | None = None
    ) -> tuple[questions.AnalysedQuestion, list[Hit]]:
        """Rank for `question`; `allowed` keeps only passages whose number passes."""
        analysed = self.analyse(question)
        chosen: set[int] = set(best(self.sparse_scores(analysed.sparse), positive=True))
        for reading in analysed.readings:
            chosen.update(best(self.dense @ reading.vectors.dense))
        picked = [self.candidates[number] for number in sorted(chosen) if allowed is None or allowed(number)]
        return analysed, scoring.score(analysed, picked, self.stats)

    def sparse_scores(self, query: SparseVector) -> FloatArray:
        """BM25 of every passage: (passages,)."""
        scores = np.zeros(len(self.candidates), np.float32)
        for term, weight in zip(query.ids.tolist(), query.weights.tolist(), strict=True):
            if term in self._postings:
                numbers, weights = self._postings[term]
                scores[numbers] += weight * weights
        return scores

    def documents(self, hits: Sequence[Hit]) -> list[str]:
        """The dataset's document of each hit."""
        return [self.dataset.documents[hit.candidate.chunk_id.int] for hit in hits]


def best(scores: FloatArray, *, count: int = CANDIDATES_EACH, positive: bool = False) -> list[int]:
    """Numbers of the `count` highest scores, best first."""
    order = np.argsort(-scores, kind="stable")[:count]
    return [int(number) for number in order if not positive or scores[number] > 0]


def _chunk_vectors(dataset: Dataset, embedder: Embedder) -> list[ChunkVectors]:
    path = _cache_file(dataset.name, [draft.content_hash for draft in dataset.drafts], embedder)
    vectors: list[ChunkVectors] | None = _loaded(path)
    if vectors is None:
        vectors = embedder.embed_chunks(dataset.drafts)
        _write(path, vectors)
    return vectors


def _cache_file(name: str, content: Sequence[str], embedder: Embedder) -> Path:
    digest = hashlib.sha256("".join([embedder.space, *content]).encode()).hexdigest()[:16]
    return CACHE / f"{name}-{digest}.pickle"


def _loaded(path: Path) -> Any:
    """What `_write` put there, None when nothing; only this module writes the folder, nothing fetched is read."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        return pickle.load(file)


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        pickle.dump(value, file)
    part.replace(path)


def _candidates(dataset: Dataset, vectors: list[ChunkVectors]) -> list[Candidate]:
    return [
        Candidate(
            chunk_id=UUID(int=number),
            lesson_id=UUID(int=number),
            language=dataset.language,
            text=draft.text,
            sentences=draft.sentences,
            vectors=vectors[number],
            terms=sparse_document(draft.text, dataset.language, draft.prefix),
            heading_path=draft.heading_path,
        )
        for number, draft in enumerate(dataset.drafts)
    ]


def _stats(candidates: list[Candidate]) -> CourseStats:
    terms: Counter[int] = Counter()
    pieces: Counter[int] = Counter()
    words: set[str] = set()
    for candidate in candidates:
        terms.update(candidate.terms.ids.tolist())
        pieces.update(set(candidate.vectors.pieces.tolist()))
        words |= course_words(candidate.text)
    return CourseStats(len(candidates), dict(terms), dict(pieces), frozenset(words))


def _postings(candidates: list[Candidate]) -> dict[int, tuple[np.ndarray, FloatArray]]:
    lists: dict[int, tuple[list[int], list[float]]] = {}
    for number, candidate in enumerate(candidates):
        for term, weight in zip(candidate.terms.ids.tolist(), candidate.terms.weights.tolist(), strict=True):
            numbers, weights = lists.setdefault(term, ([], []))
            numbers.append(number)
            weights.append(weight)
    return {term: (np.array(numbers), np.array(weights, np.float32)) for term, (numbers, weights) in lists.items()}
