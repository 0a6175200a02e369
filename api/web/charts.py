"""Bar charts as numbers for an inline SVG, in units of a picture 600 wide."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

WIDTH, HEIGHT, GAP, HEAD = 600.0, 160.0, 8.0, 16.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its left and upper edge, its size, what it stands for, and how many."""

    x: float
    y: float
    width: float
    height: float
    label: str
    count: int


def bars_of(counts: Sequence[tuple[str, int]]) -> list[Bar]:
    """A bar per (label, count), the highest as high as the picture. Zero is a hair line, so that it is seen."""
    if not counts:
        return []
    most = max(1, *(count for _, count in counts))
    each = WIDTH / len(counts)
    bars = []
    for place, (label, count) in enumerate(counts):
        height = max(1.0, ceil((HEIGHT - HEAD) * count / most))
        bars.append(Bar(place * each + GAP / 2, HEIGHT - height, each - GAP, height, label, count))
    return bars
