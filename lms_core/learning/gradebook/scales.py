"""Letters: from which percentage each is given, and the scales every institution can choose without making one.

`kcse` follows the twelve grades and points of Kenya's KCSE (KNEC), with the
percentages schools use for internal examinations. `gpa` is the College Board's
conversion to 4.0. `letters` is the plain A to F of tens.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Band(NamedTuple):
    """A letter, the percentage from which it is given, and the points it is worth (None: a scale without points)."""

    letter: str
    from_percent: float
    points: float | None = None


DEFAULT = "kcse"
PRESETS: dict[str, tuple[Band, ...]] = {
    "kcse": (
        Band("A", 80, 12),
        Band("A-", 75, 11),
        Band("B+", 70, 10),
        Band("B", 65, 9),
        Band("B-", 60, 8),
        Band("C+", 55, 7),
        Band("C", 50, 6),
        Band("C-", 45, 5),
        Band("D+", 40, 4),
        Band("D", 35, 3),
        Band("D-", 30, 2),
        Band("E", 0, 1),
    ),
    "gpa": (
        Band("A", 93, 4.0),
        Band("A-", 90, 3.7),
        Band("B+", 87, 3.3),
        Band("B", 83, 3.0),
        Band("B-", 80, 2.7),
        Band("C+", 77, 2.3),
        Band("C", 73, 2.0),
        Band("C-", 70, 1.7),
        Band("D+", 67, 1.3),
        Band("D", 65, 1.0),
        Band("F", 0, 0.0),
    ),
    "letters": (Band("A", 90), Band("B", 80), Band("C", 70), Band("D", 60), Band("F", 0)),
}
PRESET_NAMES = {"kcse": "KCSE, A to E with 12 points", "gpa": "A to F with 4.0 points", "letters": "A to F"}


def band_of(bands: Sequence[Band], percent: float | None) -> Band | None:
    """The band of a percentage (rounded to two decimals, as it is shown); None without one. `bands` highest first."""
    if percent is None:
        return None
    return next((band for band in bands if percent >= band.from_percent), None)
