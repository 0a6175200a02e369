"""The formula language: what it means, and that no text whatever makes it hang, grow or break."""

import contextlib
import math
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lms_core.learning.assessments.types.expressions import DEEPEST, LONGEST, BadExpression, evaluate, parse

SECONDS = 2.0  # for one expression, on a machine that has other work too


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("8 / 4 / 2", 1),
        ("2 - 3 - 4", -5),
        ("-2^2", -4),
        ("2^-1", 0.5),
        ("2^3^2", 512),
        ("2 ** 3", 8),
        ("--3", 3),
        ("1.5e3", 1500),
        (".5 + 2.", 2.5),
        ("2*{a} + a", 9),
        ("sqrt(16) + abs(-1)", 5),
        ("max(2, min(a, 9))", 3),
        ("sin(pi / 2) + ln(e)", 2),
        ("round(2.5) + floor(2.9) + ceil(2.1)", 8),
        ("atan2(1, 1) * 4", math.pi),
    ],
)
def test_expressions_have_their_value(text: str, value: float) -> None:
    assert evaluate(parse(text), {"a": 3}) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "1 2",
        "(1",
        "{a",
        "{1}",
        "b",
        "f(1)",
        "sqrt(1, 2)",
        "sqrt()",
        "1 = 1",
        "a.real",
        "a[0]",
        "'a' * 9",
        "lambda: 1",
        "1 if 1 else 2",
        "__import__('os').system('ls')",
        "1/0",
        "sqrt(-1)",
        "(-8)^(1/3)",
        "10^400",
        "exp(1000)",
        "9**9**9**9**9**9",
        "1e400",
        "1" * 600,
        "(" * 300 + "1" + ")" * 300,
        "2^" * 200 + "2",
        "abs(" * 100 + "1" + ")" * 100,
        "1" + "0" * 400,
        "\u0661 + 1",
        "\x00",
    ],
)
def test_what_is_no_formula_is_refused_in_a_moment(text: str) -> None:
    started = time.process_time()
    with pytest.raises(BadExpression):
        evaluate(parse(text), {"a": 3})
    assert time.process_time() - started < SECONDS


def test_nesting_and_length_up_to_the_limits_work() -> None:
    assert evaluate(parse("(" * (DEEPEST - 1) + "1" + ")" * (DEEPEST - 1)), {}) == 1
    assert evaluate(parse("+".join("1" * (LONGEST // 2))), {}) == LONGEST // 2


@given(st.text(max_size=LONGEST + 50))
@example("-" * LONGEST)
@example("{" * LONGEST)
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    _finite_or_refused(text)


@given(st.text(alphabet="0123456789.eE+-*/^(), {}abpi", max_size=200))
@example("9^" * 35 + "9")
def test_what_looks_like_a_formula_is_one_or_refused(text: str) -> None:
    _finite_or_refused(text)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
def test_arithmetic_is_that_of_doubles(a: float, b: float, c: float) -> None:
    assert evaluate(parse("(a + {b}) / c - a * b"), {"a": a, "b": b, "c": c}) == (a + b) / c - a * b


def _finite_or_refused(text: str) -> None:
    with contextlib.suppress(BadExpression):
        assert math.isfinite(evaluate(parse(text), {"a": 3, "b": 0.5}))
