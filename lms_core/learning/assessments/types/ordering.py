"""Ordering: items to put into their one right order.

With n items, of which those with a place of their own count (two items at one place have none):

    positions  items at their right place / n                     (Moodle `qtype_ordering`: absolute position)
    adjacent   right neighbours, of n - 1 neighbouring pairs      (Moodle: relative to the next, excluding the last)
    longest    (L - 1) / (n - 1), L the longest run of items, not necessarily neighbours, in the right order
               (Schensted 1961, Canadian Journal of Mathematics 13; Moodle: longest ordered subset)
    all        1 when the whole order is right, else 0
"""

from bisect import bisect_left
from collections import Counter
from enum import StrEnum
from itertools import pairwise
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
    shuffled,
)


class Scoring(StrEnum):
    """What of an order earns points."""

    POSITIONS = "positions"
    ADJACENT = "adjacent"
    LONGEST = "longest"
    ALL = "all"


class OrderingKey(Frozen):
    """The items in their right order."""

    type: Literal["ordering"] = "ordering"
    items: tuple[Side, ...] = Field(min_length=2, max_length=30)
    scoring: Scoring = Scoring.POSITIONS

    @model_validator(mode="after")
    def _tells_apart(self) -> Self:
        if len({item.text for item in self.items}) != len(self.items):
            raise ValueError("two items are the same")
        return self


def texts(key: OrderingKey) -> dict[str, str]:
    """Markdown by id."""
    return {id_of(item): item.text for item in key.items}


def sheet(key: OrderingKey, *, seed: str) -> Sheet:
    """The items in an order that is not the right one."""
    right = [id_of(item) for item in key.items]
    shown = shuffled(right, right, seed)
    if shown == right:
        shown = [*shown[1:], shown[0]]
    return Sheet(parts=tuple(Part(id=each, kind=PartKind.RANK) for each in shown))


def results(key: OrderingKey, given: Given) -> tuple[PartResult, ...]:
    """One for each item, in the right order; right or wrong by its place."""
    places = _places(key, given)
    return tuple(
        PartResult(
            id=id_of(item),
            correct=places.get(id_of(item)) == place,
            given=given.parts.get(id_of(item), ""),
            right=(str(place),),
        )
        for place, item in enumerate(key.items, 1)
    )


def share(key: OrderingKey, given: Given) -> float:
    """From 0 to 1."""
    places = _places(key, given)
    right = [places.get(id_of(item)) for item in key.items]
    hits = sum(place == at for at, place in enumerate(right, 1))
    last = len(right) - 1
    match key.scoring:
        case Scoring.POSITIONS:
            return hits / len(right)
        case Scoring.ADJACENT:
            return sum(one is not None and one + 1 == other for one, other in pairwise(right)) / last
        case Scoring.LONGEST:
            return max(0, _longest_increasing([place for place in right if place is not None]) - 1) / last
        case Scoring.ALL:
            return float(hits == len(right))


def _places(key: OrderingKey, given: Given) -> dict[str, int]:
    """The place of each item that has one for itself."""
    known = {id_of(item) for item in key.items}
    told = {part: int(place) for part, place in given.parts.items() if part in known and place.isdecimal()}
    taken = Counter(told.values())
    return {part: place for part, place in told.items() if taken[place] == 1}


def _longest_increasing(places: list[int]) -> int:
    """The length of the longest strictly increasing subsequence."""
    ends: list[int] = []
    for place in places:
        at = bisect_left(ends, place)
        ends[at : at + 1] = [place]
    return len(ends)
