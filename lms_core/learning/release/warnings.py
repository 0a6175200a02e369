"""What looks wrong about a course's rules: conditions that nobody can meet as things stand."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.content.courses.models import CourseStatus, LessonStatus
from lms_core.kit.context import ReadCtx
from lms_core.learning.release import queries
from lms_core.learning.release.models import Combination, ConditionKind
from lms_core.learning.release.rules import Condition, Plan, Rule, Tree
from lms_core.learning.release.schemas import Marked, WarningView

DRAFT_LESSON = "waits_for_draft"
HIDDEN_RESULT = "waits_for_hidden_quiz"
CLOSED_COURSE = "waits_for_closed_course"
EMPTY_COHORT = "waits_for_empty_cohort"
TWO_COHORTS = "waits_for_two_cohorts"


def warnings(ctx: ReadCtx, plan: Plan, tree: Tree, results: Mapping[UUID, Marked]) -> tuple[WarningView, ...]:
    """Each rule's conditions that cannot come true now, `title` naming what is waited for. Two statements at most.

    `tree` holds drafts too.
    """
    conditions = [each for rule in plan.rules for each in rule.conditions]
    wanted = {each.required_course_id for each in conditions if each.required_course_id is not None}
    known = courses.cards(ctx, sorted(wanted)) if wanted else {}
    peopled = {row.cohort_id for row in queries.learners(ctx, plan.course_id)} if plan.cohorts else set()

    def wrong(each: Condition) -> tuple[str, str] | None:
        lesson = tree.lessons.get(each.lesson_id) if each.lesson_id is not None else None
        if lesson is not None:
            return (DRAFT_LESSON, lesson.title) if lesson.status == LessonStatus.DRAFT else None
        if each.kind == ConditionKind.SCORE and each.result_id is not None:
            result = results.get(each.result_id)
            return (HIDDEN_RESULT, each.title) if result is None or not result.published else None
        if each.kind == ConditionKind.COURSE and each.required_course_id in known:
            course = known[each.required_course_id]
            return (CLOSED_COURSE, course.title) if course.status != CourseStatus.PUBLISHED else None
        cohort = plan.cohorts.get(each.cohort_id) if each.cohort_id is not None else None
        return (EMPTY_COHORT, cohort.name) if cohort is not None and cohort.id not in peopled else None

    found = []
    for rule in plan.rules:
        told = [pair for each in rule.conditions if (pair := wrong(each)) is not None]
        told += [(TWO_COHORTS, title) for title in _other_cohorts(rule, plan)]
        found += [
            WarningView(code=code, title=title, lesson_id=rule.lesson_id, module_id=rule.module_id)
            for code, title in told
        ]
    return tuple(found)


def _other_cohorts(rule: Rule, plan: Plan) -> Iterator[str]:
    """The second and further cohorts that a rule wants somebody to be in at once."""
    named = dict.fromkeys(each.cohort_id for each in rule.conditions if each.cohort_id is not None)
    if rule.combination == Combination.ALL:
        yield from (plan.cohorts[each].name for each in list(named)[1:] if each in plan.cohorts)
