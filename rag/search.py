"""Searching one course for one question, as one person.

The index proposes, SQL disposes: a proposed passage is shown only if its row
still belongs to the present version of a lesson that this person may read.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses.models import Course, Lesson
from lms_core.kit.context import Database, ReadCtx
from rag.embeddings import Embedder
from rag.embeddings.provider import EmbedderProvider
from rag.index.models import Chunk, ChunkEmbedding
from rag.index.ports import Filter
from rag.index.provider import IndexProvider
from rag.index.rows import CANDIDATE_COLUMNS, candidate
from rag.index.stats import profile
from rag.retrieval import answerability
from rag.retrieval.questions import AnalysedQuestion, analyse
from rag.retrieval.scoring import score
from rag.schemas import Candidate, Retrieval

CANDIDATES_EACH = 50
KEPT_HITS = 20
DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: one course, perhaps fewer lessons; `drafts` for those who may edit it."""

    tenant_id: UUID
    course_id: UUID
    lesson_ids: frozenset[UUID] | None = None
    drafts: bool = False


@dataclass
class Stopwatch:
    """Milliseconds by stage."""

    timings_ms: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        """Write down the time since the last lap as `stage`."""
        now = time.perf_counter()
        self.timings_ms[stage] = round((now - self._since) * 1000, 2)
        self._since = now


def search(ctx: ReadCtx, *, question: str, scope: Scope, language: str | None = None) -> Retrieval:
    """The passages that best answer `question`, best first, and how likely they do.

    Whoever calls has made sure that the actor may read the course.
    """
    watch = Stopwatch()
    embedder = ctx.resources.get(EmbedderProvider).get()
    known = profile(ctx, course_id=scope.course_id, space=embedder.space)
    analysed = analyse(question, stats=known.stats, embed=embedder.embed_question, language=language)
    watch.lap("embed")
    ids = _propose(ctx, embedder, analysed, scope)
    watch.lap("candidates")
    candidates = load_candidates(ctx, ids=ids, scope=scope, space=embedder.space)
    watch.lap("load")
    hits = score(analysed, candidates, known.stats)[:KEPT_HITS]
    watch.lap("score")
    reasons = answerability.reasons(analysed)
    probability = 0.0 if reasons else answerability.probability(analysed, hits, known.stats)
    watch.lap("answerable")
    threshold = known.threshold if known.threshold is not None else DEFAULT_THRESHOLD
    return Retrieval(
        question=question,
        gloss=analysed.gloss,
        language=analysed.language,
        hits=tuple(hits),
        vectors=analysed.vectors,
        answerable=probability,
        threshold=threshold,
        reasons=reasons,
        timings_ms=watch.timings_ms,
    )


def _propose(ctx: ReadCtx, embedder: Embedder, analysed: AnalysedQuestion, scope: Scope) -> list[UUID]:
    index = ctx.resources.get(IndexProvider).get(embedder)
    where = Filter(tenant_id=scope.tenant_id, course_id=scope.course_id, lessons=scope.lesson_ids)
    found: dict[UUID, None] = {}
    for place, reading in enumerate(analysed.readings):
        sparse = analysed.sparse if place == 0 else None
        matches = index.search(dense=reading.vectors.dense, sparse=sparse, where=where, limit=CANDIDATES_EACH)
        found |= dict.fromkeys(chunk_id for chunk_id, _ in (*matches.dense, *matches.sparse))
    return list(found)


def load_candidates(ctx: ReadCtx, *, ids: Sequence[UUID], scope: Scope, space: str) -> list[Candidate]:
    """Stored passages among `ids` that may be shown now, in the order of `ids`."""
    statement = (
        select(*CANDIDATE_COLUMNS)
        .join(ChunkEmbedding, (ChunkEmbedding.chunk_id == Chunk.id) & (ChunkEmbedding.space == space))
        .join(Lesson, (Lesson.id == Chunk.lesson_id) & (Lesson.version == Chunk.version))
        .where(Chunk.id.in_(ids), Chunk.course_id == scope.course_id)
    )
    if not scope.drafts:
        statement = statement.join(Course, Course.id == Chunk.course_id)
        statement = statement.where(Lesson.status == "published", Course.status == "published")
    if scope.lesson_ids is not None:
        statement = statement.where(Chunk.lesson_id.in_(scope.lesson_ids))
    found = {row.id: candidate(row) for row in ctx.session.execute(statement)}
    return [found[chunk_id] for chunk_id in ids if chunk_id in found]


def warm(database: Database) -> None:
    """Load the model and open the index now, so that the first question does not wait for them."""
    embedder = database.resources.get(EmbedderProvider).get()
    database.resources.get(IndexProvider).get(embedder)
    embedder.embed_question("warm")
