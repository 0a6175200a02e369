"""Keeping a lesson's passages in step with its text.

No transaction is open while the model runs. Points go into the vector index
before the rows that make them visible, and leave it after their rows are gone;
so whatever a crash interrupts, nothing stale is shown, and running again mends it.
Passages of another embedding space are left alone: they serve whoever still
runs with it, until `drop_other_spaces`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError

from lms_core.kit.context import ReadCtx, Work, WriteCtx
from rag.embeddings import Embedder
from rag.embeddings.provider import EmbedderProvider
from rag.index.models import Chunk, ChunkEmbedding, CourseIndex
from rag.index.ports import Filter, Point
from rag.index.provider import IndexProvider
from rag.index.rows import changed_stats, embedding_row, keep_stats, stats_of
from rag.retrieval.languages import course_words, sparse_document
from rag.schemas import ChunkDraft, ChunkVectors, CourseStats, SparseVector

Progress = Callable[[int, int], None]  # chunks embedded, chunks to embed

CHUNKS_PER_RUN = 96  # two seconds of two cores: few enough that a single edit never waits long behind an import


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


class Overtaken(RuntimeError):
    """Another run changed the same lesson's passages meanwhile; running again finds what is there now."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What an indexing run did, in chunks."""

    embedded: int
    kept: int
    removed: int


def chunk_ids(lesson: LessonText, space: str) -> list[UUID]:
    """Stable identities: the same passage of the same lesson, language and space keeps its id.

    The language counts because the words of a passage are stemmed by it.
    """
    seen: Counter[str] = Counter()
    ids = []
    for draft in lesson.drafts:
        name = f"{space}:{lesson.language}:{draft.content_hash}:{seen[draft.content_hash]}"
        ids.append(uuid5(lesson.lesson_id, name))
        seen[draft.content_hash] += 1
    return ids


def index_lessons(
    work: Work,
    lessons: Sequence[LessonText],
    *,
    is_current: Callable[[ReadCtx, LessonText], bool],
    progress: Progress | None = None,
) -> list[Indexed | None]:
    """Make the passages of each lesson the ones that answer. None: a newer version overtook that lesson.

    Lessons of one tenant, each at most once. They share the passes of the model, since a lesson alone
    fills few of them: about `CHUNKS_PER_RUN` new passages together are nearly as fast as any number.
    `is_current(ctx, lesson)` is asked inside the final transaction, which is one for all.
    """
    embedder = work.resources.get(EmbedderProvider).get()
    index = work.resources.get(IndexProvider).get(embedder)
    ids = [chunk_ids(lesson, embedder.space) for lesson in lessons]
    with work.read() as view:
        known = [_stored_ids(view, lesson, embedder.space) for lesson in lessons]
    fresh = _embedded(embedder, lessons, ids, known, _watched(work, progress))
    index.upsert([_point(lesson, each) for lesson, several in zip(lessons, fresh, strict=True) for each in several])
    done: list[Indexed | None] = []
    written: set[UUID] = set()
    with work.write() as ctx:
        changes = _Changes(ctx, embedder.space)
        # In one order, so that two runs never wait for each other.
        for course_id in sorted({lesson.course_id for lesson in lessons}):
            changes.lock(course_id)
        for lesson, own, new in zip(lessons, ids, fresh, strict=True):
            if not is_current(ctx, lesson):
                done.append(None)
                continue
            removed = changes.replace(lesson, own, new)
            written.add(lesson.lesson_id)
            done.append(Indexed(embedded=len(new), kept=len(own) - len(new), removed=removed))
        changes.keep()
    # Everything but the present passages goes, so that what an interrupted run left behind goes too.
    if written:
        held = frozenset(chain.from_iterable(ids))
        index.delete(Filter(tenant_id=lessons[0].tenant_id, lessons=frozenset(written), without_chunks=held))
    return done


def _embedded(
    embedder: Embedder,
    lessons: Sequence[LessonText],
    ids: Sequence[list[UUID]],
    known: Sequence[set[UUID]],
    progress: Progress,
) -> list[list[Fresh]]:
    """Each lesson's passages that are not `known`, with their vectors."""
    fresh_at = [[i for i, one in enumerate(own) if one not in seen] for own, seen in zip(ids, known, strict=True)]
    drafts = [lesson.drafts[i] for lesson, places in zip(lessons, fresh_at, strict=True) for i in places]
    vectors = iter(embedder.embed_chunks(drafts, progress=progress))
    return [
        [_fresh(lesson, own[i], lesson.drafts[i], next(vectors)) for i in places]
        for lesson, own, places in zip(lessons, ids, fresh_at, strict=True)
    ]


def _fresh(lesson: LessonText, chunk_id: UUID, draft: ChunkDraft, vectors: ChunkVectors) -> Fresh:
    return Fresh(chunk_id, draft, vectors, sparse_document(draft.text, lesson.language, draft.prefix))


def _stored_ids(ctx: ReadCtx, lesson: LessonText, space: str) -> set[UUID]:
    """The lesson's passages that have their vectors in `space`."""
    rows = ctx.session.execute(
        select(Chunk.id)
        .join(ChunkEmbedding, (ChunkEmbedding.chunk_id == Chunk.id) & (ChunkEmbedding.space == space))
        .where(Chunk.lesson_id == lesson.lesson_id)
    )
    return set(rows.scalars())


def _watched(work: Work, progress: Progress | None) -> Progress:
    def tell(done: int, total: int) -> None:
        if done < total:
            work.check_stop()
        if progress is not None:
            progress(done, total)

    return tell


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


class _Changes:
    """The rows of one transaction: lessons' passages, and each touched course's statistics written once."""

    def __init__(self, ctx: WriteCtx, space: str) -> None:
        self._ctx, self._space = ctx, space
        self._courses: dict[UUID, CourseIndex] = {}
        self._stats: dict[UUID, CourseStats] = {}
        self._changed: set[UUID] = set()

    def lock(self, course_id: UUID) -> None:
        """Hold the course's row until the transaction ends."""
        if course_id not in self._courses:
            self._courses[course_id] = _locked_course(self._ctx, course_id, self._space)
            self._stats[course_id] = stats_of(self._courses[course_id])

    def replace(self, lesson: LessonText, ids: list[UUID], fresh: list[Fresh]) -> int:
        """Make the lesson's rows of this space those of `ids`; returns how many went. Raises Overtaken."""
        session = self._ctx.session
        stored = _stored_ids(self._ctx, lesson, self._space)
        gone, present = stored.difference(ids), stored.intersection(ids)
        if not present.union(each.chunk_id for each in fresh).issuperset(ids):
            raise Overtaken(str(lesson.lesson_id))
        removed = _embeddings(self._ctx, gone, self._space) if gone else []
        if gone:
            session.execute(delete(Chunk).where(Chunk.id.in_(gone)))
        _move_kept(self._ctx, lesson, ids, present)
        places = {chunk_id: place for place, chunk_id in enumerate(ids)}
        new = [each for each in fresh if each.chunk_id not in present]
        session.add_all([_chunk_row(lesson, each, places[each.chunk_id]) for each in new])
        session.flush()
        added = [embedding_row(each.chunk_id, self._space, each.vectors, each.terms) for each in new]
        session.add_all(added)
        words = frozenset(word for each in new for word in course_words(each.draft.text))
        course_id = lesson.course_id
        self._stats[course_id] = changed_stats(self._stats[course_id], added=added, removed=removed, words=words)
        self._changed.add(course_id)
        return len(gone)

    def keep(self) -> None:
        """Write the statistics of the courses that changed."""
        for course_id in self._changed:
            _keep(self._ctx, self._courses[course_id], self._stats[course_id])


def _locked_course(ctx: WriteCtx, course_id: UUID, space: str) -> CourseIndex:
    """The course's row in `space`, made when it is not there; held, so that runs change it one after another."""
    wanted = _course_row(course_id, space).with_for_update(key_share=True)
    row: CourseIndex | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is not None:
        return row
    try:
        with ctx.session.begin_nested():
            return ctx.add(CourseIndex(course_id=course_id, space=space, updated_at=ctx.now))
    except IntegrityError:  # another run made it in this moment, on PostgreSQL
        found: CourseIndex = ctx.session.execute(wanted).scalar_one()
        return found


def _course_row(course_id: UUID, space: str) -> Select[Any]:
    return select(CourseIndex).where(CourseIndex.course_id == course_id, CourseIndex.space == space)


def _keep(ctx: WriteCtx, course: CourseIndex, stats: CourseStats) -> None:
    keep_stats(course, stats)
    course.revision += 1
    course.updated_at = ctx.now


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


def _embeddings(ctx: ReadCtx, ids: Collection[UUID], space: str) -> list[ChunkEmbedding]:
    rows = ctx.session.execute(
        select(ChunkEmbedding).where(ChunkEmbedding.chunk_id.in_(ids), ChunkEmbedding.space == space)
    )
    return list(rows.scalars())


def holds_other_language(ctx: ReadCtx, *, lesson_id: UUID, language: str) -> bool:
    """Whether passages of the lesson are kept as another language than the lesson's present one."""
    otherwise = select(Chunk.id).where(Chunk.lesson_id == lesson_id, Chunk.language != language)
    return ctx.session.execute(otherwise.limit(1)).first() is not None


def forget_lesson(work: Work, *, course_id: UUID, lesson_id: UUID) -> None:
    """Take a deleted lesson out of index and statistics. Its rows went with the lesson already."""
    embedder = work.resources.get(EmbedderProvider).get()
    where = Filter(tenant_id=work.actor.tenant_id, lessons=frozenset({lesson_id}))
    work.resources.get(IndexProvider).get(embedder).delete(where)
    recount(work, course_id=course_id)


def forget_course(work: Work, *, course_id: UUID) -> None:
    """Take a deleted course out of the index. Its rows went with the course already."""
    embedder = work.resources.get(EmbedderProvider).get()
    where = Filter(tenant_id=work.actor.tenant_id, course_id=course_id)
    work.resources.get(IndexProvider).get(embedder).delete(where)


def recount(work: Work, *, course_id: UUID) -> None:
    """Count a course's statistics anew from its rows, unless they agree already."""
    space = work.resources.get(EmbedderProvider).get().space
    stored = (
        select(ChunkEmbedding.term_ids, ChunkEmbedding.pieces, Chunk.text)
        .join(Chunk, Chunk.id == ChunkEmbedding.chunk_id)
        .where(Chunk.course_id == course_id, ChunkEmbedding.space == space)
    )
    with work.write() as ctx:
        course = ctx.session.execute(_course_row(course_id, space).with_for_update(key_share=True)).scalar_one_or_none()
        if course is None:
            return
        # A deleted module sends one of these for each lesson: the first one counts, the others find it done.
        if ctx.session.execute(select(func.count()).select_from(stored.subquery())).scalar_one() == course.chunks:
            return
        rows = ctx.session.execute(stored).all()
        words = frozenset(word for row in rows for word in course_words(row.text))
        _keep(ctx, course, changed_stats(stats_of(None), added=rows, removed=[], words=words))


def drop_other_spaces(work: Work, *, unused_since: datetime) -> list[str]:
    """Delete the spaces besides the present one that no run has changed since `unused_since`.

    For an installation whose every lesson is in the present space. Returns what was dropped.
    """
    embedder = work.resources.get(EmbedderProvider).get()
    with work.read() as view:
        changed = select(CourseIndex.space).where(CourseIndex.updated_at >= unused_since)
        in_use = {embedder.space, *view.session.execute(changed).scalars()}
    index = work.resources.get(IndexProvider).get(embedder)
    old = [space for space in index.spaces() if space not in in_use]
    for space in old:
        with work.write() as ctx:
            held = exists().where(ChunkEmbedding.chunk_id == Chunk.id, ChunkEmbedding.space == space)
            ctx.session.execute(delete(Chunk).where(held))
            ctx.session.execute(delete(CourseIndex).where(CourseIndex.space == space))
        index.drop(space)
    return old
