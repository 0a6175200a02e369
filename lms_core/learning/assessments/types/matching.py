"""Matching: each left side has one right side, chosen from all of them and from some that belong to none.

share = left sides with their right side / left sides. Right sides with the same text are one option.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from lms_core.learning.assessments.types.shapes import (
    Frozen,
    Given,
    Part,
    PartKind,
    PartResult,
    Sheet,
    Side,
    id_of,
    mean_share,
    shuffled,
)


class Pair(Frozen):
    """A left side and what belongs to it."""

    left: Side
    right: Side


class MatchingKey(Frozen):
    """Pairs, and right sides that belong to no left one."""

    type: Literal["matching"] = "matching"
    pairs: tuple[Pair, ...] = Field(min_length=2, max_length=50)
    extra: tuple[Side, ...] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _tells_apart(self) -> Self:
        lefts = {pair.left.text for pair in self.pairs}
        rights = {pair.right.text for pair in self.pairs}
        if len(lefts) != len(self.pairs):
            raise ValueError("two left sides are the same")
        if rights & {side.text for side in self.extra}:
            raise ValueError("a wrong right side is the same as a right one")
        if len(rights) + len(self.extra) < 2:
            raise ValueError("offer at least two right sides")
        return self


def texts(key: MatchingKey) -> dict[str, str]:
    """Markdown by id."""
    sides = [side for pair in key.pairs for side in (pair.left, pair.right)]
    return {id_of(side): side.text for side in (*sides, *key.extra)}


def sheet(key: MatchingKey, *, seed: str) -> Sheet:
    """The left sides as their author ordered them, the options shuffled."""
    options = list(dict.fromkeys([*_option_of(key).values(), *(id_of(side) for side in key.extra)]))
    parts = tuple(Part(id=id_of(pair.left), kind=PartKind.OPTION) for pair in key.pairs)
    return Sheet(parts=parts, options=tuple(shuffled(options, options, seed)))


def results(key: MatchingKey, given: Given) -> tuple[PartResult, ...]:
    """One for each left side."""
    options = _option_of(key)
    return tuple(
        PartResult(
            id=id_of(pair.left),
            correct=given.parts.get(id_of(pair.left)) == options[pair.right.text],
            given=given.parts.get(id_of(pair.left), ""),
            right=(options[pair.right.text],),
        )
        for pair in key.pairs
    )


def share(key: MatchingKey, given: Given) -> float:
    """From 0 to 1."""
    return mean_share(results(key, given))


def _option_of(key: MatchingKey) -> dict[str, str]:
    """The option that stands for each text: the first with it."""
    found: dict[str, str] = {}
    for pair in key.pairs:
        found.setdefault(pair.right.text, id_of(pair.right))
    return found
