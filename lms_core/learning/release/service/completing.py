"""What a lesson asks for before it is complete, from its rule, its reader's own doing, and their milestones."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select

from lms_core.content.courses.schemas import LessonView
from lms_core.kit.context import ReadCtx
from lms_core.learning.release import queries
from lms_core.learning.release.models import CompletionRule, Milestone, MilestoneKind
from lms_core.learning.release.schemas import CompletionIn, RequirementView

MARKED_BY = {
    "passed_id": MilestoneKind.PASSED,
    "submitted_id": MilestoneKind.SUBMITTED,
    "marked_id": MilestoneKind.MARKED,
}
MINUTE = 60
BY_LEARNER = CompletionIn(by_learner=True)


@dataclass(frozen=True, slots=True)
class Doing:
    """What a reader did with a lesson: opened it, for how many active seconds, percent of its video, said "done"."""

    opened: bool = False
    seconds: int = 0
    video_percent: int = 0
    said_done: bool = False


def completion_of(ctx: ReadCtx, lesson: LessonView) -> CompletionIn:
    """The rule of a lesson its reader has accessed. No statement without rules, or when the plan is at hand."""
    if not lesson.course_has_rules:
        return BY_LEARNER
    plan = queries.plan(ctx, lesson.course_id, revision=lesson.course_updated_at)
    return plan.completion.get(lesson.translation_of_id or lesson.id, BY_LEARNER)


def requirements(ctx: ReadCtx, lesson: LessonView, doing: Doing, *, user_id: UUID) -> tuple[RequirementView, ...]:
    """Each thing the lesson asks for and whether it is met; all of them together complete it.

    One statement when something marked is asked for, else those of `completion_of`.
    """
    rule = completion_of(ctx, lesson)
    title = ""
    if rule is not BY_LEARNER:
        plan = queries.plan(ctx, lesson.course_id, revision=lesson.course_updated_at)
        title = plan.completion_titles.get(lesson.translation_of_id or lesson.id, "")
    asked = {getattr(rule, name) for name in MARKED_BY} - {None}
    reached: set[tuple[str, UUID]] = set()
    if asked:
        rows = ctx.session.execute(
            select(Milestone.kind, Milestone.object_id).where(
                Milestone.user_id == user_id, Milestone.object_id.in_(asked)
            )
        )
        reached = {(row.kind, row.object_id) for row in rows}
    return tuple(asked_for(rule, doing, reached, title))


def asked_for(
    rule: CompletionIn, doing: Doing, reached: set[tuple[str, UUID]], title: str = ""
) -> Iterator[RequirementView]:
    """The requirements of a rule, in the order of its fields. `reached`: kinds and objects of milestones."""
    if rule.by_learner or rule == CompletionIn(optional=rule.optional):
        yield RequirementView(kind="by_learner", met=doing.said_done)
    if rule.viewed:
        yield RequirementView(kind="viewed", met=doing.opened)
    if rule.minutes is not None:
        spent = doing.seconds // MINUTE
        yield RequirementView(kind="minutes", met=spent >= rule.minutes, goal=rule.minutes, reached=spent)
    if rule.video_percent is not None:
        seen = doing.video_percent
        yield RequirementView(
            kind="video_percent", met=seen >= rule.video_percent, goal=rule.video_percent, reached=seen
        )
    for name, kind in MARKED_BY.items():
        object_id = getattr(rule, name)
        if object_id is not None:
            met = (kind.value, object_id) in reached
            yield RequirementView(kind=name.removesuffix("_id"), met=met, object_id=object_id, title=title)


def lessons_asking_for(ctx: ReadCtx, object_id: UUID) -> list[UUID]:
    """Lessons whose completion asks for something that is marked. One statement."""
    columns = (CompletionRule.passed_id, CompletionRule.submitted_id, CompletionRule.marked_id)
    found = select(CompletionRule.lesson_id).where(or_(*(column == object_id for column in columns)))
    return list(ctx.session.execute(found.order_by(CompletionRule.lesson_id)).scalars())
