"""Random draws: which questions of a paper an attempt gets, as a pure function of the attempt's seed.

Each draw wants so many questions of its candidates, and no question stands twice in an attempt, though draws may share
candidates. That is a matching in the graph of places and candidates, found by augmenting paths (Kuhn 1955, Naval
Research Logistics Quarterly 2; Berge 1957): a place already filled stays filled, whatever is moved to fill the next
one. So the places that can be filled, taken in order, do not depend on chance, and every attempt of a paper has the
same number of questions and points.

Questions the person has not had come first: places are matched among those alone, then what is still empty among all.
Since augmenting keeps every question that is matched, an attempt has as many new ones as possible.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal
from uuid import UUID

from lms_core.learning.assessments.schemas.shared import View
from lms_core.learning.assessments.types.shapes import shuffled

Place = tuple[int, int]  # which draw, which of its places


class Fixed(View):
    """A question that stands in every attempt."""

    kind: Literal["fixed"] = "fixed"
    question_id: UUID
    points: float


class Draw(View):
    """So many of these candidates, for so many points each. `id` tells draws of the same candidates apart."""

    kind: Literal["draw"] = "draw"
    id: UUID
    count: int
    points: float
    candidates: tuple[UUID, ...]


class LaidSection(View):
    """A section of a paper, its instructions rendered."""

    title: str
    instructions_html: str
    shuffle: bool
    new_page: bool
    slots: tuple[Fixed | Draw, ...]


class Layout(View):
    """How the questions of a paper stand."""

    sections: tuple[LaidSection, ...]

    def fixed_ids(self) -> list[UUID]:
        """The questions that stand in every attempt."""
        return [slot.question_id for slot in self._slots() if isinstance(slot, Fixed)]

    def draws(self) -> list[Draw]:
        """The draws in their order."""
        return [slot for slot in self._slots() if isinstance(slot, Draw)]

    def question_count(self) -> int:
        """How many questions an attempt has."""
        return sum(slot.count if isinstance(slot, Draw) else 1 for slot in self._slots())

    def points(self) -> float:
        """What an attempt can earn."""
        each = (slot.points * (slot.count if isinstance(slot, Draw) else 1) for slot in self._slots())
        return round(sum(each), 2)

    def _slots(self) -> Iterator[Fixed | Draw]:
        return (slot for section in self.sections for slot in section.slots)


class Drawn(View):
    """A question of an attempt: in which section (from 0) it stands, and for how many points."""

    section: int
    id: UUID
    points: float


def possible(draws: Sequence[Draw]) -> list[int]:
    """How many questions each draw can have when those before it come first."""
    filled = _filled(_places(draws), [draw.candidates for draw in draws])
    return [sum(place in filled for place in _places_of(at, draw)) for at, draw in enumerate(draws)]


def draw(layout: Layout, *, seed: int, had: Collection[UUID] = ()) -> list[Drawn]:
    """The questions of the attempt with this seed in their order; `had`: questions to avoid while others are left."""
    draws = layout.draws()
    ranked = [shuffled(each.candidates, each.candidates, f"{seed}:{each.id}") for each in draws]
    known = frozenset(had)
    able = list(_filled(_places(draws), ranked))
    fresh = _filled(able, [[each for each in candidates if each not in known] for candidates in ranked])
    found = _filled(able, ranked, fresh)
    drawn: list[Drawn] = []
    at = 0
    for number, section in enumerate(layout.sections):
        placed: list[Drawn] = []
        for slot in section.slots:
            if isinstance(slot, Fixed):
                placed.append(Drawn(section=number, id=slot.question_id, points=slot.points))
            else:
                chosen = [found[place] for place in _places_of(at, slot) if place in found]
                placed.extend(Drawn(section=number, id=each, points=slot.points) for each in chosen)
                at += 1
        drawn.extend(shuffled(placed, [each.id for each in placed], seed) if section.shuffle else placed)
    return drawn


def _places(draws: Sequence[Draw]) -> list[Place]:
    return [place for at, draw in enumerate(draws) for place in _places_of(at, draw)]


def _places_of(at: int, draw: Draw) -> list[Place]:
    return [(at, number) for number in range(draw.count)]


def _filled(
    places: Sequence[Place], wanted: Sequence[Sequence[UUID]], start: dict[Place, UUID] | None = None
) -> dict[Place, UUID]:
    """A largest matching of places and candidates, by the order of both; what `start` fills stays filled."""
    found = dict(start or {})
    held = {question: place for place, question in found.items()}
    nobody_takes: set[UUID] = set()  # candidates that no path leads on from, for the place at hand

    def fill(place: Place) -> bool:
        candidates = wanted[place[0]]
        free = next((each for each in candidates if each not in held), None)
        if free is not None:
            held[free], found[place] = place, free
            return True
        for each in candidates:
            if each not in nobody_takes:
                nobody_takes.add(each)
                if fill(held[each]):
                    held[each], found[place] = place, each
                    return True
        return False

    for place in places:
        if place not in found:
            nobody_takes.clear()
            fill(place)
    return found
