"""Where an address is, by a GeoLite2 or GeoIP2 file (MaxMind DB format 2.0) that an installation may have.

Without a file every address is nowhere in particular, and what depends on places stays silent. The file is read from
the local disk; no address leaves the machine.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maxminddb import Reader

UNKNOWN_ACCURACY = 500  # km: what GeoLite2 gives for an address it only knows the country of, most often


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees, and within how many kilometres of it the address is likely to be."""

    latitude: float
    longitude: float
    accuracy_km: float


@dataclass(frozen=True, slots=True)
class Place:
    """`country` is ISO 3166-1 alpha-2; `city` is English; both empty when unknown. `point` None: country files."""

    country: str = ""
    city: str = ""
    point: Point | None = None


NOWHERE = Place()


class Places:
    """Looks addresses up in one file, or in none."""

    def __init__(self, file: Path | None = None) -> None:
        """Open `file`. ValueError, saying what to do, when it is missing or no such database."""
        self._reader = _opened(file) if file is not None else None

    def of(self, ip: str) -> Place:
        """Where `ip` is; NOWHERE for private, unknown and malformed addresses."""
        if self._reader is None:
            return NOWHERE
        try:
            found: Any = self._reader.get(ip_address(ip))
        except ValueError:
            return NOWHERE
        return _place(found) if isinstance(found, dict) else NOWHERE

    def close(self) -> None:
        """Let go of the file."""
        if self._reader is not None:
            self._reader.close()


def _opened(file: Path) -> "Reader":
    import maxminddb  # here, since most installations have no such file

    try:
        return maxminddb.open_database(file)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        raise ValueError(
            f"MWALIMU_GEOIP_FILE: {file} cannot be read as a MaxMind database. Download GeoLite2-City.mmdb from "
            "MaxMind, or take the setting away."
        ) from error


def _place(found: dict[str, Any]) -> Place:
    location = found.get("location") or {}
    point = None
    if "latitude" in location and "longitude" in location:
        accuracy = float(location.get("accuracy_radius", UNKNOWN_ACCURACY))
        point = Point(float(location["latitude"]), float(location["longitude"]), accuracy)
    country = str((found.get("country") or {}).get("iso_code", ""))[:2]
    city = str(((found.get("city") or {}).get("names") or {}).get("en", ""))[:80]
    return Place(country, city, point)
