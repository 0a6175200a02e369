"""Keeping a lesson's passages in step with its text.

No transaction is open while the model runs. Points go into the vector index
before the rows that make them visible, and leave it after their rows are gone;
so whatever a crash interrupts, nothing stale is shown, and running again mends it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import delete, select, update

from lms_core.kit.context import ReadCtx, Work, WriteCtx
from rag.embeddings.provider import EmbedderProvider
from rag.index.models import Chunk, ChunkEmbedding, CourseIndex
from rag.index.ports import Filter, Point
from rag.index.provider import IndexProvider
from rag.index.rows import changed_stats, embedding_row, keep_stats, stats_of
from rag.retrieval.languages import course_words, sparse_document
from rag.schemas import ChunkDraft, ChunkVectors, SparseVector

Progress = Callable[[int, int], None]  # chunks embedded, chunks to embed


@dataclass(frozen=True, slots=True)
class LessonText:
    """One version of a lesson, cut into passages."""

    tenant_id: UUID
    course_id: UUID
    lesson_id: UUID
    version: int
    language: str
    drafts: Sequence[ChunkDraft]


@dataclass(frozen=True, slots=True)
class Fresh:
    """A passage that this space has not seen yet."""

    chunk_id: UUID
    draft: ChunkDraft
    vectors: ChunkVectors
    terms: SparseVector


@dataclass(frozen=True, slots=True)
class Indexed:
    """What an indexing run did, in chunks."""

    embedded: int
    kept: int
    removed: int


def chunk_ids(lesson: LessonText, space: str) -> list[UUID]:
    """Stable identities: the same passage of the same lesson in the same space keeps its id."""
    seen: Counter[str] = Counter()
    ids = []
    for draft in lesson.drafts:
        ids.append(uuid5(lesson.lesson_id, f"{space}:{draft.content_hash}:{seen[draft.content_hash]}"))
        seen[draft.content_hash] += 1
    return ids


def index_lesson(
    work: Work,
    lesson: LessonText,
    *,
    is_current: Callable[[ReadCtx, LessonText], bool],
    progress: Progress | None = None,
) -> Indexed | None:
    """Make the passages of `lesson` the ones that answer. None: a newer version overtook this run.

    `is_current(ctx, lesson)` is asked inside the final transaction.
    """
    embedder = work.resources.get(EmbedderProvider).get()
    index = work.resources.get(IndexProvider).get(embedder)
    ids = chunk_ids(lesson, embedder.space)
    with work.read() as view:
        known = set(view.session.execute(select(Chunk.id).where(Chunk.lesson_id == lesson.lesson_id)).scalars())
    fresh_at = [place for place, chunk_id in enumerate(ids) if chunk_id not in known]
    drafts = [lesson.drafts[place] for place in fresh_at]
    vectors = embedder.embed_chunks(drafts, progress=progress)
    fresh = [
        Fresh(ids[place], draft, vector, sparse_document(draft.text, lesson.language, draft.prefix))
        for place, draft, vector in zip(fresh_at, drafts, vectors, strict=True)
    ]
    index.upsert([_point(lesson, each) for each in fresh])
    with work.write() as ctx:
        if not is_current(ctx, lesson):
            return None
        gone = _replace_rows(ctx, lesson, ids, fresh, embedder.space)
    if gone:
        index.delete(Filter(tenant_id=lesson.tenant_id, chunks=frozenset(gone)))
    return Indexed(embedded=len(fresh), kept=len(ids) - len(fresh), removed=len(gone))


def _point(lesson: LessonText, fresh: Fresh) -> Point:
    return Point(
        chunk_id=fresh.chunk_id,
        tenant_id=lesson.tenant_id,
        course_id=lesson.course_id,
        lesson_id=lesson.lesson_id,
        language=lesson.language,
        published=True,  # whether a learner sees it is asked of the lesson's row at every search
        dense=fresh.vectors.dense,
        sparse=fresh.terms,
    )


def _replace_rows(ctx: WriteCtx, lesson: LessonText, ids: list[UUID], fresh: list[Fresh], space: str) -> list[UUID]:
    session = ctx.session
    gone = list(
        session.execute(select(Chunk.id).where(Chunk.lesson_id == lesson.lesson_id, Chunk.id.not_in(ids))).scalars()
    )
    removed = _embeddings(ctx, gone, space)
    session.execute(delete(Chunk).where(Chunk.id.in_(gone)))
    present = set(session.execute(select(Chunk.id).where(Chunk.lesson_id == lesson.lesson_id)).scalars())
    _move_kept(ctx, lesson, ids, present)
    places = {chunk_id: place for place, chunk_id in enumerate(ids)}
    new = [each for each in fresh if each.chunk_id not in present]
    session.add_all([_chunk_row(lesson, each, places[each.chunk_id]) for each in new])
    session.flush()
    added = [embedding_row(each.chunk_id, space, each.vectors, each.terms) for each in new]
    session.add_all(added)
    words = frozenset(word for each in new for word in course_words(each.draft.text))
    _update_stats(ctx, lesson.course_id, space, added=added, removed=removed, words=words)
    return gone


def _move_kept(ctx: WriteCtx, lesson: LessonText, ids: list[UUID], present: set[UUID]) -> None:
    rows = [
        {
            "id": chunk_id,
            "version": lesson.version,
            "ordinal": place,
            "anchor": draft.anchor,
            "page": draft.page,
            "start_seconds": draft.start_seconds,
        }
        for place, (chunk_id, draft) in enumerate(zip(ids, lesson.drafts, strict=True))
        if chunk_id in present
    ]
    if rows:
        ctx.session.execute(update(Chunk), rows)


def _chunk_row(lesson: LessonText, fresh: Fresh, ordinal: int) -> Chunk:
    draft = fresh.draft
    return Chunk(
        id=fresh.chunk_id,
        course_id=lesson.course_id,
        lesson_id=lesson.lesson_id,
        version=lesson.version,
        ordinal=ordinal,
        language=lesson.language,
        text=draft.text,
        prefix=draft.prefix,
        heading_path=list(draft.heading_path),
        anchor=draft.anchor,
        page=draft.page,
        start_seconds=draft.start_seconds,
        spans=[[sentence.start, sentence.end, sentence.kind] for sentence in draft.sentences],
        content_hash=draft.content_hash,
    )


def _embeddings(ctx: ReadCtx, ids: Sequence[UUID], space: str) -> list[ChunkEmbedding]:
    rows = ctx.session.execute(
        select(ChunkEmbedding).where(ChunkEmbedding.chunk_id.in_(ids), ChunkEmbedding.space == space)
    )
    return list(rows.scalars())


def _update_stats(
    ctx: WriteCtx,
    course_id: UUID,
    space: str,
    *,
    added: list[ChunkEmbedding],
    removed: list[ChunkEmbedding],
    words: frozenset[str],
) -> None:
    row = ctx.session.execute(
        select(CourseIndex)
        .where(CourseIndex.course_id == course_id, CourseIndex.space == space)
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        row = ctx.add(CourseIndex(course_id=course_id, space=space, updated_at=ctx.now))
    keep_stats(row, changed_stats(stats_of(row), added=added, removed=removed, words=words))
    row.revision += 1
    row.updated_at = ctx.now


def forget_lesson(work: Work, *, course_id: UUID, lesson_id: UUID) -> None:
    """Take a deleted lesson out of index and statistics. Its rows went with the lesson already."""
    embedder = work.resources.get(EmbedderProvider).get()
    where = Filter(tenant_id=work.actor.tenant_id, lessons=frozenset({lesson_id}))
    work.resources.get(IndexProvider).get(embedder).delete(where)
    recount(work, course_id=course_id)


def recount(work: Work, *, course_id: UUID) -> None:
    """Count a course's statistics anew from its rows."""
    embedder = work.resources.get(EmbedderProvider).get()
    with work.write() as ctx:
        rows = ctx.session.execute(
            select(ChunkEmbedding)
            .join(Chunk, Chunk.id == ChunkEmbedding.chunk_id)
            .where(Chunk.course_id == course_id, ChunkEmbedding.space == embedder.space)
        ).scalars()
        counted = changed_stats(stats_of(None), added=list(rows), removed=[])
        row = ctx.session.execute(
            select(CourseIndex).where(CourseIndex.course_id == course_id, CourseIndex.space == embedder.space)
        ).scalar_one_or_none()
        if row is not None:
            keep_stats(row, counted)
            row.revision += 1
            row.updated_at = ctx.now
