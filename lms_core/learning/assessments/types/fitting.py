"""Whether a value can be the answer to a part, before anybody asks whether it is right."""

from collections.abc import Collection

from lms_core.learning.assessments.types.hotspot import point_of
from lms_core.learning.assessments.types.shapes import PartKind

EXPECTED: dict[PartKind, str] = {
    PartKind.OPTION: "the id of an option that it offers",
    PartKind.RANK: "a place in the order, a whole number from 1",
    PartKind.TEXT: "words",
    PartKind.NUMBER: "a number",
    PartKind.POINT: "a point of the picture, such as 0.25,0.5",
}


def fits(kind: PartKind, value: str, *, options: Collection[str], places: int) -> bool:
    """Whether `value` answers a part of this kind that offers these options, among so many places."""
    match kind:
        case PartKind.OPTION:
            return value in options
        case PartKind.RANK:
            return value.isascii() and value.isdecimal() and len(value) < 4 and 1 <= int(value) <= places
        case PartKind.POINT:
            return point_of(value) is not None
        case PartKind.TEXT | PartKind.NUMBER:
            return True  # a number is read when it is judged: half of one is on its way to be one
