"""Whose clock: what the taker's device says, as the server's clock would have said it.

The offset is measured whenever the device tells its time in a request
(`client_time`, `sent_at`): server's now minus device's now, the way there
included. Below `TOLERANCE` it is the network and not the clock. A device that
never told its time is believed until a time is impossible: in the future, or
before the session; then the arrival itself measures it.
"""

from datetime import datetime, timedelta

from proctoring.sessions.models import Session

TOLERANCE = timedelta(seconds=2)


def measure(session: Session, *, client_time: datetime | None, now: datetime) -> None:
    """Note how far the taker's clock is off."""
    if client_time is None:
        return
    offset = now - client_time
    session.clock_offset = 0.0 if abs(offset) < TOLERANCE else round(offset.total_seconds(), 3)
    session.offset_measured = True


def corrected(session: Session, claimed: datetime, *, now: datetime) -> datetime:
    """`claimed` by the server's clock, between the session's creation and now."""
    if not session.offset_measured and not session.created_at - TOLERANCE <= claimed <= now + TOLERANCE:
        measure(session, client_time=claimed, now=now)
    return min(max(claimed + timedelta(seconds=session.clock_offset), session.created_at), now)
