"""What an answer is worth: bounds, the formula of partial credit, numbers and words as people type them."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lms_core.kit.ids import new_id
from lms_core.learning.assessments.comparing import folded
from lms_core.learning.assessments.grading import points_for, share_of
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.numbers import readings
from lms_core.learning.assessments.papers import PaperChoice, PaperQuestion

POINTS = st.integers(1, 100_000).map(lambda hundredths: hundredths / 100)


def question(right: int, wrong: int, *, points: float = 1.0, **fields: object) -> PaperQuestion:
    """A multiple-choice question with so many right and wrong choices, the right ones first."""
    choices = [PaperChoice(id=new_id(), html="", correct=place < right) for place in range(right + wrong)]
    given_fields = {"type": QuestionType.MULTIPLE, "choices": choices} | fields
    return PaperQuestion.model_validate({"id": new_id(), "html": "?", "points": points, **given_fields})


def ids(asked: PaperQuestion, *, correct: bool) -> list[UUID]:
    return [choice.id for choice in asked.choices if choice.correct is correct]


@given(st.integers(1, 8), st.integers(0, 8), POINTS, st.data())
def test_points_stay_between_nothing_and_all(right: int, wrong: int, points: float, data: st.DataObject) -> None:
    asked = question(right, wrong, points=points)
    chosen = data.draw(st.sets(st.sampled_from([choice.id for choice in asked.choices])))
    earned = points_for(asked, choices=chosen)
    assert earned is not None and 0 <= earned <= points
    assert earned == round(earned, 2)


@given(st.integers(1, 8), st.integers(0, 8), st.data())
def test_partial_credit_is_the_stated_formula(right: int, wrong: int, data: st.DataObject) -> None:
    asked = question(right, wrong)
    hits = data.draw(st.integers(0, right))
    slips = data.draw(st.integers(0, wrong))
    chosen = ids(asked, correct=True)[:hits] + ids(asked, correct=False)[:slips]
    expected = max(0.0, hits / right - (slips / wrong if wrong else 0))
    assert share_of(asked, choices=chosen) == pytest.approx(expected)


@given(st.integers(1, 8), st.integers(1, 8), st.data())
def test_a_right_choice_never_costs_and_a_wrong_one_never_pays(right: int, wrong: int, data: st.DataObject) -> None:
    asked = question(right, wrong)
    chosen = data.draw(st.sets(st.sampled_from([choice.id for choice in asked.choices])))
    before = share_of(asked, choices=chosen) or 0.0
    for choice in asked.choices:
        after = share_of(asked, choices={*chosen, choice.id}) or 0.0
        assert after >= before - 1e-12 if choice.correct else after <= before + 1e-12


@given(st.integers(1, 8), st.integers(1, 8))
def test_all_right_ones_earn_all_and_everything_earns_nothing(right: int, wrong: int) -> None:
    asked = question(right, wrong, points=2.0)
    assert points_for(asked, choices=ids(asked, correct=True)) == 2.0
    assert points_for(asked, choices=[choice.id for choice in asked.choices]) == 0.0
    assert points_for(asked) == 0.0


def test_without_partial_credit_only_the_whole_set_earns() -> None:
    asked = question(2, 2, partial_credit=False)
    assert share_of(asked, choices=ids(asked, correct=True)) == 1.0
    assert share_of(asked, choices=ids(asked, correct=True)[:1]) == 0.0


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=8), st.data())
def test_weights_of_the_author_stay_within_bounds(weights: list[float], data: st.DataObject) -> None:
    choices = [PaperChoice(id=new_id(), html="", correct=weight > 0, weight=weight) for weight in weights]
    kind = data.draw(st.sampled_from([QuestionType.SINGLE, QuestionType.MULTIPLE]))
    asked = question(1, 1, type=kind, choices=choices, points=3.0)
    chosen = data.draw(st.sets(st.sampled_from([choice.id for choice in choices])))
    assert 0 <= (points_for(asked, choices=chosen) or 0.0) <= 3.0


def test_a_weighted_single_choice_earns_its_part() -> None:
    choices = [PaperChoice(id=new_id(), html="", correct=weight == 100, weight=weight) for weight in (100, 50, -20)]
    asked = question(1, 1, type=QuestionType.SINGLE, choices=choices, points=4.0)
    assert [points_for(asked, choices=[choice.id]) for choice in choices] == [4.0, 2.0, 0.0]


def test_two_choices_where_one_is_asked_earn_nothing() -> None:
    asked = question(1, 2, type=QuestionType.SINGLE)
    assert share_of(asked, choices=[choice.id for choice in asked.choices]) == 0.0
    assert share_of(asked, choices=ids(asked, correct=True)) == 1.0


def test_choices_of_other_questions_count_for_nothing() -> None:
    asked = question(2, 2)
    assert share_of(asked, choices=[new_id(), *ids(asked, correct=True)]) == 1.0


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("3.5", {"3.5"}),
        ("3,5", {"3.5"}),
        (" −0,25 ", {"-0.25"}),
        (".5", {"0.5"}),
        ("1 234,5", {"1234.5"}),
        ("1,234.5", {"1234.5"}),
        ("1.234,5", {"1234.5"}),
        ("1,234", {"1.234", "1234"}),
        ("1.234.567", {"1234567"}),
        ("1,234,567", {"1234567"}),
        ("6.02e23", {"6.02E+23"}),
        ("10%", set()),
        ("ten", set()),
        ("", set()),
        ("1e9999", set()),
        ("NaN", set()),
        ("--1", set()),
    ],
)
def test_numbers_as_people_type_them(text: str, meant: set[str]) -> None:
    assert readings(text) == {Decimal(each) for each in meant}


@given(st.decimals(-10_000, 10_000, places=3))
def test_every_written_decimal_is_read_back(number: Decimal) -> None:
    assert number in readings(f"{number:f}")
    assert number in readings(f"{number:f}".replace(".", ","))


@given(st.text(max_size=80))
@example("\U0001d400")  # a bold A: a capital only once it is decomposed
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert all(number.is_finite() for number in readings(text))
    assert folded(folded(text)) == folded(text)


def test_the_ends_of_a_tolerance_are_right() -> None:
    asked = question(0, 0, type=QuestionType.NUMERIC, value=0.3, tolerance=0.1, choices=[])
    assert [share_of(asked, text=text) for text in ("0.2", "0,4", "0.41", "0.19999", "")] == [1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("said", "accepted", "right"),
    [
        ("  GLACE ", "glacé", True),
        ("Straße", "STRASSE", True),
        ("ice  cube", "Ice cube", True),
        ("icecube", "ice cube", False),
        ("ガ", "カ", False),
        ("कि", "क", False),
        ("شُكْر", "شكر", True),
        ("", "x", False),
    ],
)
def test_short_texts_are_compared_without_case_and_accents(said: str, accepted: str, right: bool) -> None:
    asked = question(0, 0, type=QuestionType.SHORT_TEXT, accepted=("other", accepted), choices=[])
    assert share_of(asked, text=said) == float(right)


def test_an_essay_waits_for_a_person_unless_it_is_empty() -> None:
    asked = question(0, 0, type=QuestionType.ESSAY, choices=[])
    assert points_for(asked, text="Because.") is None
    assert points_for(asked, text=" \n") == 0.0
