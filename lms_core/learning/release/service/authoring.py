"""Writing rules: for the course, a module or a lesson; refused where something would wait for itself.

`results` are the things of the course that are marked, as the slices above know them: conditions may name these alone.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound, LessonNotFound
from lms_core.content.courses.models import CourseStatus
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.permissions import Permission
from lms_core.learning.release import circles, queries, views
from lms_core.learning.release.errors import ConditionRefused, WaitsForItself
from lms_core.learning.release.models import CompletionRule, ConditionKind, ReleaseCondition, ReleasePlan, ReleaseRule
from lms_core.learning.release.rules import Plan, Tree, tree_of
from lms_core.learning.release.schemas import (
    CompletionIn,
    ConditionIn,
    Marked,
    PlanIn,
    PlanView,
    RuleIn,
    RuleView,
)
from lms_core.learning.release.service.settling import settle
from lms_core.learning.release.warnings import warnings

Results = Mapping[UUID, Marked]
SAID = ("kind", "at", "days", "percent", "lesson_id", "module_id", "required_course_id", "cohort_id", "result_id")


def read_plan(ctx: ReadCtx, course: str | UUID, *, results: Results) -> PlanView:
    """Every rule of a course and what looks wrong about them, for its editors. Eight statements at most."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True)
    plan, tree = queries.fresh_plan(ctx, card.id), _tree(ctx, card)
    return _view(ctx, plan, tree, results)


def set_plan(ctx: WriteCtx, course: str | UUID, *, plan: PlanIn, results: Results) -> PlanView:
    """The time zone of a course's dates and the rule of the course itself. ConditionRefused, WaitsForItself."""
    card = courses.editing(ctx, course)
    row = ctx.session.execute(select(ReleasePlan).where(ReleasePlan.course_id == card.id)).scalar_one_or_none()
    row = row or ReleasePlan(course_id=card.id)
    row.time_zone = plan.time_zone
    ctx.add(row)
    return _keep(ctx, card, plan.rule, results)


def set_module_rule(ctx: WriteCtx, module_id: UUID, *, rule: RuleIn, results: Results) -> PlanView:
    """The rule of a module; without conditions it has none. Refused as in `set_plan`."""
    try:
        card = courses.editing(ctx, courses.module_course(ctx, module_id))
    except CourseNotFound as error:
        raise NotFound("There is no such module here. Load the outline again.") from error
    return _keep(ctx, card, rule, results, module_id=module_id)


def set_lesson_rule(ctx: WriteCtx, lesson_id: UUID, *, rule: RuleIn, results: Results) -> PlanView:
    """The rule of a lesson; without conditions it has none. Refused as in `set_plan`."""
    return _keep(ctx, _course_of(ctx, lesson_id), rule, results, lesson_id=lesson_id)


def set_completion(ctx: WriteCtx, lesson_id: UUID, *, completion: CompletionIn, results: Results) -> PlanView:
    """When a lesson is complete, and whether the course needs it. Refused as in `set_plan`."""
    card = _course_of(ctx, lesson_id)
    asked = [each for each in (completion.passed_id, completion.submitted_id, completion.marked_id) if each]
    if any(each not in results for each in asked):
        raise ConditionRefused("What has to be passed, submitted or marked must be of this course.")
    ctx.session.execute(delete(CompletionRule).where(CompletionRule.lesson_id == lesson_id))
    fields = completion.model_dump(exclude={"optional"})
    if any(value for name, value in fields.items() if name != "by_learner"):
        title = next((results[each].title for each in asked), "")
        ctx.add(CompletionRule(lesson_id=lesson_id, course_id=card.id, title=title, **fields))
    courses.set_optional(ctx, lesson_id, optional=completion.optional)
    return _settled(ctx, card, results)


def rule_of(plan: PlanView, *, lesson_id: UUID | None = None, module_id: UUID | None = None) -> RuleView | None:
    """One rule of a plan at hand: a lesson's, a module's, or the course's own."""
    return next((rule for rule in plan.rules if (rule.lesson_id, rule.module_id) == (lesson_id, module_id)), None)


def _keep(
    ctx: WriteCtx,
    card: CourseCard,
    rule: RuleIn,
    results: Results,
    *,
    module_id: UUID | None = None,
    lesson_id: UUID | None = None,
) -> PlanView:
    _check(ctx, card, rule.conditions, results)
    row = ctx.session.execute(
        select(ReleaseRule).where(
            ReleaseRule.course_id == card.id,
            ReleaseRule.module_id == module_id if module_id is not None else ReleaseRule.module_id.is_(None),
            ReleaseRule.lesson_id == lesson_id if lesson_id is not None else ReleaseRule.lesson_id.is_(None),
        )
    ).scalar_one_or_none()
    if not rule.conditions:
        if row is not None:
            ctx.session.execute(delete(ReleaseRule).where(ReleaseRule.id == row.id))
    else:
        row = row or ReleaseRule(course_id=card.id, module_id=module_id, lesson_id=lesson_id)
        row.combination = rule.combination
        ctx.add(row)
        _set_conditions(ctx, row.id, rule.conditions, results)
    return _settled(ctx, card, results)


def _set_conditions(ctx: WriteCtx, rule_id: UUID, given: Sequence[ConditionIn], results: Results) -> None:
    """Make the rule's conditions these. Rows are kept where a condition stays or only its figures change, since the
    dates of cohorts belong to rows.
    """
    given = [each for place, each in enumerate(given) if each not in given[:place]]
    known = ctx.session.execute(select(ReleaseCondition).where(ReleaseCondition.rule_id == rule_id)).scalars()
    free = sorted(known, key=lambda row: row.position)
    same = [next((row for row in free if _says(row, each)), None) for each in given]
    free = [row for row in free if row not in same]
    for place, each in enumerate(given):
        row = same[place] or next((row for row in free if row.kind == each.kind), None)
        row = row or ReleaseCondition(rule_id=rule_id, kind=each.kind)
        free = [other for other in free if other is not row]
        for name in SAID:
            setattr(row, name, getattr(each, name))
        row.position = place
        row.title = results[each.result_id].title if each.result_id is not None else ""
        ctx.add(row)
    for row in free:
        ctx.session.delete(row)
    ctx.session.flush()


def _says(row: ReleaseCondition, given: ConditionIn) -> bool:
    return all(getattr(row, name) == getattr(given, name) for name in SAID)


def _check(ctx: ReadCtx, card: CourseCard, given: Sequence[ConditionIn], results: Results) -> None:
    """ConditionRefused for what is not of this course, and for other courses its author may not see."""
    tree, plan = _tree(ctx, card), queries.fresh_plan(ctx, card.id)
    for each in given:
        here = {
            ConditionKind.LESSON: each.lesson_id in tree.lessons,
            ConditionKind.MODULE: each.module_id in tree.counted,
            ConditionKind.SCORE: each.result_id in results,
            ConditionKind.COHORT: each.cohort_id in plan.cohorts,
        }.get(each.kind, True)
        if not here:
            raise ConditionRefused("A condition may name lessons, modules, quizzes and cohorts of this course only.")
        if each.required_course_id is not None:
            _check_course(ctx, each.required_course_id)


def _check_course(ctx: ReadCtx, course_id: UUID) -> None:
    try:
        courses.access_course(ctx, course_id, even_archived=True)
    except CourseNotFound as error:
        raise ConditionRefused("The course to complete first is not there, or you may not see it.") from error


def _settled(ctx: WriteCtx, card: CourseCard, results: Results) -> PlanView:
    plan = settle(ctx, card.id)
    tree = _tree(ctx, card)
    round_lessons = circles.circle_of_lessons(plan, tree, {key: each.lesson_id for key, each in results.items()})
    if round_lessons:
        raise WaitsForItself(round_lessons)
    if any(each.required_course_id is not None for rule in plan.rules for each in rule.conditions):
        _refuse_circle_of_courses(ctx, card)
    return _view(ctx, plan, tree, results)


def _refuse_circle_of_courses(ctx: ReadCtx, card: CourseCard) -> None:
    found = circles.circle_of_courses(queries.course_rules(ctx), card.id)
    if found:
        known = courses.cards(ctx, sorted(set(found)))
        drafts = {each.id for each in known.values() if each.status == CourseStatus.DRAFT} - {card.id}
        raise WaitsForItself([known[each].title if each not in drafts else "…" for each in found])


def _tree(ctx: ReadCtx, card: CourseCard) -> Tree:
    return tree_of(courses.outline(ctx, card.id, drafts=True))


def _course_of(ctx: WriteCtx, lesson_id: UUID) -> CourseCard:
    course_id, _ = courses.lesson_course(ctx, lesson_id)
    try:
        return courses.editing(ctx, course_id)
    except CourseNotFound as error:
        raise LessonNotFound() from error


def _view(ctx: ReadCtx, plan: Plan, tree: Tree, results: Results) -> PlanView:
    completion = {
        each: plan.completion.get(each, CompletionIn(by_learner=True)).model_copy(update={"optional": lesson.optional})
        for each, lesson in tree.lessons.items()
        if each in plan.completion or lesson.optional
    }
    return PlanView(
        course_id=plan.course_id,
        time_zone=plan.zone.key,
        rules=views.rules(ctx, plan.rules, plan=plan, tree=tree, person=None),
        completion=completion,
        warnings=warnings(ctx, plan, tree, results),
    )
