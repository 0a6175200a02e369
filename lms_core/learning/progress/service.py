"""Verbs on progress."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, select
from sqlalchemy.exc import IntegrityError

from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import LessonItem, LessonView, ModuleView
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.events import Activity
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.progress.events import CourseCompleted, LessonCompleted
from lms_core.learning.progress.models import LessonProgress, ProgressState
from lms_core.learning.progress.schemas import (
    CompletionView,
    CourseProgress,
    LessonProgressView,
    ModuleProgress,
    MyCourse,
    Position,
)

_STATES = prepared(
    select(LessonProgress.lesson_id, LessonProgress.state, LessonProgress.anchor, LessonProgress.updated_at).where(
        LessonProgress.user_id == bindparam("user_id"), LessonProgress.course_id == bindparam("course_id")
    )
)


def mark_opened(ctx: WriteCtx, lesson_id: UUID, *, position: Position | None = None) -> LessonProgressView:
    """Note that the actor has the lesson open, and how far down. LessonNotFound for who may not read it."""
    lesson = enrolments.access_lesson(ctx, lesson_id)
    row = _row(ctx, lesson)
    if position is not None:
        row.percent, row.anchor = position.percent, position.anchor
    row.updated_at = ctx.now
    return _view(row)


def complete(ctx: WriteCtx, lesson_id: UUID) -> CompletionView:
    """Mark the lesson as done. Again: no change, no second event."""
    lesson = enrolments.access_lesson(ctx, lesson_id)
    row = _row(ctx, lesson)
    first = row.state != ProgressState.COMPLETED
    if first:
        row.state, row.completed_at, row.updated_at = ProgressState.COMPLETED, ctx.now, ctx.now
        ctx.session.flush()
    done, total = _count(ctx, lesson.course_id)
    if first:
        _tell(ctx, row, whole_course=done == total)
    return CompletionView(lesson=_view(row), course_percent=_percent(done, total), course_completed=done == total)


def undo(ctx: WriteCtx, lesson_id: UUID) -> CompletionView:
    """Take the mark off again; the lesson stays opened."""
    lesson = enrolments.access_lesson(ctx, lesson_id)
    row = _row(ctx, lesson)
    row.state, row.completed_at, row.updated_at = ProgressState.OPENED, None, ctx.now
    ctx.session.flush()
    done, total = _count(ctx, lesson.course_id)
    return CompletionView(lesson=_view(row), course_percent=_percent(done, total), course_completed=False)


def course_progress(ctx: ReadCtx, course: str | UUID) -> CourseProgress:
    """The actor's progress in a course they may read; CourseNotFound otherwise. Four statements."""
    card = enrolments.access_reading(ctx, course)
    return progress_in(ctx, card.id, courses.outline(ctx, card.id))


def progress_in(ctx: ReadCtx, course_id: UUID, modules: Sequence[ModuleView]) -> CourseProgress:
    """The actor's progress over an outline that is at hand already. One statement; none for a visitor."""
    states = _states(ctx, course_id)
    parts = [_module(module, states) for module in modules]
    lessons = sum(part.lessons for part in parts)
    completed = sum(part.completed for part in parts)
    resume = _resume(modules, states)
    return CourseProgress(
        course_id=course_id,
        lessons=lessons,
        completed=completed,
        percent=_percent(completed, lessons),
        modules=tuple(parts),
        lesson_states={lesson_id: ProgressState(row.state) for lesson_id, row in states.items()},
        resume_lesson_id=resume,
        resume_anchor=states[resume].anchor if resume in states else "",
    )


def my_courses(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[MyCourse]:
    """The actor's courses, latest enrolment first, with progress. Four statements whatever the page's size."""
    enrolled = enrolments.mine(ctx, cursor=cursor, limit=limit)
    ids = [enrolment.course_id for enrolment in enrolled.items]
    cards = courses.cards(ctx, ids)
    sums = _sums(ctx, ids)
    items = []
    for enrolment in enrolled.items:
        card = cards[enrolment.course_id]
        completed, last = sums.get(card.id, (0, None))
        completed = min(completed, card.lesson_count)
        items.append(
            MyCourse(
                course=card,
                enrolled_at=enrolment.enrolled_at,
                completed=completed,
                percent=_percent(completed, card.lesson_count),
                last_lesson_id=last,
            )
        )
    return Page(items=items, next_cursor=enrolled.next_cursor)


def _sums(ctx: ReadCtx, course_ids: Sequence[UUID]) -> dict[UUID, tuple[int, UUID | None]]:
    """By course: lessons completed, and the lesson touched last."""
    if not course_ids:
        return {}
    own = (LessonProgress.user_id == enrolments.learner_of(ctx), LessonProgress.course_id.in_(course_ids))
    by_course = {"partition_by": LessonProgress.course_id}
    latest = [LessonProgress.updated_at.desc(), LessonProgress.id.desc()]
    counts = LessonProgress.lesson_id.in_(courses.countable_lessons(course_ids))
    done = case((and_(LessonProgress.state == ProgressState.COMPLETED, counts), 1), else_=0)
    ranked = (
        select(
            LessonProgress.course_id,
            LessonProgress.lesson_id,
            func.sum(done).over(**by_course).label("completed"),
            func.row_number().over(**by_course, order_by=latest).label("place"),
        )
        .where(*own)
        .subquery()
    )
    rows = ctx.session.execute(select(ranked).where(ranked.c.place == 1))
    return {row.course_id: (int(row.completed), row.lesson_id) for row in rows}


def _row(ctx: WriteCtx, lesson: LessonView) -> LessonProgress:
    user_id, lesson_id = enrolments.learner_of(ctx), lesson.translation_of_id or lesson.id
    found = _own(ctx, user_id, lesson_id)
    if found is not None:
        return found
    row = LessonProgress(
        user_id=user_id, lesson_id=lesson_id, course_id=lesson.course_id, opened_at=ctx.now, updated_at=ctx.now
    )
    try:
        with ctx.session.begin_nested():
            return ctx.add(row)
    except IntegrityError:  # another tab of the same person was first, on PostgreSQL
        found = _own(ctx, user_id, lesson_id)
        if found is None:
            raise
        return found


def _own(ctx: ReadCtx, user_id: UUID, lesson_id: UUID) -> LessonProgress | None:
    found: LessonProgress | None = ctx.session.execute(
        select(LessonProgress).where(LessonProgress.user_id == user_id, LessonProgress.lesson_id == lesson_id)
    ).scalar_one_or_none()
    return found


def _states(ctx: ReadCtx, course_id: UUID) -> dict[UUID, Any]:
    if ctx.actor.user_id is None:
        return {}
    rows = ctx.session.execute(_STATES, {"user_id": ctx.actor.user_id, "course_id": course_id})
    return {row.lesson_id: row for row in rows}


def _count(ctx: ReadCtx, course_id: UUID) -> tuple[int, int]:
    """Lessons done and lessons in all, of those that count."""
    counted = set(ctx.session.execute(courses.countable_lessons([course_id])).scalars())
    states = _states(ctx, course_id)
    done = {lesson_id for lesson_id, row in states.items() if row.state == ProgressState.COMPLETED}
    return len(done & counted), len(counted)


def _tell(ctx: WriteCtx, row: LessonProgress, *, whole_course: bool) -> None:
    activity = Activity(user_id=row.user_id, verb="completed_lesson", object_id=row.lesson_id)
    ctx.emit(LessonCompleted(user_id=row.user_id, course_id=row.course_id, lesson_id=row.lesson_id, activity=activity))
    if whole_course:
        activity = Activity(user_id=row.user_id, verb="completed_course", object_id=row.course_id)
        ctx.emit(CourseCompleted(user_id=row.user_id, course_id=row.course_id, activity=activity))


def _counted(module: ModuleView) -> list[LessonItem]:
    return [lesson for lesson in module.lessons if lesson.translation_of_id is None]


def _module(module: ModuleView, states: dict[UUID, Any]) -> ModuleProgress:
    lessons = _counted(module)
    done = sum(lesson.id in states and states[lesson.id].state == ProgressState.COMPLETED for lesson in lessons)
    return ModuleProgress(
        module_id=module.id,
        title=module.title,
        lessons=len(lessons),
        completed=done,
        percent=_percent(done, len(lessons)),
    )


def _resume(modules: Sequence[ModuleView], states: dict[UUID, Any]) -> UUID | None:
    """The lesson left open last; when that is done the first undone after it, else the first undone, else the first."""
    order = [lesson.id for module in modules for lesson in _counted(module)]
    undone = [
        lesson_id for lesson_id in order if getattr(states.get(lesson_id), "state", "") != ProgressState.COMPLETED
    ]
    touched = [lesson_id for lesson_id in order if lesson_id in states]
    if not touched or not undone:
        return next(iter(undone or order), None)
    last = max(touched, key=lambda lesson_id: states[lesson_id].updated_at)
    after = order[order.index(last) :]
    return next((lesson_id for lesson_id in after if lesson_id in set(undone)), undone[0])


def _percent(done: int, total: int) -> int:
    """Whole percent, rounded down, so that 100 means all of it."""
    return done * 100 // total if total else 0


def _view(row: LessonProgress) -> LessonProgressView:
    return LessonProgressView(
        lesson_id=row.lesson_id,
        state=row.state,
        percent=row.percent,
        anchor=row.anchor,
        completed_at=row.completed_at,
    )
