"""Lists and tables as wholes: which items belong together, and whether a list is the one asked for.

A question how to do something, or which things there are, is answered by a list; one
item torn from it misleads. What a list is about stands in its headings and its
introduction more often than in its items, so those are what the question is held against.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import log1p

from rag.answering.spans import Span
from rag.answering.words import content_stems

LEAST_ITEMS = 3
LIST_BONUS = 0.5  # for a list whose headings and words hold the whole question
# Of the question's words, in the list with its own heading and with all headings: below, it is about something else.
LEAST_OWN, LEAST_WHOLE = 0.5, 0.75
# They say that a list is wanted, not which.
_SHAPE_STEMS = frozenset({"step", "list", "tabl", "type", "kind", "sort", "form", "way", "exampl", "main", "make"})


def rarity(stems: AbstractSet[str], passages: Sequence[Sequence[Span]]) -> dict[str, float]:
    """How telling each of `stems` is among the passages found, 0 to 1: 0 where none holds it, little where all do."""
    held = [frozenset().union(*(span.stems for span in passage)) for passage in passages]
    counts = {stem: sum(stem in one for one in held) for stem in stems - _SHAPE_STEMS}
    return {stem: log1p(len(held) / count) / log1p(len(held)) if count else 0.0 for stem, count in counts.items()}


def list_bonus(
    spans: Sequence[Span], run: range, *, headings: Sequence[str], asked: Mapping[str, float], steps: bool
) -> float:
    """What every item of the list gains: more of the question in its headings, introduction and items, more bonus.

    Half the weight lies on what is closest to the list, so that of two lists in a lesson about
    the question the one under the fitting heading wins. `asked` weighs the question's stems.
    """
    items = [spans[place] for place in run if spans[place].opens_line]
    labels = sum(item.label for item in items)
    if len(items) < LEAST_ITEMS or (steps and (2 * labels > len(items) or items[0].kind != "list_item")):
        return 0.0
    held = frozenset().union(*(spans[place].stems for place in run), content_stems(headings[-1] if headings else ""))
    if run.start and spans[run.start - 1].introduces:
        held |= spans[run.start - 1].stems
    above = held | content_stems(" ".join(headings))
    mass = sum(asked.values())
    own, whole = (sum(weight for stem, weight in asked.items() if stem in one) for one in (held, above))
    fits = mass > 0 and own >= LEAST_OWN * mass and whole >= LEAST_WHOLE * mass
    return LIST_BONUS * (own + whole) / (2 * mass) if fits else 0.0
