"""What sessions do when attempts move on."""

from datetime import timedelta

from sqlalchemy import select

from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on
from lms_core.learning.assessments.events import AttemptExpired, AttemptSubmitted
from proctoring.sessions import service, states
from proctoring.sessions.jobs import END_LATE
from proctoring.sessions.models import Session

STILL_COMING = timedelta(seconds=60)  # pictures that the page had queued when the attempt was handed in


@on(AttemptSubmitted)
def end_after_submission(ctx: WriteCtx, event: AttemptSubmitted) -> None:
    """End the attempt's session soon, if its page does not."""
    running = select(Session.id).where(Session.attempt_id == event.attempt_id, Session.state.in_(states.UNFINISHED))
    reason = "time was over" if event.automatic else "attempt submitted"
    for session_id in ctx.session.execute(running).scalars():
        ctx.enqueue(END_LATE, delay=STILL_COMING, session_id=str(session_id), reason=reason)


@on(AttemptExpired)
def expire_with_attempt(ctx: WriteCtx, event: AttemptExpired) -> None:
    """End the session of an attempt that never began."""
    waiting = select(Session.id).where(Session.attempt_id == event.attempt_id, Session.state.in_(states.BEFORE))
    for session_id in list(ctx.session.execute(waiting).scalars()):
        service.expire(ctx, session_id, reason="the attempt expired")
