"""What answers of each keyed type are worth: bounds, everything, nothing, order, the stated formulas."""

import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from lms_core.learning.assessments.grading import points_for, share_of
from lms_core.learning.assessments.papers import PaperQuestion, html_of, seed_of
from lms_core.learning.assessments.schemas import QuestionIn
from lms_core.learning.assessments.showing import asked, sheet_of
from lms_core.learning.assessments.types import formula as formulas
from lms_core.learning.assessments.types import gaps, hotspot
from lms_core.learning.assessments.types.shapes import PartKind, Sheet
from tests.factories import question_types as made

PARTLY = [made.matching(), made.ordering(), made.cloze(), made.drag_text(), made.hotspot()]
PAPERS = [made.on_paper(question) for question in PARTLY]
FORMULA = made.on_paper(made.formula())


def answers(sheet: Sheet) -> st.SearchStrategy[dict[str, str]]:
    """Answers to some of the parts, such as the routes let through."""
    values = {
        PartKind.RANK: st.integers(1, 30).map(str),
        PartKind.POINT: st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda at: f"{at[0]:.4f},{at[1]:.4f}"),
        PartKind.TEXT: st.text(max_size=30),
        PartKind.NUMBER: st.text("0123456789.,-e ", max_size=10),
    }
    each = {
        part.id: st.sampled_from(part.options or sheet.options) if part.kind == PartKind.OPTION else values[part.kind]
        for part in sheet.parts
    }
    return st.fixed_dictionaries({}, optional=each)


@pytest.mark.parametrize("question", PAPERS, ids=lambda question: question.type)
@given(data=st.data())
@settings(max_examples=60)
def test_points_lie_between_nothing_and_all(question: PaperQuestion, data: st.DataObject) -> None:
    said = data.draw(answers(sheet_of(question, seed=1)))
    points = points_for(question, parts=said)
    assert points is not None and 0 <= points <= question.points
    backwards = dict(reversed(list(said.items())))
    assert points_for(question, parts=backwards) == points, "the order of answering is no matter"
    whole = question.model_copy(update={"partial_credit": False})
    assert share_of(whole, parts=said) in (0.0, 1.0)


@pytest.mark.parametrize("question", PAPERS, ids=lambda question: question.type)
def test_everything_right_earns_all_and_nothing_nothing(question: PaperQuestion) -> None:
    right = made.right_parts(question.key)
    assert points_for(question, parts=right) == question.points
    assert points_for(question, parts={}) == 0.0
    for part in right:
        assert (share_of(question, parts={**right, part: ""}) or 0.0) < 1.0


@pytest.mark.parametrize("question", PAPERS, ids=lambda question: question.type)
def test_each_right_part_adds_to_the_share(question: PaperQuestion) -> None:
    right = made.right_parts(question.key)
    shares = [share_of(question, parts=dict(list(right.items())[:count])) for count in range(len(right) + 1)]
    assert shares == [pytest.approx(count / len(right)) for count in range(len(right) + 1)]


@pytest.mark.parametrize(
    ("scoring", "places", "share"),
    [
        ("positions", "1234", 1.0),
        ("positions", "2134", 0.5),
        ("positions", "4321", 0.0),
        ("adjacent", "2341", 2 / 3),
        ("adjacent", "1234", 1.0),
        ("adjacent", "4321", 0.0),
        ("longest", "2341", 2 / 3),
        ("longest", "4123", 2 / 3),
        ("longest", "4321", 0.0),
        ("all", "1243", 0.0),
        ("all", "1234", 1.0),
        ("positions", "1134", 0.5),  # two at one place: neither has a place of its own
    ],
)
def test_orders_earn_what_their_scoring_says(scoring: str, places: str, share: float) -> None:
    question = made.on_paper(made.ordering(scoring))
    said = dict(zip(made.right_parts(question.key), places, strict=True))
    assert share_of(question, parts=said) == pytest.approx(share)


@given(st.permutations(range(1, 7)))
def test_every_scoring_agrees_on_the_right_order_alone(places: list[int]) -> None:
    for scoring in ("positions", "adjacent", "longest", "all"):
        question = made.on_paper(made.ordering(scoring, items=6))
        said = dict(zip(made.right_parts(question.key), map(str, places), strict=True))
        assert (share_of(question, parts=said) == 1.0) == (places == sorted(places))


@given(st.integers(0, 2**31))
def test_a_shuffle_never_shows_the_right_order_and_is_the_same_again(seed: int) -> None:
    question = made.on_paper(made.ordering(items=2))
    shown = [part.id for part in sheet_of(question, seed=seed).parts]
    assert shown != list(made.right_parts(question.key))
    assert shown == [part.id for part in sheet_of(question, seed=seed).parts]


def test_equal_right_sides_are_one_option() -> None:
    pairs = [{"left": {"text": each}, "right": {"text": "fruit"}} for each in ("mango", "guava")]
    pairs.append({"left": {"text": "kale"}, "right": {"text": "leaf"}})
    question = made.on_paper(made.question("matching", "What is it?", {"type": "matching", "pairs": pairs}))
    sheet = sheet_of(question, seed=1)
    assert len(sheet.options) == 2
    fruit = next(each for each in sheet.options if question.sides[each] == "fruit")
    assert share_of(question, parts={sheet.parts[0].id: fruit, sheet.parts[1].id: fruit}) == pytest.approx(2 / 3)


def test_words_of_gaps_heed_case_only_where_it_matters() -> None:
    for match_case, said, earned in ((False, "iphone", 1.0), (True, "iphone", 0.0), (True, " iPhone ", 1.0)):
        gap = {"kind": "text", "accepted": ["iPhone"], "match_case": match_case}
        question = made.on_paper(made.question("cloze", "An [[1]].", {"type": "cloze", "gaps": [gap]}))
        assert share_of(question, parts=dict.fromkeys(made.right_parts(question.key), said)) == earned
    question = made.on_paper(QuestionIn(type="short_text", text="?", accepted=["pH"], match_case=True))  # type: ignore[arg-type]
    assert [share_of(question, text=said) for said in ("pH", "ph", "PH")] == [1.0, 0.0, 0.0]


@given(st.floats(0, 1), st.floats(0, 1))
def test_regions_agree_with_plain_geometry(x: float, y: float) -> None:
    square = hotspot.Polygon(points=((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)))
    box = hotspot.Rectangle(x=0.2, y=0.2, width=0.6, height=0.6)
    assert hotspot.contains(square, x, y) == hotspot.contains(box, x, y)
    circle = hotspot.Ellipse(x=0.5, y=0.5, radius_x=0.3, radius_y=0.3)
    if abs(math.hypot(x - 0.5, y - 0.5) - 0.3) > 1e-6:
        assert hotspot.contains(circle, x, y) == (math.hypot(x - 0.5, y - 0.5) < 0.3)


@given(st.integers(0, 2**31))
def test_a_formula_shows_and_wants_the_numbers_of_its_attempt(seed: int) -> None:
    assert isinstance(FORMULA.key, formulas.FormulaKey)
    shown = formulas.values(FORMULA.key, seed=seed_of(FORMULA, seed))
    mass, pull = float(shown["m"]), float(shown["a"])
    assert 2 <= mass <= 9 and mass * 2 == int(mass * 2) and pull in range(1, 6)
    (question,) = asked([FORMULA], seed=seed)
    assert f"A mass of {shown['m']} kg" in question.html and f"<mn>{shown['a']}</mn>" in question.html
    assert not re.search("[\ue000-\uf8ff]", question.html)
    force = mass * pull
    for said, share in (
        (f"{force} N", 1.0),
        (f"{force / 1000} kN", 1.0),
        (f"{force * 1.009:.6g}N", 1.0),
        (f"{force * 1.02:.6g} N", 0.0),
        (f"{force}", 0.75),
        (f"{force} kg", 0.75),
        (f"{force} kN", 0.0),
        (f"{force:e}".replace("e", "×10^").replace("+", "") + " N", 1.0),
        ("", 0.0),
        ("N", 0.0),
    ):
        assert share_of(FORMULA, text=said, seed=seed) == pytest.approx(share), said


@given(st.text(max_size=60))
def test_any_words_are_judged(said: str) -> None:
    assert share_of(FORMULA, text=said, seed=7) in (0.0, 0.75, 1.0)


@pytest.mark.parametrize(
    ("kind", "amount", "value", "right", "wrong"),
    [
        ("absolute", 0.5, "12", ("11.5", "12.5", "12"), ("11.49", "12.51")),
        ("relative", 0.1, "-50", ("-45", "-55"), ("-44.9", "-55.1", "50")),
        ("figures", 3, "1234.4", ("1230", "1234", "1239.4"), ("1240", "1228")),
        ("figures", 2, "0.0314", ("0.031", "0.0314"), ("0.03", "0.0320")),
        ("absolute", 0, "0.1+0.2", ("0.3", "0,3"), ("0.31",)),
    ],
)
def test_tolerances(kind: str, amount: float, value: str, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    key = {"type": "formula", "expression": value, "tolerance": {"kind": kind, "amount": amount}}
    question = made.on_paper(made.question("formula", "How much?", key))
    assert [share_of(question, text=said) for said in right] == [1.0] * len(right)
    assert [share_of(question, text=said) for said in wrong] == [0.0] * len(wrong)


def test_a_formula_without_a_value_is_drawn_again_and_else_left_to_a_person() -> None:
    variable = {"name": "x", "minimum": 0, "maximum": 1000, "step": 1}
    key = formulas.FormulaKey.model_validate({"expression": "1/x", "variables": [variable]})
    assert all(formulas.value(key, seed=str(seed)) is not None for seed in range(200))
    never = formulas.FormulaKey.model_validate({"expression": "ln(0)"})
    assert formulas.value(never, seed="1") is None
    with pytest.raises(ValidationError, match="no value here"):
        made.question("formula", "?", {"type": "formula", "expression": "ln(0)"})


def test_files_wait_for_a_person() -> None:
    question = made.on_paper(made.upload())
    assert share_of(question, parts={"f": "drawing.png"}) is None
    assert share_of(question, parts={}) == 0.0


@pytest.mark.parametrize(
    ("type", "key", "text", "told"),
    [
        ("matching", {"pairs": [{"left": {"text": "a"}, "right": {"text": "b"}}]}, "?", "at least 2"),
        ("ordering", {"items": [{"text": "a"}, {"text": "a"}]}, "?", "the same"),
        ("cloze", {"gaps": [{"kind": "text", "accepted": ["a"]}]}, "No gap", "no place for gap 1"),
        ("cloze", {"gaps": [{"kind": "text", "accepted": ["a"]}]}, "[[1]] [[1]]", "twice"),
        ("cloze", {"gaps": [{"kind": "text", "accepted": ["a"]}]}, "[[1]] [[2]]", "has no answer"),
        ("cloze", {"gaps": [{"kind": "choice", "options": [{"text": "a"}, {"text": "b"}]}]}, "[[1]]", "right option"),
        ("drag_text", {"gaps": [{"word": {"text": "a"}}]}, "[[1]]", "two different words"),
        ("hotspot", {"picture": "p.png", "markers": []}, "?", "at least 1"),
        ("formula", {"expression": "b", "variables": []}, "?", "no variable"),
        ("formula", {"expression": "(" * 200 + "1" + ")" * 200}, "?", "too deeply"),
        ("formula", {"expression": "9^9^9^9^9"}, "?", "no value"),
        ("formula", {"expression": "__import__('os')"}, "?", "cannot be read"),
        ("upload", {"maximum_files": 0}, "?", "greater than or equal to 1"),
        ("matching", {"items": []}, "?", "Extra inputs|required"),
    ],
)
def test_keys_that_cannot_be_judged_are_refused(type: str, key: dict[str, Any], text: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        made.question(type, text, {"type": type, **key})
    other = made.ordering() if type != "ordering" else made.matching()
    with pytest.raises(ValidationError, match="needs its key"):
        QuestionIn.model_validate({**other.model_dump(), "type": type, "text": text})


def test_gaps_survive_code_tables_and_descriptions_of_pictures() -> None:
    text = "Say [[1]].\n\n```python\nx = [[2]]\n```\n\n![a [[3]]](asset:a.png) $\\frac{[[4]]}{2}$"
    ids = ["a" * 12, "b" * 12, "c" * 12, "d" * 12]
    html = gaps.placed(html_of(gaps.marked(text), course_slug="x"), ids)
    assert [html.count(f'<span data-gap="{each}"></span>') for each in ids] == [1, 1, 1, 1]
    assert "[[" not in html
