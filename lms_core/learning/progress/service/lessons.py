"""What a reader does with a lesson, and what completes it: their word, or whatever its rule asks for.

A lesson completes by itself in the transaction in which the last thing it asks for is reached, and what it completes
further up (the course) goes with it. Each is written down as a milestone, by which rules open what waits for it.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import LessonView
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.events import Activity
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.progress.errors import NotDoneYet
from lms_core.learning.progress.events import CourseCompleted, LessonCompleted
from lms_core.learning.progress.models import LessonProgress, ProgressState
from lms_core.learning.progress.schemas import CompletionView, LessonProgressView, Position, ReadingView
from lms_core.learning.progress.service import days
from lms_core.learning.progress.service.reading import count, percent_of
from lms_core.learning.release import service as release
from lms_core.learning.release.models import MilestoneKind
from lms_core.learning.release.schemas import RequirementView


def mark_opened(ctx: WriteCtx, lesson_id: UUID, *, position: Position | None = None) -> LessonProgressView:
    """Note that the actor has the lesson open, and how far down. LessonNotFound, LessonLocked."""
    lesson, row = _mine(ctx, lesson_id)
    if position is not None:
        row.percent, row.anchor = position.percent, position.anchor
    row.updated_at = ctx.now
    _complete_if_due(ctx, lesson, row)
    return _view(row)


def read_on(ctx: WriteCtx, lesson_id: UUID, *, begins: bool = False) -> ReadingView:
    """A sign that the actor has the lesson in sight; active time grows by what `days.beat` counts."""
    lesson, row = _mine(ctx, lesson_id)
    row.active_seconds += days.beat(ctx, user_id=row.user_id, begins=begins)
    row.updated_at = ctx.now
    return _reading(ctx, lesson, row)


def note_watched(ctx: WriteCtx, lesson_id: UUID, *, user_id: UUID, percent: int) -> None:
    """Somebody really watched so much of a lesson's video; less than before changes nothing. For `viewing`'s facts."""
    lesson = courses.read_lesson(ctx, lesson_id)
    row = _row(ctx, user_id, lesson)
    if percent > row.video_percent:
        row.video_percent, row.updated_at = percent, ctx.now
        ctx.session.flush()
        _settle_for(ctx, user_id, lesson_id)


def still_to_do(ctx: ReadCtx, lesson: LessonView) -> tuple[RequirementView, ...]:
    """What a lesson that the actor has accessed asks for, each with how far they are.

    No statement for a lesson that is complete when its learner says so, else two at most.
    """
    user_id = ctx.actor.user_id
    if user_id is None or release.completion_of(ctx, lesson) == release.BY_LEARNER:
        return ()
    row = _own(ctx, user_id, lesson.translation_of_id or lesson.id)
    return release.requirements(ctx, lesson, _doing(row), user_id=user_id)


def complete(ctx: WriteCtx, lesson_id: UUID) -> CompletionView:
    """The actor's word that the lesson is done. Again: no change, no second event.

    It stays open while its rule asks for more, as `requirements` tells; NotDoneYet when that never asks for this word.
    """
    lesson, row = _mine(ctx, lesson_id)
    if row.state == ProgressState.COMPLETED:
        return _completion(ctx, row, release.requirements(ctx, lesson, _doing(row), user_id=row.user_id))
    row.said_done_at, row.updated_at = ctx.now, ctx.now
    asked = _complete_if_due(ctx, lesson, row)
    if not _all_met(asked) and all(each.kind != "by_learner" for each in asked):
        raise NotDoneYet(asked)
    return _completion(ctx, row, asked)


def undo(ctx: WriteCtx, lesson_id: UUID) -> CompletionView:
    """Take the mark off again; the lesson stays opened, and what waited for it is locked again."""
    _, row = _mine(ctx, lesson_id)
    _reopen(ctx, row)
    row.said_done_at = None
    done, total = count(ctx, row.course_id, user_id=row.user_id)
    return CompletionView(lesson=_view(row), course_percent=percent_of(done, total), course_completed=False)


def note_result(
    ctx: WriteCtx, *, user_id: UUID, course_id: UUID, object_id: UUID, percent: float | None, passed: bool
) -> None:
    """Somebody's standing result in something marked: the percentage that counts (None: none does any more).

    Opens, and completes, what waits for it; what no longer has it is taken back.
    """
    score = {"user_id": user_id, "object_id": object_id}
    if percent is None:
        release.withdraw(ctx, **score, kind=MilestoneKind.SCORE)
    else:
        release.reach(ctx, **score, course_id=course_id, kind=MilestoneKind.SCORE, value=percent)
    note_reached(ctx, user_id=user_id, course_id=course_id, object_id=object_id, kind=MilestoneKind.PASSED, yes=passed)


def note_reached(
    ctx: WriteCtx,
    *,
    user_id: UUID,
    course_id: UUID,
    object_id: UUID,
    kind: MilestoneKind,
    yes: bool = True,
    value: float | None = None,
) -> None:
    """Somebody passed, submitted or was marked (`value`: percent), or that was taken back (`yes` False)."""
    if yes:
        release.reach(ctx, user_id=user_id, course_id=course_id, kind=kind, object_id=object_id, value=value)
    else:
        release.withdraw(ctx, user_id=user_id, kind=kind, object_id=object_id)
    for lesson_id in release.lessons_asking_for(ctx, object_id):
        _settle_for(ctx, user_id, lesson_id)


def _settle_for(ctx: WriteCtx, user_id: UUID, lesson_id: UUID) -> None:
    """Complete or reopen a lesson after a milestone of somebody who may not be the actor. A locked one waits."""
    lesson = courses.read_lesson(ctx, lesson_id)
    card = courses.cards(ctx, [lesson.course_id])[lesson.course_id]
    if lesson.id in release.locked_for(ctx, card, user_id=user_id):
        return
    row = _row(ctx, user_id, lesson)
    if row.state != ProgressState.COMPLETED:
        _complete_if_due(ctx, lesson, row)
    elif not _all_met(release.requirements(ctx, lesson, _doing(row), user_id=user_id)):
        _reopen(ctx, row)


def _complete_if_due(ctx: WriteCtx, lesson: LessonView, row: LessonProgress) -> tuple[RequirementView, ...]:
    """Complete the lesson when all it asks for is met; returns what it asks for."""
    asked = release.requirements(ctx, lesson, _doing(row), user_id=row.user_id)
    if row.state != ProgressState.COMPLETED and _all_met(asked):
        row.state, row.completed_at, row.updated_at = ProgressState.COMPLETED, ctx.now, ctx.now
        ctx.session.flush()
        _tell(ctx, row)
    return asked


def _tell(ctx: WriteCtx, row: LessonProgress) -> None:
    who = {"user_id": row.user_id, "course_id": row.course_id}
    release.reach(ctx, **who, kind=MilestoneKind.LESSON, object_id=row.lesson_id)
    days.note(ctx, user_id=row.user_id, lessons=1)
    activity = Activity(user_id=row.user_id, verb="completed_lesson", object_id=row.lesson_id)
    ctx.emit(LessonCompleted(**who, lesson_id=row.lesson_id, activity=activity))
    done, total = count(ctx, row.course_id, user_id=row.user_id)
    if done == total > 0 and release.reach(ctx, **who, kind=MilestoneKind.COURSE, object_id=row.course_id):
        activity = Activity(user_id=row.user_id, verb="completed_course", object_id=row.course_id)
        ctx.emit(CourseCompleted(**who, activity=activity))


def _reopen(ctx: WriteCtx, row: LessonProgress) -> None:
    if row.state == ProgressState.COMPLETED:
        days.note(ctx, user_id=row.user_id, lessons=-1)
    row.said_done_at = row.said_done_at or row.completed_at  # their word stands; what else was asked for is gone
    row.state, row.completed_at, row.updated_at = ProgressState.OPENED, None, ctx.now
    ctx.session.flush()
    release.withdraw(ctx, user_id=row.user_id, kind=MilestoneKind.LESSON, object_id=row.lesson_id)
    release.withdraw(ctx, user_id=row.user_id, kind=MilestoneKind.COURSE, object_id=row.course_id)


def _completion(ctx: ReadCtx, row: LessonProgress, asked: Sequence[RequirementView]) -> CompletionView:
    done, total = count(ctx, row.course_id, user_id=row.user_id)
    return CompletionView(
        lesson=_view(row),
        course_percent=percent_of(done, total),
        course_completed=done == total > 0,
        requirements=tuple(asked),
    )


def _reading(ctx: WriteCtx, lesson: LessonView, row: LessonProgress) -> ReadingView:
    ctx.session.flush()
    asked = _complete_if_due(ctx, lesson, row)
    return ReadingView(
        active_seconds=row.active_seconds, completed=row.state == ProgressState.COMPLETED, requirements=asked
    )


def _doing(row: LessonProgress | None) -> release.Doing:
    if row is None:
        return release.Doing()
    said_done = row.said_done_at is not None or row.state == ProgressState.COMPLETED
    return release.Doing(True, row.active_seconds, row.video_percent, said_done)


def _all_met(asked: Sequence[RequirementView]) -> bool:
    return all(each.met for each in asked)


def _mine(ctx: WriteCtx, lesson_id: UUID) -> tuple[LessonView, LessonProgress]:
    lesson = release.access_lesson(ctx, lesson_id)
    return lesson, _row(ctx, enrolments.learner_of(ctx), lesson)


def _row(ctx: WriteCtx, user_id: UUID, lesson: LessonView) -> LessonProgress:
    """The row of a person with a lesson, locked: two tabs and a mark take turns, so that one of them completes it."""
    lesson_id = lesson.translation_of_id or lesson.id
    found = _own(ctx, user_id, lesson_id, locked=True)
    if found is not None:
        return found
    row = LessonProgress(
        user_id=user_id, lesson_id=lesson_id, course_id=lesson.course_id, opened_at=ctx.now, updated_at=ctx.now
    )
    try:
        with ctx.session.begin_nested():
            return ctx.add(row)
    except IntegrityError:  # another tab of the same person was first, on PostgreSQL
        found = _own(ctx, user_id, lesson_id, locked=True)
        if found is None:
            raise
        return found


def _own(ctx: ReadCtx, user_id: UUID, lesson_id: UUID, *, locked: bool = False) -> LessonProgress | None:
    wanted = select(LessonProgress).where(LessonProgress.user_id == user_id, LessonProgress.lesson_id == lesson_id)
    if locked:
        wanted = wanted.with_for_update(key_share=True)
    found: LessonProgress | None = ctx.session.execute(wanted).scalar_one_or_none()
    return found


def _view(row: LessonProgress) -> LessonProgressView:
    return LessonProgressView(
        lesson_id=row.lesson_id,
        state=row.state,
        percent=row.percent,
        anchor=row.anchor,
        completed_at=row.completed_at,
    )
