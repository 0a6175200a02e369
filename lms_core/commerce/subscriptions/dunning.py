"""When an unpaid term is asked for again, and when patience ends. Pure."""

from datetime import datetime, timedelta

OFFSETS = tuple(timedelta(days=days) for days in (0, 1, 3, 7))  # after the term fell due
GRACE = timedelta(days=7)  # courses stay open for so long
LAST_WORD = timedelta(hours=1)  # what the last attempt may take to be answered
APART = timedelta(hours=20)  # between two attempts, however late the first one came
FIRST_PAYMENT = timedelta(hours=24)  # a subscription that nobody pays for is forgotten
UNPAID_FOR = timedelta(days=30)  # it can still be paid, and goes on where it was
REMIND_BEFORE = timedelta(days=3)
LONGEST_PAUSE = timedelta(days=90)


def attempt_at(asked_from: datetime, last: datetime | None, number: int) -> datetime | None:
    """When attempt `number` (from 0) is due; None: there are no more. `last`: when the one before was made."""
    if number >= len(OFFSETS):
        return None
    planned = asked_from + OFFSETS[number]
    return planned if last is None else max(planned, last + APART)


def patience_ends(asked_from: datetime, last: datetime) -> datetime:
    """When a term whose last attempt was made at `last` counts as not paid."""
    return max(asked_from + GRACE, last) + LAST_WORD
