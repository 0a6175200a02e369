"""Properties of rules: more milestones never lock more, `all` and `any` mean what they say, circles are found."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.content.courses.models import LessonKind, LessonStatus
from lms_core.content.courses.schemas import LessonItem, ModuleView
from lms_core.learning.release.circles import circle_of_courses, circle_of_lessons
from lms_core.learning.release.models import Combination, ConditionKind, MilestoneKind
from lms_core.learning.release.rules import (
    CohortDates,
    Condition,
    Person,
    Plan,
    Rule,
    Tree,
    is_met,
    is_satisfied,
    locked,
    moment_of,
    tree_of,
)

COURSE, COHORT = UUID(int=900), UUID(int=901)
LESSONS = [UUID(int=number) for number in range(1, 7)]
MODULES = [UUID(int=number) for number in (101, 102)]
QUIZZES = [UUID(int=number) for number in (201, 202)]
START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
ZONE = ZoneInfo("Africa/Nairobi")
EXAMPLES = settings(max_examples=150, deadline=None)


def _lesson(lesson_id: UUID) -> LessonItem:
    return LessonItem(
        id=lesson_id,
        title=f"L{lesson_id.int}",
        kind=LessonKind.LESSON,
        status=LessonStatus.PUBLISHED,
        language="en",
        minutes=1,
        source_path=None,
        translation_of_id=None,
        optional=False,
    )


def _tree() -> Tree:
    halves = (LESSONS[:3], LESSONS[3:])
    return tree_of(
        [
            ModuleView(id=module, title=f"M{module.int}", summary="", lessons=tuple(map(_lesson, lessons)))
            for module, lessons in zip(MODULES, halves, strict=True)
        ]
    )


TREE = _tree()
conditions = st.one_of(
    st.builds(Condition, id=st.uuids(), kind=st.just(ConditionKind.LESSON), lesson_id=st.sampled_from(LESSONS)),
    st.builds(Condition, id=st.uuids(), kind=st.just(ConditionKind.MODULE), module_id=st.sampled_from(MODULES)),
    st.builds(
        Condition,
        id=st.uuids(),
        kind=st.just(ConditionKind.SCORE),
        result_id=st.sampled_from(QUIZZES),
        percent=st.integers(0, 100),
    ),
    st.builds(Condition, id=st.uuids(), kind=st.just(ConditionKind.DAYS), days=st.integers(0, 20)),
    st.builds(
        Condition,
        id=st.uuids(),
        kind=st.just(ConditionKind.DATE),
        at=st.integers(-10, 10).map(lambda days: START + timedelta(days=days)),
    ),
    st.builds(Condition, id=st.uuids(), kind=st.just(ConditionKind.COHORT), cohort_id=st.just(COHORT)),
)
rules = st.builds(
    Rule,
    combination=st.sampled_from(Combination),
    conditions=st.lists(conditions, max_size=4).map(tuple),
    lesson_id=st.sampled_from(LESSONS),
) | st.builds(
    Rule,
    combination=st.sampled_from(Combination),
    conditions=st.lists(conditions, max_size=4).map(tuple),
    module_id=st.sampled_from(MODULES),
)
plans = st.builds(
    Plan,
    course_id=st.just(COURSE),
    zone=st.just(ZONE),
    rules=st.lists(rules, max_size=6).map(tuple),
    cohorts=st.just({COHORT: CohortDates(COHORT, "May", shift_days=2)}),
)
milestones = st.dictionaries(st.tuples(st.just(MilestoneKind.LESSON), st.sampled_from(LESSONS)), st.none()).flatmap(
    lambda done: st.dictionaries(
        st.tuples(st.just(MilestoneKind.SCORE), st.sampled_from(QUIZZES)), st.floats(0, 100)
    ).map(lambda scores: {**done, **scores})
)
people = st.builds(
    Person,
    now=st.integers(0, 30).map(lambda days: START + timedelta(days=days)),
    since=st.just(START),
    cohort_id=st.sampled_from([None, COHORT]),
    reached=milestones,
)


@EXAMPLES
@given(plan=plans, person=people, more=milestones, later=st.integers(0, 40))
def test_more_reached_or_a_later_moment_never_locks_more(
    plan: Plan, person: Person, more: dict[tuple[MilestoneKind, UUID], float | None], later: int
) -> None:
    both = {**person.reached, **{key: max(value or 0, person.reached.get(key) or 0) for key, value in more.items()}}
    richer = replace(person, reached=both, now=person.now + timedelta(days=later))
    assert locked(plan, TREE, richer).keys() <= locked(plan, TREE, person).keys()


@EXAMPLES
@given(plan=plans, person=people, given_rules=rules)
def test_all_means_all_and_any_means_one(plan: Plan, person: Person, given_rules: Rule) -> None:
    met = [is_met(each, plan, TREE, person) for each in given_rules.conditions]
    every = replace(given_rules, combination=Combination.ALL)
    one = replace(given_rules, combination=Combination.ANY)
    assert is_satisfied(every, plan, TREE, person) == all(met)
    assert is_satisfied(one, plan, TREE, person) == (any(met) or not met)


@EXAMPLES
@given(plan=plans, person=people)
def test_a_locked_lesson_names_a_rule_that_is_not_met(plan: Plan, person: Person) -> None:
    found = locked(plan, TREE, person)
    for lesson_id in LESSONS:
        governing = [
            rule
            for rule in plan.rules
            if rule.lesson_id == lesson_id
            or (rule.module_id is not None and rule.module_id == TREE.module_of[lesson_id])
        ]
        closed = [rule for rule in governing if not is_satisfied(rule, plan, TREE, person)]
        assert (lesson_id in found) == bool(closed)


@EXAMPLES
@given(plan=plans)
def test_a_plan_without_a_circle_can_be_learnt_to_its_end(plan: Plan) -> None:
    beside: dict[UUID, UUID | None] = {QUIZZES[0]: LESSONS[0], QUIZZES[1]: None}
    circle = circle_of_lessons(plan, TREE, beside)
    assert bool(circle) == bool(_never_opened(plan, beside))
    if circle:
        assert circle[0] == circle[-1] and len(circle) >= 2


def _never_opened(plan: Plan, beside: dict[UUID, UUID | None]) -> set[UUID]:
    """Lessons that stay locked for somebody who waits for ever and does everything that is open."""
    person = Person(now=START + timedelta(days=9999), since=START, cohort_id=COHORT)
    while True:
        closed = locked(plan, TREE, person).keys()
        reached = {(MilestoneKind.LESSON, each): None for each in LESSONS if each not in closed}
        scores = {(MilestoneKind.SCORE, quiz): 100.0 for quiz, place in beside.items() if place not in closed}
        if {**reached, **scores} == person.reached:
            return set(closed)
        person = replace(person, reached={**reached, **scores})


@EXAMPLES
@given(st.dictionaries(st.integers(0, 5), st.sets(st.integers(0, 5), max_size=3), max_size=6))
def test_circles_of_courses_are_those_of_the_graph(graph: dict[int, set[int]]) -> None:
    def rule_of(wanted: set[int]) -> Rule:
        waits = (Condition(UUID(int=n), ConditionKind.COURSE, required_course_id=UUID(int=n)) for n in sorted(wanted))
        return Rule(Combination.ALL, tuple(waits))

    given_rules = [(UUID(int=course), rule_of(wanted)) for course, wanted in graph.items()]
    for start in graph:
        found = circle_of_courses(given_rules, UUID(int=start))
        assert bool(found) == _meets_a_circle(graph, start)
        assert all(b.int in graph[a.int] for a, b in itertools.pairwise(found))


def _meets_a_circle(graph: dict[int, set[int]], start: int, above: tuple[int, ...] = ()) -> bool:
    if start in above:
        return True
    return any(_meets_a_circle(graph, each, (*above, start)) for each in graph.get(start, ()))


def test_days_keep_their_hour_when_clocks_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    plan = Plan(COURSE, zone, cohorts={COHORT: CohortDates(COHORT, "May", shift_days=30)})
    at = datetime(2026, 3, 15, 8, 0, tzinfo=zone).astimezone(UTC)
    person = Person(now=START, since=at, cohort_id=COHORT)
    for condition in (
        Condition(UUID(int=1), ConditionKind.DATE, at=at),
        Condition(UUID(int=1), ConditionKind.DAYS, days=30),
    ):
        moment = moment_of(condition, plan, person)
        assert moment is not None and moment.astimezone(zone).hour == 8
