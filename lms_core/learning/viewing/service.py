"""Verbs on viewing."""

import re
from urllib.parse import unquote
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms_core.content.courses.schemas import LessonView
from lms_core.content.media import service as media
from lms_core.content.media.errors import MediaNotFound
from lms_core.content.media.schemas import FilmFacts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release
from lms_core.learning.viewing import intervals
from lms_core.learning.viewing.events import VideoWatched
from lms_core.learning.viewing.intervals import Intervals
from lms_core.learning.viewing.models import VideoProgress
from lms_core.learning.viewing.schemas import VideoProgressView, Viewed

STEP = 5  # percent between two events
SHOWN = re.compile(r'/videos/([^/"]+)"')


def note(ctx: WriteCtx, lesson_id: UUID, *, video: str, viewed: Viewed) -> VideoProgressView:
    """Add what the actor's player reports; the same report again changes nothing.

    Five statements, and two more at every five percent of a lesson with several videos.

    LessonNotFound; MediaNotFound when the lesson does not show that video.
    """
    lesson = release.access_lesson(ctx, lesson_id)
    film = _film_in(ctx, lesson, video)
    row = _row(ctx, lesson, film)
    known = _as_intervals(row)
    elapsed = (ctx.now - row.updated_at).total_seconds()
    seen = intervals.credible(known, viewed.watched, length=film.seconds, elapsed=elapsed)
    before, row.percent = row.percent, intervals.percent(seen, length=film.seconds)
    row.position = min(viewed.position, film.seconds)
    if seen != known:
        row.intervals, row.updated_at = [list(each) for each in seen], ctx.now
    ctx.session.flush()
    if row.percent // STEP > before // STEP:
        ctx.emit(
            VideoWatched(
                user_id=row.user_id,
                course_id=lesson.course_id,
                lesson_id=row.lesson_id,
                item_id=row.item_id,
                percent=_of_lesson(ctx, lesson, row),
            )
        )
    return _view(row)


def progress(ctx: ReadCtx, lesson_id: UUID, *, video: str) -> VideoProgressView:
    """Where the actor was in a lesson's video; at its beginning when never played. Four statements."""
    lesson = release.access_lesson(ctx, lesson_id)
    film = _film_in(ctx, lesson, video)
    row = _own(ctx, enrolments.learner_of(ctx), _original(lesson), film.id)
    if row is None:
        return VideoProgressView(lesson_id=_original(lesson), item_id=film.id, position=0.0, percent=0, intervals=())
    return _view(row)


def _of_lesson(ctx: ReadCtx, lesson: LessonView, row: VideoProgress) -> int:
    """Percent of the lesson's videos that `row`'s person watched: of several that of which they saw the least."""
    shown = {unquote(name) for name in SHOWN.findall(lesson.html)}
    if len(shown) < 2:
        return row.percent
    films = media.films_named(ctx, lesson.course_id, names=shown)
    wanted = select(VideoProgress.item_id, VideoProgress.percent).where(
        VideoProgress.user_id == row.user_id, VideoProgress.lesson_id == row.lesson_id
    )
    watched: dict[UUID, int] = {each.item_id: each.percent for each in ctx.session.execute(wanted)}
    return min(watched.get(film.id, 0) for film in films)


def _film_in(ctx: ReadCtx, lesson: LessonView, video: str) -> FilmFacts:
    # Only what the lesson shows counts for it, or a short film elsewhere would complete a long one.
    if f'/videos/{video}"' not in lesson.html:
        raise MediaNotFound()
    return media.film_facts(ctx, lesson.course_id, name=video)


def _row(ctx: WriteCtx, lesson: LessonView, film: FilmFacts) -> VideoProgress:
    user_id, lesson_id = enrolments.learner_of(ctx), _original(lesson)
    found = _own(ctx, user_id, lesson_id, film.id, locked=True)
    if found is not None:
        return found
    row = VideoProgress(user_id=user_id, lesson_id=lesson_id, item_id=film.id, started_at=ctx.now, updated_at=ctx.now)
    try:
        with ctx.session.begin_nested():
            return ctx.add(row)
    except IntegrityError:  # another tab of the same person was first, on PostgreSQL
        found = _own(ctx, user_id, lesson_id, film.id, locked=True)
        if found is None:
            raise
        return found


def _own(ctx: ReadCtx, user_id: UUID, lesson_id: UUID, item_id: UUID, *, locked: bool = False) -> VideoProgress | None:
    wanted = select(VideoProgress).where(
        VideoProgress.user_id == user_id, VideoProgress.lesson_id == lesson_id, VideoProgress.item_id == item_id
    )
    found: VideoProgress | None = ctx.session.execute(
        wanted.with_for_update(key_share=True) if locked else wanted
    ).scalar_one_or_none()
    return found


def _original(lesson: LessonView) -> UUID:
    """A translation's progress is its original's, as in `progress`."""
    return lesson.translation_of_id or lesson.id


def _as_intervals(row: VideoProgress) -> Intervals:
    return tuple((start, end) for start, end in row.intervals)


def _view(row: VideoProgress) -> VideoProgressView:
    return VideoProgressView(
        lesson_id=row.lesson_id,
        item_id=row.item_id,
        position=row.position,
        percent=row.percent,
        intervals=_as_intervals(row),
    )
