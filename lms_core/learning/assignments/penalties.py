"""What lateness costs: pure arithmetic, the same wherever a mark is shown."""

import math
from datetime import datetime, timedelta

from lms_core.learning.assignments.models import LateRule

DAY = timedelta(days=1)


def days_late(submitted_at: datetime, due_at: datetime | None) -> int:
    """Days begun after the due date: a second late is one day, exactly in time or no date at all is 0."""
    if due_at is None or submitted_at <= due_at:
        return 0
    return math.ceil((submitted_at - due_at) / DAY)


def kept_percent(rule: LateRule, *, days: int, percent: float, floor: float) -> float:
    """How much of the earned points is kept, in percent, 0 to 100.

    `percent` goes for each day begun, down to `floor`. Other rules than `percent` take nothing.
    """
    if rule != LateRule.PERCENT or days <= 0:
        return 100.0
    return round(max(100.0 - percent * days, min(floor, 100.0), 0.0), 2)


def after(earned: float, kept: float) -> float:
    """The points that count, to two decimals, never more than were earned."""
    return min(earned, round(earned * kept / 100.0, 2))
