"""A row once more: every column of a table as it is but for those named, so that new columns need no word here.

And its dates, where they move: by whole days, at the same time of the day in one time zone.
"""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class Shift:
    """How many days later (or earlier) the dates of a copy are. Of no date nothing is made."""

    days: int = 0
    zone: str = "UTC"

    def moment(self, at: datetime | None) -> datetime | None:
        """The moment so many days on, when the clocks of the zone show the same time."""
        if at is None or not self.days:
            return at
        zone = ZoneInfo(self.zone)
        there = at.astimezone(zone).replace(tzinfo=None) + timedelta(days=self.days)
        return there.replace(tzinfo=zone).astimezone(UTC)

    def day(self, day: date | None) -> date | None:
        """The day so many days on."""
        return None if day is None else day + timedelta(days=self.days)


STAY = Shift()


def first_day(found: Iterable[date | datetime | None], *, zone: str) -> date | None:
    """The earliest of these days and moments, as a day in a time zone."""
    there = ZoneInfo(zone)
    days = (each.astimezone(there).date() if isinstance(each, datetime) else each for each in found)
    return min((each for each in days if each is not None), default=None)


def copied(row: Row, **other: Any) -> Row:
    """A new row with the values of `row`, except `other`. Its id, where the table makes ids, is a new one."""
    columns = type(row).__table__.columns.keys()
    kept = {name: deepcopy(getattr(row, name)) for name in columns if name != "id"}
    return type(row)(**{**kept, **other})
