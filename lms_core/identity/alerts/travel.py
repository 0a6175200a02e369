"""Impossible travel: two uses of one account too far apart for the time between them."""

import math
from dataclasses import dataclass
from datetime import timedelta

from lms_core.kit.places import Point

EARTH_KM = 6371.0088  # mean radius (IUGG; Moritz, Geodetic Reference System 1980)
FASTEST_KMH = 1000.0  # airliners cruise at some 900 km/h; a tail wind and a rough clock are allowed for
NEAREST_KM = 200.0  # below this, two providers of one town are likelier than a journey


@dataclass(frozen=True, slots=True)
class Journey:
    """A way that nobody went."""

    kilometres: int
    minutes: int


def distance_km(first: Point, second: Point) -> float:
    """Along the great circle, by the haversine formula (R. W. Sinnott, Sky and Telescope 68, 1984)."""
    latitudes = math.radians(first.latitude), math.radians(second.latitude)
    half_up = (latitudes[1] - latitudes[0]) / 2
    half_along = math.radians(second.longitude - first.longitude) / 2
    haversine = math.sin(half_up) ** 2 + math.cos(latitudes[0]) * math.cos(latitudes[1]) * math.sin(half_along) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, haversine)))


def impossible(first: Point, second: Point, *, within: timedelta) -> Journey | None:
    """The journey, when nobody travels it `within` this time; None when somebody may have.

    Both points lie somewhere in their circles of accuracy, so the way counted is the shortest between the circles.
    """
    kilometres = distance_km(first, second) - first.accuracy_km - second.accuracy_km
    hours = max(within.total_seconds(), 0.0) / 3600
    if kilometres < NEAREST_KM or kilometres <= FASTEST_KMH * hours:
        return None
    return Journey(kilometres=round(kilometres), minutes=round(hours * 60))
