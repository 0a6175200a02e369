"""What is asked before somebody joins by themselves. Slices above add a gate; enrolments know none of them.

A gate says which of some courses and paths are not to be had for nothing (`for_sale`), and which of them are somebody's
already by another right (`granted`): those are joined whatever their access.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from lms_core.kit.context import ReadCtx


@dataclass(frozen=True, slots=True)
class Standing:
    """How courses and paths stand for somebody."""

    for_sale: frozenset[UUID] = frozenset()
    granted: frozenset[UUID] = frozenset()

    def closed(self, object_id: UUID) -> bool:
        """Whether it has to be bought first."""
        return object_id in self.for_sale and object_id not in self.granted


Gate = Callable[[ReadCtx, Collection[UUID], UUID | None], Standing]
GATES: list[Gate] = []


def gate(function: Gate) -> Gate:
    """Declare a gate: `(ctx, ids of courses or paths, user_id) -> Standing`."""
    if function not in GATES:
        GATES.append(function)
    return function


def standing(ctx: ReadCtx, ids: Collection[UUID], *, user_id: UUID | None) -> Standing:
    """How these stand for somebody, by every gate. As many statements as gates, none without ids."""
    if not ids:
        return Standing()
    told = [each(ctx, ids, user_id) for each in GATES]
    return Standing(
        frozenset().union(*(each.for_sale for each in told)), frozenset().union(*(each.granted for each in told))
    )
