"""Reading progress: a course, all one's courses, and where to go on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, select

from lms_core.content.courses import service as courses
from lms_core.content.courses.models import CourseStatus
from lms_core.content.courses.schemas import CourseCard, ModuleView
from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.progress.models import LessonProgress, ProgressState
from lms_core.learning.progress.schemas import CourseProgress, ModuleProgress, MyCourse, ResumeView
from lms_core.learning.release import service as release

LATEST = 10
_STATES = prepared(
    select(LessonProgress.lesson_id, LessonProgress.state, LessonProgress.anchor, LessonProgress.updated_at).where(
        LessonProgress.user_id == bindparam("user_id"), LessonProgress.course_id == bindparam("course_id")
    )
)

_LATEST = prepared(
    select(LessonProgress.course_id)
    .where(LessonProgress.user_id == bindparam("user_id"))
    .order_by(LessonProgress.updated_at.desc())
    .limit(LATEST)
)


def course_progress(ctx: ReadCtx, course: str | UUID) -> CourseProgress:
    """The actor's progress in a course they may read; CourseNotFound otherwise. Four statements, two more by rules."""
    card = enrolments.access_reading(ctx, course)
    modules = courses.outline(ctx, card.id, revision=card.updated_at)
    return progress_in(ctx, card.id, modules, locked=release.locked_in(ctx, card))


def has_completed_any(ctx: ReadCtx, course_id: UUID) -> bool:
    """Whether the actor completed a lesson of the course. One statement; none for a visitor."""
    if ctx.actor.user_id is None:
        return False
    done = select(LessonProgress.id).where(
        LessonProgress.user_id == ctx.actor.user_id,
        LessonProgress.course_id == course_id,
        LessonProgress.state == ProgressState.COMPLETED,
    )
    return ctx.session.execute(done.limit(1)).first() is not None


def progress_in(
    ctx: ReadCtx, course_id: UUID, modules: Sequence[ModuleView], *, locked: frozenset[UUID] = frozenset()
) -> CourseProgress:
    """The actor's progress over an outline that is at hand already; nobody is sent on to a `locked` lesson.

    One statement; none for a visitor.
    """
    states = {} if ctx.actor.user_id is None else states_of(ctx, course_id, user_id=ctx.actor.user_id)
    done = frozenset(lesson_id for lesson_id, row in states.items() if row.state == ProgressState.COMPLETED)
    parts = [_module(module, done) for module in modules]
    lessons = sum(part.lessons for part in parts)
    completed = sum(part.completed for part in parts)
    resume = _resume(modules, states, done, locked)
    return CourseProgress(
        course_id=course_id,
        lessons=lessons,
        completed=completed,
        percent=percent_of(completed, lessons),
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
        completed = min(completed, card.required_count)
        items.append(
            MyCourse(
                course=card,
                enrolled_at=enrolment.enrolled_at,
                completed=completed,
                percent=percent_of(completed, card.required_count),
                last_lesson_id=last,
            )
        )
    return Page(items=items, next_cursor=enrolled.next_cursor)


def percents(ctx: ReadCtx, cards: Sequence[CourseCard]) -> dict[UUID, int]:
    """How far the actor is in each of the courses, in whole percent. One statement, none without courses."""
    sums = _sums(ctx, [card.id for card in cards])
    done = {card.id: min(sums.get(card.id, (0, None))[0], card.required_count) for card in cards}
    return {card.id: percent_of(done[card.id], card.required_count) for card in cards}


def resume(ctx: ReadCtx, *, known: Sequence[CourseCard] = ()) -> ResumeView | None:
    """Where the actor left off last, of all courses they are in; None before anything was opened.

    Two statements where the last course is among the `known` ones they are in, else four; two more by rules.
    """
    latest = list(ctx.session.execute(_LATEST, {"user_id": enrolments.learner_of(ctx)}))
    cards = {card.id: card for card in known}
    if latest and latest[0].course_id not in cards:
        inside = enrolments.enrolled_among(ctx, {row.course_id for row in latest})
        cards = courses.cards(ctx, sorted(inside))
    card = next((cards[row.course_id] for row in latest if row.course_id in cards), None)
    if card is None or card.status == CourseStatus.DRAFT:
        return None
    modules = courses.outline(ctx, card.id, revision=card.updated_at)
    mine = progress_in(ctx, card.id, modules, locked=release.locked_in(ctx, card))
    here = next(
        (each for module in modules for each in module.lessons if each.id == mine.resume_lesson_id),
        None,
    )
    if here is None:
        return None
    return ResumeView(
        course_id=card.id,
        course_slug=card.slug,
        course_title=card.title,
        lesson_id=here.id,
        lesson_title=here.title,
        language=here.language,
        percent=mine.percent,
        anchor=mine.resume_anchor,
    )


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


def states_of(ctx: ReadCtx, course_id: UUID, *, user_id: UUID) -> dict[UUID, Any]:
    """Rows (`state`, `anchor`, `updated_at`) of somebody's lessons in a course, by lesson. One statement."""
    rows = ctx.session.execute(_STATES, {"user_id": user_id, "course_id": course_id})
    return {row.lesson_id: row for row in rows}


def count(ctx: ReadCtx, course_id: UUID, *, user_id: UUID) -> tuple[int, int]:
    """Lessons done and lessons in all, of those that a course asks for. Two statements."""
    counted = set(ctx.session.execute(courses.countable_lessons([course_id])).scalars())
    states = states_of(ctx, course_id, user_id=user_id)
    done = {lesson_id for lesson_id, row in states.items() if row.state == ProgressState.COMPLETED}
    return len(done & counted), len(counted)


def _counted(module: ModuleView) -> list[UUID]:
    """Ids of a module's lessons in order, translations left out."""
    return [lesson.id for lesson in module.lessons if lesson.translation_of_id is None]


def _module(module: ModuleView, done: frozenset[UUID]) -> ModuleProgress:
    lessons = [lesson.id for lesson in module.lessons if lesson.translation_of_id is None and not lesson.optional]
    completed = len(done.intersection(lessons))
    return ModuleProgress(
        module_id=module.id,
        title=module.title,
        lessons=len(lessons),
        completed=completed,
        percent=percent_of(completed, len(lessons)),
    )


def _resume(
    modules: Sequence[ModuleView], states: dict[UUID, Any], done: frozenset[UUID], locked: frozenset[UUID]
) -> UUID | None:
    """The lesson left open last; when that is done the first undone after it, else the first undone, else the first.

    Locked ones are passed over.
    """
    order = [lesson_id for module in modules for lesson_id in _counted(module) if lesson_id not in locked]
    undone = [lesson_id for lesson_id in order if lesson_id not in done]
    touched = [lesson_id for lesson_id in order if lesson_id in states]
    if not touched or not undone:
        return next(iter(undone or order), None)
    last = max(touched, key=lambda lesson_id: states[lesson_id].updated_at)
    after = order[order.index(last) :]
    return next((lesson_id for lesson_id in after if lesson_id not in done), undone[0])


def percent_of(done: int, total: int) -> int:
    """Whole percent, rounded down, so that 100 means all of it."""
    return done * 100 // total if total else 0
