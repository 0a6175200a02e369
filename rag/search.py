"""Searching one course for one question, as one person.

The index proposes, SQL disposes: a proposed passage is shown only if its row
still belongs to the present version of a lesson that this person may read.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from lms_core.content.courses.models import Course, Lesson
from lms_core.kit.context import Database, ReadCtx
from lms_core.kit.db import prepared
from lms_core.kit.plans import unindexed
from lms_core.kit.recent import Recent
from rag.embeddings import Embedder
from rag.embeddings.provider import EmbedderProvider
from rag.index.models import Chunk, ChunkEmbedding
from rag.index.ports import Filter
from rag.index.provider import IndexProvider
from rag.index.rows import CANDIDATE_COLUMNS, STAMP_COLUMNS
from rag.index.rows import candidate as candidate_of
from rag.index.stats import profile
from rag.retrieval import answerability
from rag.retrieval.questions import AnalysedQuestion, analyse
from rag.retrieval.scoring import score
from rag.schemas import Candidate, QuestionVectors, Retrieval

CANDIDATES_EACH = 50
KEPT_HITS = 20
DEFAULT_THRESHOLD = 0.5
DECODED_BYTES = 48_000_000  # some 2,500 passages: what is asked about now

_decoded: Recent[Candidate] = Recent(capacity=DECODED_BYTES)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: one course, perhaps fewer lessons; `drafts` for those who may edit it.

    `without_lessons` are locked for the asker: nothing of them is found, weighed or shown.
    """

    tenant_id: UUID
    course_id: UUID
    lesson_ids: frozenset[UUID] | None = None
    without_lessons: frozenset[UUID] = frozenset()
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


def search(
    ctx: ReadCtx,
    *,
    question: str,
    scope: Scope,
    language: str | None = None,
    embed: Callable[[str], QuestionVectors] | None = None,
) -> Retrieval:
    """The passages that best answer `question`, best first, and how likely they do.

    `embed` gives vectors that were made before; without it the model is asked.
    Whoever calls has made sure that the actor may read the course.
    """
    watch = Stopwatch()
    embedder = ctx.resources.get(EmbedderProvider).get()
    known = profile(ctx, course_id=scope.course_id, space=embedder.space)
    analysed = analyse(question, stats=known.stats, embed=embed or embedder.embed_question, language=language)
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
    where = Filter(
        tenant_id=scope.tenant_id,
        course_id=scope.course_id,
        lessons=scope.lesson_ids,
        without_lessons=scope.without_lessons,
    )
    found: dict[UUID, None] = {}
    for place, reading in enumerate(analysed.readings):
        sparse = analysed.sparse if place == 0 else None
        matches = index.search(dense=reading.vectors.dense, sparse=sparse, where=where, limit=CANDIDATES_EACH)
        found |= dict.fromkeys(chunk_id for chunk_id, _ in (*matches.dense, *matches.sparse))
    return list(found)


def load_candidates(ctx: ReadCtx, *, ids: Sequence[UUID], scope: Scope, space: str) -> list[Candidate]:
    """Stored passages among `ids` that may be shown now, in the order of `ids`.

    Who may see what is asked of SQL every time; the arrays of a passage, which
    weigh some 20 kB, are read and decoded only when they are not at hand.
    """
    keys = {row.id: (space, *row) for row in ctx.session.execute(_shown(ids, scope))}
    found = {id_: candidate for id_, key in keys.items() if (candidate := _decoded.get(key)) is not None}
    wanted = [id_ for id_ in keys if id_ not in found]
    if wanted:
        for row in ctx.session.execute(_WHOLE, {"ids": wanted, "space": space}):
            found[row.id] = read = candidate_of(row)
            _decoded.keep(keys[row.id], read, weight=_weight(read))
    return [found[chunk_id] for chunk_id in ids if chunk_id in found]


def _shown(ids: Sequence[UUID], scope: Scope) -> Select[Any]:
    """Which of the passages `ids` may be shown, with their stamps; found by their keys, whatever the course holds."""
    statement = (
        select(*STAMP_COLUMNS)
        .join(Lesson, (Lesson.id == unindexed(Chunk.lesson_id)) & (Lesson.version == Chunk.version))
        .where(Chunk.id.in_(ids), unindexed(Chunk.course_id) == scope.course_id)
    )
    if not scope.drafts:
        statement = statement.join(Course, Course.id == unindexed(Chunk.course_id))
        statement = statement.where(Lesson.status == "published", Course.status == "published")
    if scope.lesson_ids is not None:
        statement = statement.where(unindexed(Chunk.lesson_id).in_(scope.lesson_ids))
    if scope.without_lessons:
        statement = statement.where(unindexed(Chunk.lesson_id).not_in(scope.without_lessons))
    return statement


_WHOLE = prepared(
    select(*CANDIDATE_COLUMNS)
    .join(ChunkEmbedding, (ChunkEmbedding.chunk_id == Chunk.id) & (ChunkEmbedding.space == bindparam("space")))
    .where(Chunk.id.in_(bindparam("ids", expanding=True)))
)


def _weight(candidate: Candidate) -> int:
    vectors = candidate.vectors
    return 2_000 + sum(each.nbytes for each in (vectors.dense, vectors.sentences, vectors.tokens, vectors.pieces))


def warm(database: Database) -> None:
    """Load the model and open the index now, so that the first question does not wait for them."""
    embedder = database.resources.get(EmbedderProvider).get()
    database.resources.get(IndexProvider).get(embedder)
    embedder.embed_question("warm")
