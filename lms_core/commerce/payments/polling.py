"""When to ask a provider again: pure arithmetic over the capabilities and how often it was asked."""

from datetime import datetime, timedelta

from lms_core.commerce.payments.gateways.port import Capabilities

SLOWLY = timedelta(minutes=5)
# Asking about what nobody can tell: at last once a day.
DOUBT = (30, 120, 600, 3600, 6 * 3600)
DAY = timedelta(days=1)
GIVE_UP = timedelta(days=7)


def next_charge(able: Capabilities, *, polls: int, begun_at: datetime, now: datetime) -> datetime | None:
    """When to ask about an open charge after `polls` times; None: it has had its time, and counts as expired."""
    end = begun_at + timedelta(seconds=able.expires_after)
    if now >= end:
        return None
    if polls < len(able.poll_seconds):
        planned = begun_at + timedelta(seconds=able.poll_seconds[polls])
        return max(planned, now + timedelta(seconds=1))
    return min(now + SLOWLY, end)


def next_doubt(*, polls: int, begun_at: datetime, now: datetime) -> datetime | None:
    """When to ask about what may or may not have happened; None: a person has to look."""
    if now - begun_at >= GIVE_UP:
        return None
    return now + (timedelta(seconds=DOUBT[polls]) if polls < len(DOUBT) else DAY)
