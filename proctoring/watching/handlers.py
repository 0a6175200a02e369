"""What watching does when a session ends."""

from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on
from proctoring.sessions.events import SessionEnded
from proctoring.watching import looking


@on(SessionEnded)
def finish_when_nothing_waits(ctx: WriteCtx, event: SessionEnded) -> None:
    """Mark the session analysed when no picture waits; else the last batch does."""
    looking.finish(ctx, event.session_id)
