"""What the system does to sessions: silence, late ends, and facts the slices above find out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from lms_core.kit.context import WriteCtx
from lms_core.learning.assessments import service as assessments
from proctoring.policies import service as policies
from proctoring.policies.errors import SessionsRunning
from proctoring.sessions import queries, states
from proctoring.sessions.models import Session
from proctoring.sessions.service.sitting import close, move
from proctoring.sessions.states import SessionState


def interrupt(ctx: WriteCtx, session_id: UUID, *, silent_since: datetime) -> bool:
    """Mark a session interrupted if nothing was heard of it since then; False when it spoke meanwhile."""
    row = queries.locked(ctx, session_id)
    if row.state != SessionState.ACTIVE or row.last_seen_at > silent_since:
        return False
    move(ctx, row, "interrupt", reason="no sign of life", at=row.last_seen_at)
    ctx.session.flush()
    return True


def end_late(ctx: WriteCtx, session_id: UUID, *, reason: str) -> bool:
    """End a session whose attempt is over; False when the page did it."""
    row = queries.locked(ctx, session_id)
    if row.ended_at is not None or row.state not in states.RECORDING:
        return False
    close(ctx, row, reason=reason)
    return True


def end_supervision(ctx: WriteCtx, quiz_id: UUID) -> None:
    """Take the policy off a quiz, for its editors. SessionsRunning, NotSupervised, QuizNotFound, Forbidden."""
    assessments.access_quiz_for_editing(ctx, quiz_id)
    running = select(func.count()).where(Session.quiz_id == quiz_id, Session.state.in_(states.UNFINISHED))
    count = ctx.session.execute(running).scalar_one()
    if count:
        raise SessionsRunning(count)
    policies.end_supervision(ctx, quiz_id)


def note_unavailable(ctx: WriteCtx, session_id: UUID, unavailable: dict[str, str], *, made: frozenset[str]) -> None:
    """Which checks could not be made on the last pictures, and why; those that were `made` are no longer missing."""
    row = queries.locked(ctx, session_id)
    kept = {check: why for check, why in row.unavailable.items() if check not in made}
    row.unavailable = {**kept, **unavailable}
    ctx.session.flush()


def note_enrolled(ctx: WriteCtx, session_id: UUID) -> None:
    """That the identity photograph shows one face, and its numbers are kept."""
    row = queries.locked(ctx, session_id)
    row.enrolled_at = ctx.now
    ctx.session.flush()


def forget_pictures(ctx: WriteCtx, session_id: UUID) -> None:
    """That the session's pictures and faces are deleted."""
    row = queries.locked(ctx, session_id)
    row.pictures_deleted_at, row.enrolled_at = ctx.now, None
    ctx.session.flush()
