"""Reactions: whatever is new about a session, its findings are computed again in a job of their own.

The computation takes tens of milliseconds, so it does not run inside the handler's write transaction.
"""

from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on
from proctoring.sessions.events import (
    PageEventsReceived,
    SessionAnalysed,
    SessionEnded,
    SessionInterrupted,
    SessionResumed,
)
from proctoring.watching.events import SnapshotsAnalysed


@on(SnapshotsAnalysed)
def assess_pictures(ctx: WriteCtx, fact: SnapshotsAnalysed) -> None:
    """New pictures were looked at."""
    ctx.enqueue("proctoring.assess", session_id=str(fact.session_id))


@on(PageEventsReceived)
def assess_events(ctx: WriteCtx, fact: PageEventsReceived) -> None:
    """The page told something."""
    ctx.enqueue("proctoring.assess", session_id=str(fact.session_id))


@on(SessionInterrupted)
def assess_interrupted(ctx: WriteCtx, fact: SessionInterrupted) -> None:
    """The page fell silent."""
    ctx.enqueue("proctoring.assess", session_id=str(fact.session_id))


@on(SessionResumed)
def assess_resumed(ctx: WriteCtx, fact: SessionResumed) -> None:
    """The page is back."""
    ctx.enqueue("proctoring.assess", session_id=str(fact.session_id))


@on(SessionEnded)
def assess_ended(ctx: WriteCtx, fact: SessionEnded) -> None:
    """The exam is over: what was ongoing has an end."""
    ctx.enqueue("proctoring.assess", session_id=str(fact.session_id))


@on(SessionAnalysed)
def assess_analysed(ctx: WriteCtx, fact: SessionAnalysed) -> None:
    """Every picture was looked at."""
    ctx.enqueue("proctoring.assess", session_id=str(fact.session_id))
