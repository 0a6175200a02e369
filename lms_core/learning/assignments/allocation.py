"""Who reviews whom: random, balanced, and the same again for the same seed. Pure."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def draw(people: Sequence[T], *, reviews: int, seed: str) -> list[tuple[T, T]]:
    """Pairs (reviewer, reviewed): everybody reviews `reviews` others and is reviewed as often, nobody themselves.

    People stand in a random circle, and each reviews those at the same random distances ahead of them: a cyclic
    design, in which no pair is drawn twice. ValueError when there are not more people than reviews.
    """
    if not 0 < reviews < len(people):
        raise ValueError("everybody reviews fewer people than there are others")
    chance = random.Random(seed)  # noqa: S311 - fair and repeatable, not secret
    circle = chance.sample(list(people), len(people))
    distances = chance.sample(range(1, len(circle)), reviews)
    return [
        (reviewer, circle[(place + distance) % len(circle)])
        for place, reviewer in enumerate(circle)
        for distance in distances
    ]
