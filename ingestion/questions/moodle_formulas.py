"""Formulas and their variables as Moodle's `calculated` questions, each variable with values drawn beforehand."""

import math
from collections.abc import Iterator

from lxml.builder import E as make

from ingestion.questions.trees import Element
from lms_core.learning.assessments.types import expressions, formula
from lms_core.learning.assessments.types.formula import FormulaKey, ToleranceKind, Variable

DRAWN = 20  # values of each variable; Moodle draws among them
BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "negative": 3}
HIGHEST = 9
THEIRS = {"ln": "log"}


def write(question: Element, key: FormulaKey, *, item: str) -> Iterator[tuple[str, str]]:
    """Add the answer, the units and the data sets to the question; yields what is not kept, as code and value."""
    tolerance, kind = key.tolerance.amount, "1"
    if key.tolerance.kind == ToleranceKind.ABSOLUTE:
        kind = "2"
    elif key.tolerance.kind == ToleranceKind.FIGURES:
        yield "figures", f"{tolerance:g}"
        tolerance = 0.5 * 10.0 ** (1 - tolerance)
    answer = make.answer(
        make.text(expression(key.expression)),
        make.tolerance(f"{tolerance!r}"),
        make.tolerancetype(kind),
        make.correctanswerformat("2"),
        make.correctanswerlength("6"),
        make.feedback(make.text(), format="html"),
        fraction="100",
    )
    question.append(answer)
    question.append(make.unitgradingtype("2" if key.units and key.unit_penalty else "0"))
    question.append(make.unitpenalty(f"{key.unit_penalty:.7f}"))
    question.append(make.showunits("0" if key.units else "3"))
    question.append(make.unitsleft("0"))
    if key.units:
        units = [make.unit(make.multiplier(f"{1 / unit.factor:.12g}"), make.unit_name(unit.name)) for unit in key.units]
        question.append(make.units(*units))
    drawn = [formula.values(key, seed=f"{item}:{number}") for number in range(DRAWN)]
    sets = make.dataset_definitions()
    for variable in key.variables:
        decimals = decimals_of(variable)
        if not math.isclose(variable.step, 10.0**-decimals):
            yield "steps", variable.name
        sets.append(_set(variable, decimals, [values[variable.name] for values in drawn]))
    question.append(sets)


def decimals_of(variable: Variable) -> int:
    """How many decimals the values of a variable have."""
    decimals = 0
    while decimals < 9 and any(
        not math.isclose(number * 10**decimals, round(number * 10**decimals), abs_tol=1e-9)
        for number in (variable.step, variable.minimum)
    ):
        decimals += 1
    return decimals


def _set(variable: Variable, decimals: int, values: list[str]) -> Element:
    items = [make.dataset_item(make.number(str(place)), make.value(each)) for place, each in enumerate(values, 1)]
    return make.dataset_definition(
        make.status(make.text("private")),
        make.name(make.text(variable.name)),
        make.type("calculated"),
        make.distribution(make.text("uniform")),
        make.minimum(make.text(f"{variable.minimum!r}")),
        make.maximum(make.text(f"{variable.maximum!r}")),
        make.decimals(make.text(str(decimals))),
        make.itemcount(str(len(values))),
        make.dataset_items(*items),
        make.number_of_items(str(len(values))),
    )


def expression(text: str) -> str:
    """The formula as Moodle writes it: variables in braces, powers as `pow`, `ln` as `log`."""
    stack: list[tuple[str, int]] = []
    for step in expressions.parse(text).steps:
        match step:
            case float():
                stack.append((f"{step!r}" if step < 1e15 else f"{step:.15g}", HIGHEST))
            case str():
                stack.append((f"{{{step}}}", HIGHEST))
            case (name, count):
                arguments = stack[len(stack) - count :]
                del stack[len(stack) - count :]
                stack.append(_applied(name, arguments))
    return stack[-1][0]


def _applied(name: str, arguments: list[tuple[str, int]]) -> tuple[str, int]:
    texts = [text for text, _ in arguments]
    if name == "negative":
        text, binding = arguments[0]
        return (f"-{text}" if binding == HIGHEST and not text.startswith("-") else f"-({text})"), BINDING[name]
    if name in BINDING:
        (left, left_binds), (right, right_binds) = arguments
        own = BINDING[name]
        left = left if left_binds >= own else f"({left})"
        right = right if right_binds > own and right_binds != BINDING["negative"] else f"({right})"
        return f"{left}{name}{right}", own
    called = "pow" if name == "^" else THEIRS.get(name, name)
    return f"{called}({', '.join(texts)})", HIGHEST
