"""The gate to lessons: what a person may open now, and what is said about the rest."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import LessonNotFound
from lms_core.content.courses.models import CourseStatus, LessonStatus
from lms_core.content.courses.schemas import CourseCard, LessonView
from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Permission
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import queries, rules, views
from lms_core.learning.release.errors import LessonLocked
from lms_core.learning.release.rules import Person, Plan, Rule, Tree
from lms_core.learning.release.schemas import LocksView, LockView


def access_lesson(ctx: ReadCtx, lesson_id: UUID) -> LessonView:
    """A lesson, for its course's staff (drafts for its editors alone), and for the enrolled when it is open for them.

    LessonNotFound for others, LessonLocked for the enrolled. Two statements; where the course has rules three.
    """
    lesson = courses.read_lesson(ctx, lesson_id)
    if courses.may_edit(ctx, lesson.course_id):
        return lesson
    if lesson.status != LessonStatus.PUBLISHED:
        raise LessonNotFound()
    if courses.is_staff(ctx, lesson.course_id):
        return lesson
    if lesson.course_status == CourseStatus.DRAFT:
        raise LessonNotFound()
    if not lesson.course_has_rules:
        if not enrolments.is_enrolled(ctx, lesson.course_id):
            raise LessonNotFound()
        return lesson
    person = _person(ctx, lesson.course_id)
    if person is None:
        raise LessonNotFound()
    plan, tree = _decided_by(ctx, lesson.course_id, lesson.course_updated_at)
    blocking = rules.locked(plan, tree, person).get(lesson.id)
    if blocking:
        raise _refusal(ctx, plan, tree, person, lesson_id=lesson.id, blocking=blocking)
    return lesson


def access_beside(ctx: ReadCtx, course: CourseCard, *, lesson_id: UUID | None) -> None:
    """LessonLocked unless what stands beside a lesson (or, without one, in the course) is open for the actor.

    The caller has seen to it that they read the course. No statement without rules, else two.
    """
    if not course.has_rules or courses.is_staff(ctx, course.id):
        return
    person = _person(ctx, course.id)
    if person is None:
        raise LessonNotFound()
    plan, tree = _decided_by(ctx, course.id, course.updated_at)
    if lesson_id is not None and lesson_id in tree.lessons:
        blocking = rules.locked(plan, tree, person).get(lesson_id, ())
    else:
        blocking, lesson_id = rules.blocking_course(plan, tree, person), None
    if blocking:
        raise _refusal(ctx, plan, tree, person, lesson_id=lesson_id, blocking=blocking)


def access_asset(ctx: ReadCtx, course: CourseCard, *, path: str) -> None:
    """LessonLocked for a file that only lessons show which are locked for the actor, who reads the course."""
    closed = locked_in(ctx, course)
    readers = courses.asset_readers(ctx, course).get(path) if closed else None
    if readers and readers <= closed:
        access_beside(ctx, course, lesson_id=min(readers))


def locked_in(ctx: ReadCtx, course: CourseCard) -> frozenset[UUID]:
    """Ids of the lessons of a course that are locked for the actor, who reads it. None are for its staff.

    No statement without rules, else two.
    """
    if ctx.actor.user_id is None or courses.is_staff(ctx, course.id):
        return frozenset()
    return locked_for(ctx, course, user_id=ctx.actor.user_id)


def locked_for(ctx: ReadCtx, course: CourseCard, *, user_id: UUID) -> frozenset[UUID]:
    """The same for somebody else, by a job that acts for them; everything, for who is not in the course."""
    if not course.has_rules:
        return frozenset()
    plan, tree = _decided_by(ctx, course.id, course.updated_at)
    person = queries.person(ctx, course.id, user_id=user_id)
    return frozenset(tree.lessons if person is None else rules.locked(plan, tree, person))


def locks(ctx: ReadCtx, course: str | UUID) -> LocksView:
    """What is locked in a course for the actor, and why; CourseNotFound for who does not read it."""
    card = enrolments.access_reading(ctx, course)
    person = None
    if card.has_rules and not courses.is_staff(ctx, card.id):
        person = _person(ctx, card.id)
    return _locks(ctx, card, person)


def preview(ctx: ReadCtx, course: str | UUID, *, cohort_id: UUID | None = None) -> LocksView:
    """What somebody who joins now, perhaps into a cohort, would find locked: for the course's editors."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True)
    return _locks(ctx, card, Person(now=ctx.now, since=ctx.now, cohort_id=cohort_id))


def why_locked(ctx: ReadCtx, lesson_id: UUID) -> LockView | None:
    """Why a lesson is locked for the actor; None when it is open. LessonNotFound as in `access_lesson`."""
    try:
        access_lesson(ctx, lesson_id)
    except LessonLocked as refused:
        titles = courses.read_lesson(ctx, lesson_id).title
        return LockView(lesson_id=lesson_id, title=titles, rules=refused.rules)
    return None


def _locks(ctx: ReadCtx, card: CourseCard, person: Person | None) -> LocksView:
    if person is None or not card.has_rules:
        return LocksView(course_id=card.id, course_rules=(), lessons=())
    plan, tree = _decided_by(ctx, card.id, card.updated_at)
    found = rules.locked(plan, tree, person)
    whole = rules.blocking_course(plan, tree, person)
    shown: Sequence[Rule] = tuple({id(rule): rule for each in (whole, *found.values()) for rule in each}.values())
    written = views.rules(ctx, shown, plan=plan, tree=tree, person=person)
    told: Mapping[int, object] = {id(rule): view for rule, view in zip(shown, written, strict=True)}
    return LocksView.model_validate(
        {
            "course_id": card.id,
            "course_rules": [told[id(rule)] for rule in whole],
            "lessons": [
                LockView.model_validate(
                    {
                        "lesson_id": lesson_id,
                        "title": tree.lessons[lesson_id].title,
                        "rules": [told[id(rule)] for rule in blocking],
                    }
                )
                for lesson_id, blocking in found.items()
            ],
        }
    )


def _refusal(
    ctx: ReadCtx, plan: Plan, tree: Tree, person: Person, *, lesson_id: UUID | None, blocking: Sequence[Rule]
) -> LessonLocked:
    told = views.rules(ctx, blocking, plan=plan, tree=tree, person=person)
    return LessonLocked(course_id=plan.course_id, lesson_id=lesson_id, rules=told)


def _person(ctx: ReadCtx, course_id: UUID) -> Person | None:
    if ctx.actor.user_id is None:
        return None
    return queries.person(ctx, course_id, user_id=ctx.actor.user_id)


def _decided_by(ctx: ReadCtx, course_id: UUID, revision: datetime) -> tuple[Plan, Tree]:
    return queries.plan(ctx, course_id, revision=revision), queries.tree(ctx, course_id, revision=revision)
