"""When terms begin and end: whole months or years from an anchor, on the calendar of the institution. Pure.

The end of the n-th term is counted from the anchor and never from the term before, so nothing drifts: from 31 January
terms end on 28 February, 31 March, 30 April; from 29 February on 28 February, and on 29 February when there is one.
"""

from calendar import monthrange
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

INSTITUTION_ZONE = "Africa/Nairobi"


class Interval(StrEnum):
    """How long a term is."""

    MONTH = "month"
    YEAR = "year"

    @property
    def months(self) -> int:
        """In calendar months."""
        return 12 if self is Interval.YEAR else 1


def boundary(anchor: datetime, interval: Interval, number: int, zone: str) -> datetime:
    """Where term `number` ends, in UTC: so many intervals after `anchor` (0 is the anchor itself), same local time.

    A day that the month does not have is its last one.
    """
    there = anchor.astimezone(ZoneInfo(zone))
    years, month = divmod(there.year * 12 + there.month - 1 + number * interval.months, 12)
    day = min(there.day, monthrange(years, month + 1)[1])
    moved = there.replace(year=years, month=month + 1, day=day)
    return moved.astimezone(anchor.tzinfo)


def days_left(starts_at: datetime, ends_at: datetime, now: datetime, zone: str) -> tuple[int, int]:
    """Calendar days of a term that are unused at `now`, today among them, and all of its days (1 at least)."""
    there = ZoneInfo(zone)
    first, last, today = (each.astimezone(there).date() for each in (starts_at, ends_at, now))
    whole = max((last - first).days, 1)
    return min(max((last - today).days, 0), whole), whole
