"""Dates in forms: written and read in a person's own time zone."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo


def as_field(when: datetime | None, zone: ZoneInfo) -> str:
    """A moment as `<input type="datetime-local">` takes it; "" of none."""
    return when.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if when is not None else ""


def from_field(text: str, zone: ZoneInfo) -> Any:
    """The moment written in such a field; None of "", and what is no date as it is, for the schema to refuse."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last days of the calendar have no other time zones
        return text or None
