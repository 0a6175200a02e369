"""Formula: a number to work out from values that differ between attempts, with a tolerance and perhaps a unit.

Each variable takes one of minimum, minimum + step, ... up to maximum, drawn from the attempt's seed, so that the same
learner sees the same numbers each time. `{name}` in the question's text shows the value.

With v the formula's value and x the number that was answered, x is right when |x - v| is at most

    absolute   amount
    relative   amount * |v|                                        (Moodle `qtype_calculated`: "relative")
    figures    half a unit in the last of v's first `amount` significant figures,
               0.5 * 10^(floor(log10 |v|) - amount + 1)

v is first rounded to 12 significant figures, below which binary fractions are noise. A number with a unit is
multiplied by that unit's factor. A right number whose unit is missing or unknown earns 1 - unit_penalty.
"""

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from lms_core.learning.assessments.numbers import readings
from lms_core.learning.assessments.types import expressions
from lms_core.learning.assessments.types.expressions import BadExpression, Expression
from lms_core.learning.assessments.types.shapes import Frozen, Given, PartResult, Sheet

MOST_VALUES = 1_000_000
DRAWS = 20  # how often values are drawn again where the formula has none for them
TRIED = 100  # draws that must have a value before a question is kept
FIRST = 0xE400  # private characters stand for {name} while Markdown is read; see `gaps`
PRIVATE = re.compile(f"[{chr(FIRST)}-{chr(FIRST + 0xFF)}]")
IN_FORMULA = re.compile(f"<mi>({PRIVATE.pattern})</mi>")  # MathML takes the character for the name of something
# "6.02e23", "6,02·10^23", "1 200": a number as people type it, before whatever unit follows.
MINUS = "\N{MINUS SIGN}"
NUMBER = re.compile(
    rf"\s*([+{MINUS}-]?[\d.,'\u00a0\u202f ]*\d[.,]?)"
    rf"(?:\s*[x×*·]\s*10\s*\^?\s*\(?([+{MINUS}-]?\d{{1,3}})\)?|[eE]([+{MINUS}-]?\d{{1,3}}))?"
)

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,29}$")]
UnitName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30, pattern=r"^[^\d\x00-\x1f][^\x00-\x1f]*$")
]
Amount = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]


class Variable(Frozen):
    """A value that differs between attempts."""

    name: Name
    minimum: Amount
    maximum: Amount
    step: float = Field(default=1.0, gt=0, le=1e12, allow_inf_nan=False)

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError(f"{self.name}: the minimum is above the maximum")
        if _count(self) > MOST_VALUES:
            raise ValueError(f"{self.name}: more than {MOST_VALUES:,} values; make the step larger")
        if self.name in expressions.CONSTANTS or self.name in expressions.FUNCTIONS:
            raise ValueError(f"{self.name} is a name of the formula language; choose another")
        return self


class ToleranceKind(StrEnum):
    """How near is near."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    FIGURES = "figures"


class Tolerance(Frozen):
    """How near; for `figures` a whole number from 1 to 12."""

    kind: ToleranceKind = ToleranceKind.RELATIVE
    amount: float = Field(default=0.01, ge=0, le=1e15, allow_inf_nan=False)

    @model_validator(mode="after")
    def _counts_figures(self) -> Self:
        if self.kind == ToleranceKind.FIGURES and self.amount not in range(1, 13):
            raise ValueError("significant figures are a whole number from 1 to 12")
        return self


class Unit(Frozen):
    """A unit in which to answer; one of it is `factor` of what the formula gives."""

    name: UnitName
    factor: float = Field(default=1.0, gt=0, le=1e30, allow_inf_nan=False)


class FormulaKey(Frozen):
    """The formula, its variables, how near an answer must be, and its units; without units none is asked."""

    type: Literal["formula"] = "formula"
    expression: str = Field(min_length=1, max_length=expressions.LONGEST)
    variables: tuple[Variable, ...] = Field(default=(), max_length=20)
    tolerance: Tolerance = Tolerance()
    units: tuple[Unit, ...] = Field(default=(), max_length=20)
    unit_penalty: float = Field(default=0.1, ge=0, le=1, allow_inf_nan=False)

    @model_validator(mode="after")
    def _works(self) -> Self:
        names = [variable.name for variable in self.variables]
        if len(set(names)) != len(names):
            raise ValueError("two variables have the same name")
        if len({unit.name for unit in self.units}) != len(self.units):
            raise ValueError("two units have the same name")
        unknown = _parsed(self.expression).names - set(names)
        if unknown:
            raise ValueError(f"the formula names {min(unknown)!r}, which is no variable of the question")
        return self


def check(key: FormulaKey) -> None:
    """BadExpression when the formula has no value for some of what may be drawn; tried on many draws."""
    for number in range(TRIED):
        _evaluated(key, _drawn(key, f"check:{number}"))


def values(key: FormulaKey, *, seed: str) -> dict[str, str]:
    """The value of each variable as it is shown, for the attempt whose question has this seed."""
    for again in range(DRAWS):
        drawn = _drawn(key, f"{seed}:{again}" if again else seed)
        try:
            _evaluated(key, drawn)
        except BadExpression:
            continue
        break
    return {name: _plain(value) for name, value in drawn.items()}


def value(key: FormulaKey, *, seed: str) -> float | None:
    """What the formula gives for that attempt; None where it has no value in any of its draws."""
    drawn = {name: Decimal(shown) for name, shown in values(key, seed=seed).items()}
    try:
        return _evaluated(key, drawn)
    except BadExpression:
        return None


def texts(key: FormulaKey) -> dict[str, str]:
    """Nothing to show besides the question."""
    return {}


def sheet(key: FormulaKey, *, seed: str) -> Sheet:
    """No parts: the answer is one text, a number and perhaps its unit."""
    return Sheet()


def results(key: FormulaKey, given: Given) -> tuple[PartResult, ...]:
    """None: the answer is one text."""
    return ()


def share(key: FormulaKey, given: Given) -> float | None:
    """From 0 to 1; None when a person has to judge, since the formula had no value here."""
    if not given.text.strip():
        return 0.0
    right = value(key, seed=given.seed)
    if right is None:
        return None
    number, unit = _taken_apart(given.text)
    factor = next((each.factor for each in key.units if _unit(each.name) == unit), None)
    if key.units and unit and factor is not None:
        return float(_is_right(key.tolerance, number, factor, right))
    if not key.units:
        return float(not unit and _is_right(key.tolerance, number, 1.0, right))
    return (1.0 - key.unit_penalty) if _is_right(key.tolerance, number, 1.0, right) else 0.0


def told(key: FormulaKey, *, seed: str) -> tuple[str, ...]:
    """The right answer in words, in the first unit."""
    right = value(key, seed=seed)
    if right is None:
        return ()
    unit = key.units[0] if key.units else None
    number = f"{right / unit.factor if unit else right:.6g}"
    return (f"{number} {unit.name}" if unit else number,)


def marked(text: str, key: FormulaKey) -> str:
    """Markdown with each `{name}` as its private character."""
    text = PRIVATE.sub("", text)
    for place, variable in enumerate(key.variables):
        text = text.replace(f"{{{variable.name}}}", chr(FIRST + place))
    return text


def filled(html: str, key: FormulaKey, *, seed: str) -> str:
    """Rendered HTML with the values of an attempt. They are digits, a point and a sign: safe anywhere in HTML."""
    shown = list(values(key, seed=seed).values())
    html = IN_FORMULA.sub(r"<mn>\1</mn>", html)
    return PRIVATE.sub(lambda found: shown[at] if (at := ord(found.group()) - FIRST) < len(shown) else "", html)


def _is_right(tolerance: Tolerance, texts_read: frozenset[Decimal], factor: float, right: float) -> bool:
    wanted = Decimal(f"{right:.12g}")
    match tolerance.kind:
        case ToleranceKind.ABSOLUTE:
            allowed = Decimal(str(tolerance.amount))
        case ToleranceKind.RELATIVE:
            allowed = Decimal(str(tolerance.amount)) * abs(wanted)
        case ToleranceKind.FIGURES:
            exponent = wanted.adjusted() - int(tolerance.amount) + 1
            allowed = Decimal(5).scaleb(exponent - 1) if wanted else Decimal(0)
    return any(abs(number * Decimal(str(factor)) - wanted) <= allowed for number in texts_read)


def _taken_apart(text: str) -> tuple[frozenset[Decimal], str]:
    """Every number that the answer may begin with, and the unit that follows it."""
    found = NUMBER.match(text[:200])
    if found is None:
        return frozenset(), ""
    digits, power, exponent = found.groups()
    scale = (power or exponent or "0").replace(MINUS, "-")
    return frozenset(number.scaleb(int(scale)) for number in readings(digits)), _unit(text[:200][found.end() :])


def _unit(name: str) -> str:
    """A unit for comparing: spaces do not matter, case does (mW is not MW), both signs for micro are one."""
    return "".join(name.split()).replace("\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}").replace("**", "^")


def _count(variable: Variable) -> int:
    span = Decimal(str(variable.maximum)) - Decimal(str(variable.minimum))
    return (
        int(span // Decimal(str(variable.step))) + 1
        if span / Decimal(str(variable.step)) < MOST_VALUES * 10
        else MOST_VALUES + 1
    )


def _drawn(key: FormulaKey, seed: str) -> dict[str, Decimal]:
    drawn = {}
    for variable in key.variables:
        rank = int.from_bytes(hashlib.sha256(f"{seed}:{variable.name}".encode()).digest()[:8])
        steps = rank % _count(variable)
        drawn[variable.name] = Decimal(str(variable.minimum)) + steps * Decimal(str(variable.step))
    return drawn


def _evaluated(key: FormulaKey, drawn: Mapping[str, Decimal]) -> float:
    return expressions.evaluate(_parsed(key.expression), {name: float(value) for name, value in drawn.items()})


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Expression:
    return expressions.parse(text)


def _plain(value: Decimal) -> str:
    """Without an exponent and without zeros at the end."""
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
