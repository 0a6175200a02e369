"""What is locked for a person, and why: pure functions over a course's rules, its outline and what was reached.

A lesson is open when the rules of its course, its module and itself are each satisfied: every condition of a rule
that combines by `all`, at least one of a rule that combines by `any`. A translation follows its original. Conditions
only ever look at time and at what was reached, so more milestones, or a later moment, never lock more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from lms_core.content.courses.schemas import LessonItem, ModuleView
from lms_core.learning.release.models import Combination, ConditionKind, MilestoneKind
from lms_core.learning.release.schemas import CompletionIn

Reached = Mapping[tuple[MilestoneKind, UUID], float | None]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, with the fields that `schemas.NEEDS` names for its kind."""

    id: UUID
    kind: ConditionKind
    at: datetime | None = None
    days: int | None = None
    percent: int | None = None
    lesson_id: UUID | None = None
    module_id: UUID | None = None
    required_course_id: UUID | None = None
    cohort_id: UUID | None = None
    result_id: UUID | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of a lesson, a module, or (with neither) the course."""

    combination: Combination
    conditions: tuple[Condition, ...]
    module_id: UUID | None = None
    lesson_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CohortDates:
    """What a cohort changes about dates: its beginning, a shift in days, its own dates by condition."""

    id: UUID
    name: str
    starts_on: date | None = None
    ends_on: date | None = None
    shift_days: int = 0
    dates: Mapping[UUID, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a course decides by."""

    course_id: UUID
    zone: ZoneInfo
    rules: tuple[Rule, ...] = ()
    cohorts: Mapping[UUID, CohortDates] = field(default_factory=dict)
    completion: Mapping[UUID, CompletionIn] = field(default_factory=dict)
    completion_titles: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """A learner at a moment: in the course since when, in which cohort, with what reached."""

    now: datetime
    since: datetime
    cohort_id: UUID | None = None
    reached: Reached = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tree:
    """A course's published outline, as rules see it: lessons by id, their modules, what completes a module."""

    lessons: Mapping[UUID, LessonItem]
    module_of: Mapping[UUID, UUID]
    module_titles: Mapping[UUID, str]
    counted: Mapping[UUID, tuple[UUID, ...]]

    def original(self, lesson_id: UUID) -> UUID:
        """The lesson a translation stands for; itself when its original is not there."""
        lesson = self.lessons.get(lesson_id)
        other = lesson.translation_of_id if lesson is not None else None
        return other if other in self.lessons else lesson_id  # type: ignore[return-value]


def tree_of(modules: Sequence[ModuleView]) -> Tree:
    """The outline, by ids."""
    pairs = [(module.id, lesson) for module in modules for lesson in module.lessons]
    return Tree(
        lessons={lesson.id: lesson for _, lesson in pairs},
        module_of={lesson.id: module_id for module_id, lesson in pairs},
        module_titles={module.id: module.title for module in modules},
        counted={
            module.id: tuple(each.id for each in module.lessons if each.translation_of_id is None and not each.optional)
            for module in modules
        },
    )


def locked(plan: Plan, tree: Tree, person: Person) -> dict[UUID, tuple[Rule, ...]]:
    """By lesson, the rules that keep it locked, widest first. Lessons that are open are left out."""
    unmet = [rule for rule in rules_for(plan, person) if not is_satisfied(rule, plan, tree, person)]
    course = tuple(rule for rule in unmet if rule.lesson_id is None and rule.module_id is None)
    by_module = {rule.module_id: rule for rule in unmet if rule.module_id is not None}
    by_lesson = {rule.lesson_id: rule for rule in unmet if rule.lesson_id is not None}
    if not unmet:
        return {}
    found = {}
    for lesson_id in tree.lessons:
        original = tree.original(lesson_id)
        places = dict.fromkeys((tree.module_of[original], tree.module_of[lesson_id]))
        rules = course + tuple(by_module[each] for each in places if each in by_module)
        rules += tuple(by_lesson[each] for each in dict.fromkeys((original, lesson_id)) if each in by_lesson)
        if rules:
            found[lesson_id] = rules
    return found


def blocking_course(plan: Plan, tree: Tree, person: Person) -> tuple[Rule, ...]:
    """The rules that keep the whole course locked."""
    rules = (rule for rule in rules_for(plan, person) if rule.lesson_id is None and rule.module_id is None)
    return tuple(rule for rule in rules if not is_satisfied(rule, plan, tree, person))


def rules_for(plan: Plan, person: Person) -> Iterable[Rule]:
    """The rules of the course, and for who is in a cohort that its lessons open when it starts."""
    yield from plan.rules
    cohort = plan.cohorts.get(person.cohort_id) if person.cohort_id is not None else None
    if cohort is not None and cohort.starts_on is not None:
        begins = Condition(cohort.id, ConditionKind.DATE, at=beginning(cohort.starts_on, plan.zone), title=cohort.name)
        yield Rule(Combination.ALL, (begins,))


def is_satisfied(rule: Rule, plan: Plan, tree: Tree, person: Person) -> bool:
    """Whether the rule lets the person pass. One whose conditions are all gone does."""
    met = [is_met(condition, plan, tree, person) for condition in rule.conditions]
    return all(met) if rule.combination == Combination.ALL else not met or any(met)


def is_met(condition: Condition, plan: Plan, tree: Tree, person: Person) -> bool:
    """Whether one condition is met."""
    match condition.kind:
        case ConditionKind.DATE | ConditionKind.DAYS:
            moment = moment_of(condition, plan, person)
            return moment is not None and moment <= person.now
        case ConditionKind.LESSON:
            return (MilestoneKind.LESSON, condition.lesson_id) in person.reached
        case ConditionKind.MODULE:
            lessons = tree.counted.get(condition.module_id) if condition.module_id is not None else None
            return lessons is not None and all((MilestoneKind.LESSON, each) in person.reached for each in lessons)
        case ConditionKind.SCORE:
            percent = percent_of(condition, person)
            return percent is not None and percent >= (condition.percent or 0)
        case ConditionKind.COURSE:
            return (MilestoneKind.COURSE, condition.required_course_id) in person.reached
        case ConditionKind.COHORT:
            return condition.cohort_id == person.cohort_id


def percent_of(condition: Condition, person: Person) -> float | None:
    """What the person reached in what a score is asked of: what counts in a quiz, or an assignment's mark."""
    assert condition.result_id is not None
    keys = ((kind, condition.result_id) for kind in (MilestoneKind.SCORE, MilestoneKind.MARKED))
    return max((person.reached[key] or 0.0 for key in keys if key in person.reached), default=None)


def moment_of(condition: Condition, plan: Plan, person: Person) -> datetime | None:
    """When a date, or days after the beginning, comes for this person; None for conditions of other kinds.

    A cohort's own date stands for the common one, else its shift is added, in whole days of the course's zone. Days
    count from the day a cohort starts, else from the enrolment.
    """
    cohort = plan.cohorts.get(person.cohort_id) if person.cohort_id is not None else None
    if condition.kind == ConditionKind.DAYS and condition.days is not None:
        began = person.since
        if cohort is not None and cohort.starts_on is not None:
            began = beginning(cohort.starts_on, plan.zone)
        return _days_later(began, condition.days, plan.zone)
    if condition.kind != ConditionKind.DATE or condition.at is None:
        return None
    if cohort is None or condition.id == cohort.id:
        return condition.at
    return cohort.dates.get(condition.id) or _days_later(condition.at, cohort.shift_days, plan.zone)


def beginning(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day in a zone."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _days_later(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of day some days later, by the clocks of the zone."""
    return (moment.astimezone(zone) + timedelta(days=days)).astimezone(UTC)
