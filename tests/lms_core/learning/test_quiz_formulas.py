"""What answers earn by certainty, after tries, for wrong choices; which attempt counts; networks. No database."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.kit.ids import new_id
from lms_core.learning.assessments import behaving, certainty, counting, networks, reviewing
from lms_core.learning.assessments.models import AttemptAnswer, AttemptStatus, CountingAttempt, QuestionType
from lms_core.learning.assessments.papers import PaperChoice, PaperHint, PaperQuestion
from lms_core.learning.assessments.schemas import PRESETS, Behaviour, Conduct, Phase, ReviewItem, Terms, WrongChoice
from tests.conftest import START

RIGHT, *WRONG = (new_id() for _ in range(4))


def question(**fields: object) -> PaperQuestion:
    """One right choice of four, two points, two hints."""
    choices = tuple(PaperChoice(id=each, html="", correct=each == RIGHT) for each in (RIGHT, *WRONG))
    hints = (PaperHint(html="Think."), PaperHint(html="Again."))
    made = {"id": new_id(), "type": QuestionType.SINGLE, "html": "", "points": 2.0, "choices": choices, "hints": hints}
    return PaperQuestion.model_validate(made | fields)


def answer(choice: object, *, certainty: int | None = None, tries: tuple[float, ...] = ()) -> AttemptAnswer:
    """A row that chose this, after tries worth these shares."""
    said = [] if choice is None else [str(choice)]
    tried = [
        {"sequence": at, "choices": [str(WRONG[at % 3])], "text": "", "parts": {}, "share": share}
        for at, share in enumerate(tries)
    ]
    return AttemptAnswer(
        attempt_id=new_id(), question_id=new_id(), choices=said, certainty=certainty, tries=tried, saved_at=START
    )


@pytest.mark.parametrize(("level", "right", "wrong"), [(1, 1.0, 0.0), (2, 2.0, -2.0), (3, 3.0, -6.0), (None, 1.0, 0.0)])
def test_certainty_pays_as_in_moodle(level: int | None, right: float, wrong: float) -> None:
    terms = Terms(behaviour=Behaviour.CERTAINTY)
    assert behaving.points_for(question(), answer(RIGHT, certainty=level), terms=terms, seed=1) == 2 * right
    assert behaving.points_for(question(), answer(WRONG[0], certainty=level), terms=terms, seed=1) == 2 * wrong
    assert behaving.points_for(question(), answer(None, certainty=level), terms=terms, seed=1) == 0.0


@given(st.floats(0, 1))
@settings(max_examples=50)
def test_saying_how_certain_one_is_pays_best(chance: float) -> None:
    """Of all certainties the one in whose range the chance lies is worth most on average (Gardner-Medwin)."""
    expected = {level: chance * certainty.RIGHT[level] + (1 - chance) * certainty.WRONG[level] for level in (1, 2, 3)}
    fitting = next(level for level in (1, 2, 3) if certainty.IDEAL[level][0] <= chance <= certainty.IDEAL[level][1])
    assert expected[fitting] >= max(expected.values()) - 1e-9


def test_the_summary_tells_accuracy_and_bonus() -> None:
    """Ten questions of a point: five right and very certain, three right and not, two wrong and very certain."""
    judged = (
        [certainty.Judged(1, 1, 3, 3)] * 5 + [certainty.Judged(1, 1, 1, 1)] * 3 + [certainty.Judged(1, 0, 3, -6)] * 2
    )
    found = certainty.summary(judged)
    assert found is not None and (found.questions, found.accuracy, found.average) == (10, 0.8, 0.6)
    best_at_80_percent = 0.8 * 2 - 0.2 * 2
    assert found.bonus == pytest.approx(0.1 * (0.6 - best_at_80_percent))
    assert [(level.certainty, level.answers, level.verdict) for level in found.levels] == [
        (3, 7, "over"),
        (1, 3, "under"),
    ]
    assert certainty.summary([]) is None


@pytest.mark.parametrize(
    ("tries", "then", "points"),
    [
        ((), RIGHT, 2.0),
        ((0.0,), RIGHT, 1.33),
        ((0.0, 0.0), RIGHT, 0.67),
        ((0.0, 0.0, 0.0), RIGHT, 0.0),  # no try is left: what is said after the last one does not count
        ((0.0, 1.0), RIGHT, 1.33),
        ((0.5,), WRONG[0], 1.0),  # handing in another answer costs nothing
        ((0.0,), None, 0.0),
    ],
)
def test_wrong_tries_cost_a_third(tries: tuple[float, ...], then: object, points: float) -> None:
    terms = Terms(behaviour=Behaviour.INTERACTIVE)
    assert behaving.points_for(question(), answer(then, tries=tries), terms=terms, seed=1) == points


@pytest.mark.parametrize(
    ("terms", "cost"),
    [
        (Terms(), 0.0),
        (Terms(wrong_choice=WrongChoice.BY_NUMBER), 0.67),
        (Terms(wrong_choice=WrongChoice.PERCENT, wrong_choice_percent=25), 0.5),
        (Terms(wrong_choice=WrongChoice.BY_NUMBER, behaviour=Behaviour.IMMEDIATE), 0.67),
    ],
)
def test_wrong_choices_cost_what_the_quiz_says(terms: Terms, cost: float) -> None:
    assert behaving.points_for(question(), answer(WRONG[1]), terms=terms, seed=1) == -cost
    assert behaving.points_for(question(), answer(RIGHT), terms=terms, seed=1) == 2.0
    assert behaving.points_for(question(), answer(None), terms=terms, seed=1) == 0.0
    assert behaving.total(-3.0, terms) == 0.0 == behaving.total(-3.0, Terms(behaviour=Behaviour.CERTAINTY))
    assert behaving.total(-3.0, Terms(behaviour=Behaviour.CERTAINTY, certainty_floor=False)) == -3.0


@dataclass(frozen=True)
class Marked:
    """An attempt as counting sees it."""

    number: int
    percent: float | None


@given(st.lists(st.floats(0, 100), min_size=1, max_size=8))
@settings(max_examples=50)
def test_every_rule_counts_what_it_says(percents: list[float]) -> None:
    attempts = [Marked(number, percent) for number, percent in enumerate(percents, 1)]
    found = {rule: counting.result_of(attempts, rule) for rule in CountingAttempt}
    assert all(found.values()) and counting.result_of([], CountingAttempt.BEST) is None
    told = {rule: result.percent for rule, result in found.items() if result is not None}
    assert told[CountingAttempt.BEST] == max(percents)
    assert (told[CountingAttempt.FIRST], told[CountingAttempt.LAST]) == (percents[0], percents[-1])
    assert told[CountingAttempt.AVERAGE] == pytest.approx(sum(percents) / len(percents), abs=0.01)


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("::ffff:10.1.2.3", True),
        ("2001:db8::7", True),
        ("2001:db9::7", False),
        ("fe80::1%eth0", False),
        ("testclient", False),
        ("", False),
    ],
)
def test_addresses_are_within_ranges_of_their_kind(address: str, inside: bool) -> None:
    assert networks.is_within(address, ("10.1.0.0/16", "2001:db8::/32")) is inside
    assert not networks.is_within(address, ())


def test_each_moment_shows_what_its_column_says() -> None:
    from datetime import timedelta

    closes = START + timedelta(hours=1)
    one_each = {"during": ["general"], "after": ["score"], "later": ["marks"], "closed": ["answer"]}
    conduct = Conduct.model_validate({"review": one_each})

    def at(minutes: int, status: AttemptStatus = AttemptStatus.GRADED) -> set[ReviewItem]:
        now = START + timedelta(minutes=minutes)
        return set(reviewing.shown(conduct, status, submitted_at=START, closes_at=closes, now=now))

    assert at(0, AttemptStatus.OPEN) == {ReviewItem.GENERAL} and at(0, AttemptStatus.WAITING) == set()
    assert (at(1), at(2), at(60)) == ({ReviewItem.SCORE}, {ReviewItem.MARKS}, {ReviewItem.ANSWER})
    for name, column in (("after_submit", Phase.AFTER), ("after_close", Phase.CLOSED)):
        assert set(PRESETS[name].at(column)) == set(ReviewItem)
    assert not any(PRESETS["never"].at(phase) for phase in Phase)
    never = Conduct(review=PRESETS["never"])
    assert reviewing.opens_next(never, submitted_at=START, closes_at=closes, now=START) is None
