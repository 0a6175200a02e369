"""Comments anchored to passages of a text: found, checked, and cut into pieces for a page."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from lms_core.kit.errors import Invalid
from lms_core.learning.assignments.sheets import Annotation, AnnotationIn


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text under the same annotations; `numbers` count them from 1, `starts` those that begin here."""

    text: str
    numbers: tuple[int, ...]
    starts: tuple[int, ...]


def anchor(text: str, given: AnnotationIn) -> Annotation:
    """The annotation at the place of its quote nearest to its hint. Invalid when the text does not say so."""
    quote = lines_as_stored(given.quote)
    places: list[int] = []
    place = text.find(quote)
    while place >= 0 and len(places) < 1000:
        places.append(place)
        place = text.find(quote, place + 1)
    if not places:
        told = "The submission does not have this passage. Copy it from the text just as it is written."
        raise Invalid(told, fields=[{"field": "quote", "message": told}])
    start = min(places, key=lambda each: abs(each - given.start))
    return Annotation(start=start, end=start + len(quote), quote=quote, comment=given.comment)


def pieces(text: str, annotations: Sequence[Annotation]) -> list[Piece]:
    """The text cut wherever an annotation begins or ends; joined, the pieces are the text again."""
    inside = [each for each in annotations if 0 <= each.start < each.end <= len(text)]
    cuts = sorted({0, len(text), *(each.start for each in inside), *(each.end for each in inside)})
    found = []
    for start, end in itertools.pairwise(cuts):
        over = [(number, each) for number, each in enumerate(annotations, start=1) if each.start <= start < each.end]
        over = [(number, each) for number, each in over if each in inside]
        begun = tuple(number for number, each in over if each.start == start)
        found.append(Piece(text[start:end], tuple(number for number, _ in over), begun))
    return found


def lines_as_stored(text: str) -> str:
    """The text with the line ends that submissions are stored with; browsers send forms with others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
