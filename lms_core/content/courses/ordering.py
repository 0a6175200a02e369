"""Orders of modules and lessons as plain lists; positions are indexes into them."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def moved(items: Sequence[T], item: T, *, to: int) -> list[T]:
    """`items` with `item` at index `to` (the end when that is past it); it may be new to the list."""
    rest = [each for each in items if each != item]
    place = min(max(to, 0), len(rest))
    return [*rest[:place], item, *rest[place:]]


def same_members(one: Sequence[T], other: Sequence[T]) -> bool:
    """Whether both hold the same items, each exactly once."""
    return len(one) == len(other) == len(set(one)) and set(one) == set(other)
