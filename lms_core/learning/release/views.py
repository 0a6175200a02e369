"""Rules as people read them: what each condition waits for, by name, and whether it is met."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.content.courses.models import CourseStatus
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx
from lms_core.learning.release import rules as deciding
from lms_core.learning.release.models import ConditionKind
from lms_core.learning.release.rules import Condition, Person, Plan, Rule, Tree
from lms_core.learning.release.schemas import ConditionView, RuleView


def rules(
    ctx: ReadCtx, given: Sequence[Rule], *, plan: Plan, tree: Tree, person: Person | None
) -> tuple[RuleView, ...]:
    """Rules with titles, and for a `person` with what is met. One statement where other courses are asked for."""
    wanted = {
        each.required_course_id for rule in given for each in rule.conditions if each.required_course_id is not None
    }
    known = courses.cards(ctx, sorted(wanted)) if wanted else {}
    return tuple(
        RuleView(
            module_id=rule.module_id,
            lesson_id=rule.lesson_id,
            title=_title_of(rule, tree),
            combination=rule.combination,
            conditions=tuple(condition(each, plan, tree, person, known) for each in rule.conditions),
        )
        for rule in given
    )


def condition(
    given: Condition, plan: Plan, tree: Tree, person: Person | None, known: Mapping[UUID, CourseCard]
) -> ConditionView:
    """One condition; without a `person` its date is the common one and nothing is said to be met."""
    course = known.get(given.required_course_id) if given.required_course_id is not None else None
    return ConditionView(
        id=given.id,
        kind=given.kind,
        met=deciding.is_met(given, plan, tree, person) if person is not None else None,
        title=_waited_for(given, plan, tree, course),
        at=deciding.moment_of(given, plan, person) if person is not None else given.at,
        days=given.days,
        percent=given.percent,
        reached=deciding.percent_of(given, person)
        if person is not None and given.kind == ConditionKind.SCORE
        else None,
        lesson_id=given.lesson_id,
        module_id=given.module_id,
        required_course_id=given.required_course_id,
        course_slug=course.slug if course is not None else None,
        cohort_id=given.cohort_id,
        result_id=given.result_id,
    )


def _waited_for(given: Condition, plan: Plan, tree: Tree, course: CourseCard | None) -> str:
    """The name of what a condition waits for; empty for what its reader may not know of, such as a draft."""
    match given.kind:
        case ConditionKind.LESSON:
            lesson = tree.lessons.get(given.lesson_id) if given.lesson_id is not None else None
            return lesson.title if lesson is not None else ""
        case ConditionKind.MODULE:
            return tree.module_titles.get(given.module_id, "") if given.module_id is not None else ""
        case ConditionKind.COURSE:
            return course.title if course is not None and course.status != CourseStatus.DRAFT else ""
        case ConditionKind.COHORT:
            cohort = plan.cohorts.get(given.cohort_id) if given.cohort_id is not None else None
            return cohort.name if cohort is not None else ""
        case _:
            return given.title


def _title_of(rule: Rule, tree: Tree) -> str:
    if rule.lesson_id is not None:
        lesson = tree.lessons.get(rule.lesson_id)
        return lesson.title if lesson is not None else ""
    return tree.module_titles.get(rule.module_id, "") if rule.module_id is not None else ""
