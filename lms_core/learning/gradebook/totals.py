"""The course total: a pure function of what a learner got, the columns and their categories.

Every mark is a fraction of its column's points. A category's fraction is

    f(C) = ( sum of w(i) f(i) over i in K  +  sum of w(x) f(x) over x in X ) / sum of w(i) over i in K

K are the children that count and X those for extra credit, which add above the
line only. `w` is a child's weight where the category is weighted, and its points
where it is natural: then f(C) is the sum of points by the sum of points possible.
This is what Moodle's "Weighted mean of grades" and "Natural" aggregations and
Canvas' weighted assignment groups compute (docs.moodle.org, "Grade aggregation").

A child without a mark is left out, or counts as zero, by the category's rule; an
excused one and one without weight is always left out. Then the n lowest fractions
are dropped, and the k highest kept, of K alone; one child always stays. Because
what is dropped is never above the category's fraction, dropping never lowers it;
a natural parent goes on weighing the category by its points before dropping, so it
never lowers a total either, unless a level above drops whole categories of unequal
weight and now drops another one. Without extra credit, 0 <= f <= 1.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import Any

Key = Any  # names a column or a category: an id, or whatever else the marks are kept by


class Aggregation(StrEnum):
    """How children of a category are weighed: by weights somebody gave, or by their points."""

    NATURAL = "natural"
    WEIGHTED = "weighted"


class Empty(StrEnum):
    """What a missing mark is worth."""

    IGNORED = "ignored"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column: its points, and its weight where its category is weighted."""

    key: Key
    maximum: float
    weight: float = 1.0
    extra_credit: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """A category, or (key None) the course. `keep_highest` None keeps all."""

    key: Key | None
    children: "tuple[Leaf | Branch, ...]"
    weight: float = 1.0
    aggregation: Aggregation = Aggregation.NATURAL
    empty: Empty = Empty.IGNORED
    drop_lowest: int = 0
    keep_highest: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What a category comes to: a fraction, None when nothing in it counts yet, of `possible` points that counted."""

    fraction: float | None
    possible: float


@dataclass(frozen=True, slots=True)
class Total:
    """The course's fraction, each category's part, and the keys of columns and categories that were dropped."""

    fraction: float | None
    possible: float
    parts: dict[Key, Part]
    dropped: frozenset[Key]


def course_total(root: Branch, marks: Mapping[Key, float], excused: Collection[Key] = ()) -> Total:
    """What `marks` (column to fraction; a column that is missing has no mark) come to under `root`."""
    parts: dict[Key, Part] = {}
    dropped: set[Key] = set()
    part, _ = _branch(root, marks, excused, parts, dropped)
    return Total(part.fraction, part.possible, parts, frozenset(dropped))


def percent(fraction: float | None) -> float | None:
    """A fraction as people read it, in percent with two decimals."""
    return None if fraction is None else round(100 * fraction, 2)


_Counted = tuple[float, float, float, float, Key | None]  # fraction, weight, points before dropping, and after; key


def _branch(
    branch: Branch, marks: Mapping[Key, float], excused: Collection[Key], parts: dict[Key, Part], dropped: set[Key]
) -> tuple[Part, float]:
    """The category's part, and the points by which a natural parent weighs it."""
    counted: list[_Counted] = []
    natural, zero = branch.aggregation == Aggregation.NATURAL, branch.empty == Empty.ZERO
    bonus = missing = 0.0
    for child in branch.children:
        extra = False
        if isinstance(child, Leaf):
            if child.key in excused:
                continue
            fraction, size, extra = marks.get(child.key), child.maximum, child.extra_credit
            possible = size
        else:
            inner, size = _branch(child, marks, excused, parts, dropped)
            fraction, possible = inner.fraction, inner.possible or size
        weight = size if natural else child.weight
        if extra:
            bonus += weight * (fraction or 0.0)
            continue
        if weight <= 0 or size <= 0:
            continue
        if fraction is None:
            missing += size
            if not zero:
                continue
            fraction = 0.0
        counted.append((fraction, weight, size, possible, child.key))
    part = _sum(_kept(branch, counted, dropped), bonus)
    if branch.key is not None:
        parts[branch.key] = part
    return part, sum(each[2] for each in counted) or missing


def _sum(kept: list[_Counted], bonus: float) -> Part:
    """The formula over what is kept; nothing when nothing is."""
    weights = earned = total = 0.0
    for fraction, weight, _, possible, _ in kept:
        weights += weight
        earned += weight * fraction
        total += possible
    return Part((earned + bonus) / weights, total) if kept else Part(None, 0.0)


def _kept(branch: Branch, counted: list[_Counted], dropped: set[Key]) -> list[_Counted]:
    """`counted` without what the category's rules drop; at least one stays."""
    least = branch.drop_lowest
    if branch.keep_highest is not None:
        least = max(least, len(counted) - branch.keep_highest)
    least = min(least, len(counted) - 1)
    if least <= 0:
        return counted
    ranked = sorted(counted, key=itemgetter(0))
    dropped.update(each[4] for each in ranked[:least] if each[4] is not None)
    return ranked[least:]
