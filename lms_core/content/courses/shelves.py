"""Categories as a tree of plain data: in order, what is inside one, the way down to one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

DEEPEST = 4  # levels, the outermost one counted


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category in its place; `parent_id` None: outermost."""

    id: UUID
    slug: str
    name: str
    parent_id: UUID | None
    position: int


Children = dict[UUID | None, list[Shelf]]


def children_of(shelves: Sequence[Shelf]) -> Children:
    """Those directly inside each category (None: the outermost), in order."""
    known = {shelf.id for shelf in shelves}
    found: Children = {}
    for shelf in sorted(shelves, key=lambda shelf: (shelf.position, shelf.name.casefold(), shelf.slug)):
        # One whose parent is gone is outermost.
        found.setdefault(shelf.parent_id if shelf.parent_id in known else None, []).append(shelf)
    return found


def beside(shelves: Sequence[Shelf], parent_id: UUID | None) -> list[Shelf]:
    """Those directly inside a category (None: the outermost), in order."""
    return children_of(shelves).get(parent_id, [])


def in_order(shelves: Sequence[Shelf], parent_id: UUID | None = None, depth: int = 1) -> list[tuple[Shelf, int]]:
    """Each category before what is inside it, with its level (1: outermost)."""
    return list(_walk(children_of(shelves), parent_id, depth))


def within(shelves: Sequence[Shelf], shelf_id: UUID) -> list[UUID]:
    """A category and all inside it, at any depth."""
    return [shelf_id, *(shelf.id for shelf, _ in in_order(shelves, shelf_id))]


def totals(shelves: Sequence[Shelf], counts: Mapping[UUID | None, int]) -> dict[UUID, int]:
    """By category, the sum of the counts of it and all inside it."""
    children = children_of(shelves)
    found: dict[UUID, int] = {}
    for shelf, _ in reversed(list(_walk(children, None, 1))):  # what is inside comes first
        found[shelf.id] = counts.get(shelf.id, 0) + sum(found[each.id] for each in children.get(shelf.id, ()))
    return found


def way_to(shelves: Sequence[Shelf], shelf_id: UUID | None) -> list[Shelf]:
    """From the outermost category down to this one."""
    by_id = {shelf.id: shelf for shelf in shelves}
    way: list[Shelf] = []
    while shelf_id in by_id:
        way.insert(0, by_id[shelf_id])
        shelf_id = by_id[shelf_id].parent_id
    return way


def height(shelves: Sequence[Shelf], shelf_id: UUID) -> int:
    """How many levels a category has, itself counted."""
    return max((depth for _, depth in in_order(shelves, shelf_id, 2)), default=1)


def _walk(children: Children, parent_id: UUID | None, depth: int) -> Iterator[tuple[Shelf, int]]:
    for shelf in children.get(parent_id, ()):
        yield shelf, depth
        yield from _walk(children, shelf.id, depth + 1)
