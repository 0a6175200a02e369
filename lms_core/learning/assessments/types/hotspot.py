"""Hotspot: places to find in a picture, one for each marker.

Lengths are fractions of the picture, x from its left and y from its top, so that any size on a screen is judged the
same. share = markers within one of their regions, its edge included / markers.
"""

import re
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from lms_core.content.courses.schemas import NO_CONTROL
from lms_core.learning.assessments.types.shapes import (
    Frozen,
    Given,
    Part,
    PartId,
    PartKind,
    PartResult,
    Sheet,
    Words,
    mean_share,
)

POINT = re.compile(r"(0(?:\.\d{1,6})?|1(?:\.0{1,6})?),(0(?:\.\d{1,6})?|1(?:\.0{1,6})?)", re.ASCII)
NEAR = 1e-9  # how far from an edge a point still lies on it, for sums of binary fractions

Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Length = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Point = tuple[Fraction, Fraction]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000, pattern=NO_CONTROL)]


class Rectangle(Frozen):
    """A rectangle by its upper left corner and its size."""

    shape: Literal["rectangle"] = "rectangle"
    x: Fraction
    y: Fraction
    width: Length
    height: Length


class Ellipse(Frozen):
    """An ellipse by its centre and half axes; a circle on the screen has axes as unequal as the picture's sides."""

    shape: Literal["ellipse"] = "ellipse"
    x: Fraction
    y: Fraction
    radius_x: Length
    radius_y: Length


class Polygon(Frozen):
    """A polygon by its corners, in order."""

    shape: Literal["polygon"] = "polygon"
    points: tuple[Point, ...] = Field(min_length=3, max_length=60)


Region = Annotated[Rectangle | Ellipse | Polygon, Field(discriminator="shape")]


class Marker(Frozen):
    """What to find, and where it is."""

    id: PartId | None = None
    label: Words
    regions: tuple[Region, ...] = Field(min_length=1, max_length=20)


class HotspotKey(Frozen):
    """A picture among the course's files, its description for who does not see it, and what to find in it."""

    type: Literal["hotspot"] = "hotspot"
    picture: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=NO_CONTROL)]
    description: Description = ""
    markers: tuple[Marker, ...] = Field(min_length=1, max_length=30)


def texts(key: HotspotKey) -> dict[str, str]:
    """Markdown by id."""
    return {marker.id or "": marker.label for marker in key.markers}


def sheet(key: HotspotKey, *, seed: str) -> Sheet:
    """The markers as their author ordered them, whatever the seed."""
    return Sheet(parts=tuple(Part(id=marker.id or "", kind=PartKind.POINT) for marker in key.markers))


def results(key: HotspotKey, given: Given) -> tuple[PartResult, ...]:
    """One for each marker; what is right is in the key's regions."""
    return tuple(
        PartResult(
            id=marker.id or "",
            correct=_is_found(marker, given.parts.get(marker.id or "", "")),
            given=given.parts.get(marker.id or "", ""),
            right=(),
        )
        for marker in key.markers
    )


def share(key: HotspotKey, given: Given) -> float:
    """From 0 to 1."""
    return mean_share(results(key, given))


def point_of(text: str) -> tuple[float, float] | None:
    """The point that "0.25,0.5" names; None when it names none in the picture."""
    found = POINT.fullmatch(text)
    return (float(found.group(1)), float(found.group(2))) if found else None


def _is_found(marker: Marker, said: str) -> bool:
    point = point_of(said)
    return point is not None and any(contains(region, *point) for region in marker.regions)


def contains(region: Region, x: float, y: float) -> bool:
    """Whether a point lies in the region or on its edge."""
    match region:
        case Rectangle():
            inside_x = region.x - NEAR <= x <= region.x + region.width + NEAR
            return inside_x and region.y - NEAR <= y <= region.y + region.height + NEAR
        case Ellipse():
            across, down = (x - region.x) / region.radius_x, (y - region.y) / region.radius_y
            return across * across + down * down <= 1 + NEAR
        case Polygon():
            return _in_polygon(region.points, x, y)


def _in_polygon(points: tuple[Point, ...], x: float, y: float) -> bool:
    """Crossing number of a ray to the right (Shimrat 1962, Communications of the ACM 5(8), algorithm 112)."""
    inside = False
    for (x1, y1), (x2, y2) in zip(points, (*points[1:], points[0]), strict=True):
        if _on_edge(x, y, x1, y1, x2, y2):
            return True
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def _on_edge(x: float, y: float, x1: float, y1: float, x2: float, y2: float) -> bool:
    within = min(x1, x2) - NEAR <= x <= max(x1, x2) + NEAR and min(y1, y2) - NEAR <= y <= max(y1, y2) + NEAR
    return within and abs((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) <= NEAR
