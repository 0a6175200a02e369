"""Arithmetic of formula questions: parsed and evaluated here, in floating point only, within limits.

    sum     := product (("+" | "-") product)*
    product := sign (("*" | "/") sign)*
    sign    := ("+" | "-") sign | power
    power   := atom (("^" | "**") sign)?          -2^2 is -4, 2^3^2 is 2^9
    atom    := number | name | name "(" sum ("," sum)* ")" | "{" name "}" | "(" sum ")"

Nothing here loops, calls or grows: an expression of n characters costs O(n) operations on doubles, whatever it says.
Trigonometry is in radians.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LONGEST = 500
DEEPEST = 40  # far below what the interpreter's stack holds

TOKEN = re.compile(
    r"\s*(?:(\d{1,20}(?:\.\d{0,20})?(?:[eE][+-]?\d{1,3})?|\.\d{1,20})|([A-Za-z_]\w*)|(\*\*|[-+*/^(),{}]))", re.ASCII
)

CONSTANTS = {"pi": math.pi, "e": math.e}
FUNCTIONS: dict[str, tuple[int, Callable[..., float]]] = {
    "sqrt": (1, math.sqrt),
    "exp": (1, math.exp),
    "ln": (1, math.log),
    "log10": (1, math.log10),
    "abs": (1, abs),
    "sin": (1, math.sin),
    "cos": (1, math.cos),
    "tan": (1, math.tan),
    "asin": (1, math.asin),
    "acos": (1, math.acos),
    "atan": (1, math.atan),
    "atan2": (2, math.atan2),
    "sinh": (1, math.sinh),
    "cosh": (1, math.cosh),
    "tanh": (1, math.tanh),
    "floor": (1, lambda x: float(math.floor(x))),
    "ceil": (1, lambda x: float(math.ceil(x))),
    "round": (1, lambda x: float(math.floor(x + 0.5))),
    "min": (2, min),
    "max": (2, max),
    "pow": (2, math.pow),
}


class BadExpression(ValueError):
    """What cannot be read or has no value; the message says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A readable expression in the order a stack evaluates it: numbers, names, and operations with their arguments."""

    steps: tuple[float | str | tuple[str, int], ...]

    @property
    def names(self) -> frozenset[str]:
        """The variables it needs."""
        return frozenset(step for step in self.steps if isinstance(step, str))


def parse(text: str) -> Expression:
    """The expression in `text`; BadExpression."""
    if len(text) > LONGEST:
        raise BadExpression(f"the formula is longer than {LONGEST} characters")
    reader = _Reader(_tokens(text))
    reader.sum(0)
    if reader.ahead is not None:
        raise BadExpression(f"the formula cannot go on with {reader.ahead!r}")
    return Expression(tuple(reader.steps))


def evaluate(expression: Expression, values: Mapping[str, float]) -> float:
    """The value with these variables, a finite number; BadExpression."""
    stack: list[float] = []
    try:
        for step in expression.steps:
            match step:
                case float():
                    stack.append(step)
                case str():
                    if step not in values:
                        raise BadExpression(f"the formula names {step!r}, which is no variable of the question")
                    stack.append(float(values[step]))
                case (name, count):
                    arguments = stack[len(stack) - count :]
                    del stack[len(stack) - count :]
                    stack.append(float(_operation(name)(*arguments)))
    except (ArithmeticError, ValueError) as error:
        if isinstance(error, BadExpression):
            raise
        raise BadExpression(f"the formula has no value here: {error}") from error
    if not math.isfinite(stack[-1]):
        raise BadExpression("the formula has no finite value here")
    return stack[-1]


def _operation(name: str) -> Callable[..., float]:
    return OPERATORS[name] if name in OPERATORS else FUNCTIONS[name][1]


OPERATORS: dict[str, Callable[..., float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": math.pow,  # of doubles: no integer grows, no complex number comes of a root
    "negative": lambda a: -a,
}


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None:
            raise BadExpression(f"the formula cannot be read at {text[at : at + 10].strip()!r}")
        found.append(token.group().strip())
        at = token.end()
    return found


class _Reader:
    """Recursive descent over tokens, writing `steps`."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at = tokens, 0
        self.steps: list[float | str | tuple[str, int]] = []

    @property
    def ahead(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def sum(self, depth: int) -> None:
        if depth > DEEPEST:
            raise BadExpression("the formula is nested too deeply")
        self._chain(self._product, ("+", "-"), depth)

    def _product(self, depth: int) -> None:
        self._chain(self._sign, ("*", "/"), depth)

    def _chain(self, operand: Callable[[int], None], operators: tuple[str, str], depth: int) -> None:
        operand(depth)
        while (operator := self.ahead) is not None and operator in operators:
            self._at += 1
            operand(depth)
            self.steps.append((operator, 2))

    def _sign(self, depth: int) -> None:
        negative = False
        while self.ahead in ("+", "-"):
            negative ^= self._take() == "-"
        self._atom(depth)
        if self.ahead in ("^", "**"):
            self._at += 1
            if depth > DEEPEST:
                raise BadExpression("the formula is nested too deeply")
            self._sign(depth + 1)
            self.steps.append(("^", 2))
        if negative:
            self.steps.append(("negative", 1))

    def _atom(self, depth: int) -> None:
        token = self._take()
        match token[0]:
            case "(":
                self.sum(depth + 1)
                self._expect(")")
            case "{":
                self.steps.append(self._name())
                self._expect("}")
            case first if first.isdigit() or first == ".":
                self.steps.append(float(token))
            case first if first.isalpha() or first == "_":
                self._named(token, depth)
            case _:
                raise BadExpression(f"the formula cannot go on with {token!r}")

    def _named(self, name: str, depth: int) -> None:
        if self.ahead != "(":
            self.steps.append(CONSTANTS.get(name, name))
            return
        if name not in FUNCTIONS:
            raise BadExpression(f"there is no function {name!r}; there are {', '.join(FUNCTIONS)}")
        wanted, count = FUNCTIONS[name][0], 1
        self._at += 1
        self.sum(depth + 1)
        while self.ahead == ",":
            self._at += 1
            self.sum(depth + 1)
            count += 1
        self._expect(")")
        if count != wanted:
            raise BadExpression(f"{name} takes {wanted} and was given {count}")
        self.steps.append((name, count))

    def _name(self) -> str:
        token = self._take()
        if not (token[0].isalpha() or token[0] == "_"):
            raise BadExpression("braces hold the name of a variable")
        return token

    def _take(self) -> str:
        token = self.ahead
        if token is None:
            raise BadExpression("the formula ends too early")
        self._at += 1
        return token

    def _expect(self, wanted: str) -> None:
        if self._take() != wanted:
            raise BadExpression(f"the formula misses a {wanted!r}")
