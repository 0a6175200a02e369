"""Jobs that keep the index in step with lessons."""

from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import structlog
from sqlalchemy import func, select

from ingestion.chunking import chunk
from ingestion.lessons import companions
from ingestion.lessons.models import LessonIndex
from lms_core.content import text
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import LessonNotFound
from lms_core.content.courses.models import Lesson
from lms_core.content.courses.schemas import LessonSource
from lms_core.kit.context import ReadCtx, Work, WriteCtx, system_actor
from lms_core.kit.jobs import Job, JobState, every, job
from rag.calibrating import calibrate_course
from rag.embeddings import Embedder
from rag.embeddings.provider import EmbedderProvider
from rag.index import indexing
from rag.index.indexing import Indexed, LessonText

INDEX_JOB = "ingestion.index_lesson"
CATCH_UP_JOB = "ingestion.catch_up"
CATCH_UP_EVERY = timedelta(minutes=15)
OLD_SPACE_KEPT = timedelta(days=1)  # long enough to go back to the model before without indexing again

log = structlog.get_logger(__name__)


@job(INDEX_JOB, queue="heavy")
def index_lesson(work: Work, *, lesson_id: str) -> None:
    """Index the present text of one lesson; a lesson that is gone or already indexed costs nothing.

    Lessons whose own jobs are waiting go along while there is room (see `companions`).
    """
    embedder = work.resources.get(EmbedderProvider).get()
    first = _passages(work, UUID(lesson_id), embedder)
    if first is None:
        return
    with companions.taken_along(work, first, cut=lambda other: _passages(work, other, embedder)) as along:
        lessons = [first, *along.lessons]
        indexed = indexing.index_lessons(work, lessons, is_current=_is_current)
        with work.write() as ctx:
            # Where None came back a newer version overtook this run; it has a job of its own.
            present = [each for each, result in zip(lessons, indexed, strict=True) if result is not None]
            for each in present:
                if _is_current(ctx, each):
                    _mark(ctx, each, embedder.space)
            for course_id in {each.course_id for each in present}:
                if not unindexed(ctx, course_id=course_id, space=embedder.space):
                    ctx.enqueue("ingestion.calibrate", course_id=str(course_id))
            along.finish(ctx)
    for each, result in zip(lessons, indexed, strict=True):
        if result is not None:
            _log(each, result)


def _passages(work: Work, lesson_id: UUID, embedder: Embedder) -> LessonText | None:
    """The lesson's present text in passages; None when there is nothing to index."""
    with work.read() as view:
        lesson = _source(view, lesson_id)
        if lesson is None or _is_indexed(view, lesson, embedder.space):
            return None
    drafts = chunk(
        text.blocks(lesson.body),
        title=lesson.title,
        count_tokens=embedder.count_tokens,
        max_tokens=embedder.max_tokens,
    )
    return LessonText(
        tenant_id=work.actor.tenant_id,
        course_id=lesson.course_id,
        lesson_id=lesson.id,
        version=lesson.version,
        language=lesson.language,
        drafts=drafts,
    )


def _source(ctx: ReadCtx, lesson_id: UUID) -> LessonSource | None:
    try:
        return courses.lesson_source(ctx, lesson_id)
    except LessonNotFound:
        return None


def _is_indexed(ctx: ReadCtx, lesson: LessonSource, space: str) -> bool:
    """Whether the index holds this version in this language; a change of language makes no new version."""
    row = _row(ctx, lesson.id)
    if row is None or (row.version, row.space) != (lesson.version, space):
        return False
    return not indexing.holds_other_language(ctx, lesson_id=lesson.id, language=lesson.language)


def _is_current(ctx: ReadCtx, lesson: LessonText) -> bool:
    current = _source(ctx, lesson.lesson_id)
    return current is not None and (current.version, current.language) == (lesson.version, lesson.language)


def _row(ctx: ReadCtx, lesson_id: UUID) -> LessonIndex | None:
    return ctx.session.execute(select(LessonIndex).where(LessonIndex.lesson_id == lesson_id)).scalar_one_or_none()


def _mark(ctx: WriteCtx, lesson: LessonText, space: str) -> None:
    row = _row(ctx, lesson.lesson_id) or LessonIndex(lesson_id=lesson.lesson_id, course_id=lesson.course_id)
    row.version, row.space, row.chunks = lesson.version, space, len(lesson.drafts)
    row.error, row.indexed_at = "", ctx.now
    ctx.add(row)


def _log(lesson: LessonText, indexed: Indexed) -> None:
    log.info(
        "lesson.indexed",
        lesson_id=str(lesson.lesson_id),
        embedded=indexed.embedded,
        kept=indexed.kept,
        removed=indexed.removed,
    )


def unindexed(ctx: ReadCtx, *, course_id: UUID, space: str) -> int:
    """How many lessons of a course the index does not hold in their present version."""
    statement = (
        select(func.count())
        .select_from(Lesson)
        .outerjoin(
            LessonIndex,
            (LessonIndex.lesson_id == Lesson.id)
            & (LessonIndex.version == Lesson.version)
            & (LessonIndex.space == space),
        )
        .where(Lesson.course_id == course_id, LessonIndex.lesson_id.is_(None))
    )
    return ctx.session.execute(statement).scalar_one()


@job("ingestion.forget_lesson", queue="fast")
def forget_lesson(work: Work, *, course_id: str, lesson_id: str) -> None:
    """Take a deleted lesson out of the vector index and the course's statistics."""
    indexing.forget_lesson(work, course_id=UUID(course_id), lesson_id=UUID(lesson_id))


@job("ingestion.calibrate", queue="idle", attempts=2)
def calibrate(work: Work, *, course_id: str) -> None:
    """Find where refusal begins in this course, once its lessons are indexed."""
    calibrate_course(work, course_id=UUID(course_id))


@job("ingestion.forget_course", queue="fast")
def forget_course(work: Work, *, course_id: str) -> None:
    """Take a deleted course out of the vector index."""
    indexing.forget_course(work, course_id=UUID(course_id))


@every(CATCH_UP_EVERY, CATCH_UP_JOB, queue="heavy")
def catch_up(work: Work) -> None:
    """Re-index, beside the old space, what another embedding model indexed; drop the old space a day later.

    Also enqueued at each start, which is when a model changes.
    """
    with work.read() as view:
        if view.session.execute(select(LessonIndex.lesson_id).limit(1)).first() is None:
            return  # a fresh installation need not load the model for this
    space = work.resources.get(EmbedderProvider).get().space
    with work.read() as view:
        at_it = select(Job.id).where(
            Job.name == INDEX_JOB, Job.state.in_((JobState.QUEUED, JobState.RUNNING)), Job.id != work.job.id
        )
        if view.session.execute(at_it.limit(1)).first() is not None:
            return  # the next look takes what is left
        elsewhere = select(LessonIndex.tenant_id, LessonIndex.lesson_id).where(LessonIndex.space != space)
        lessons = view.session.execute(elsewhere).all()
    for tenant_id, group in groupby(sorted(lessons), key=itemgetter(0)):
        with work.database.write(system_actor(tenant_id)) as ctx:
            for _, lesson_id in group:
                ctx.enqueue(INDEX_JOB, lesson_id=str(lesson_id))
    if lessons:
        log.info("index.catching_up", lessons=len(lessons), space=space)
        return
    for old in indexing.drop_other_spaces(work, unused_since=work.database.clock.now() - OLD_SPACE_KEPT):
        log.info("index.space_dropped", space=old)
