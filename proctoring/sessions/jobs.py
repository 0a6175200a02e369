"""The clock's work on sessions: silence, late ends, sittings that never began."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.kit.context import Work, system_actor
from lms_core.kit.jobs import every, job
from proctoring.sessions import service, states
from proctoring.sessions.models import Session
from proctoring.sessions.service.access import HEARTBEAT_SECONDS
from proctoring.sessions.service.sitting import LONGEST_WAIT
from proctoring.sessions.states import SessionState

END_LATE = "proctoring.end_late"
SILENCE = timedelta(seconds=3 * HEARTBEAT_SECONDS)
SWEEP_AT_ONCE = 500

log = structlog.get_logger(__name__)


@job(END_LATE)
def end_late(work: Work, *, session_id: str, reason: str) -> None:
    """End a session whose attempt was handed in a while ago."""
    with work.write() as ctx:
        service.end_late(ctx, UUID(session_id), reason=reason)


@every(timedelta(seconds=15), "proctoring.sweep_sessions")
def sweep(work: Work) -> None:
    """Interrupt silent sessions, expire those that never began, end those nobody came back to; a transaction each."""
    with work.read() as view:
        silent_since, stale_since = view.now - SILENCE, view.now - LONGEST_WAIT
        silent = view.session.execute(
            select(Session.id, Session.tenant_id)
            .where(Session.state == SessionState.ACTIVE, Session.last_seen_at <= silent_since)
            .limit(SWEEP_AT_ONCE)
        ).all()
        left = view.session.execute(
            select(Session.id, Session.tenant_id)
            .where(Session.state == SessionState.INTERRUPTED, Session.last_seen_at <= stale_since)
            .limit(SWEEP_AT_ONCE)
        ).all()
        stale = view.session.execute(
            select(Session.id, Session.tenant_id)
            .where(Session.state.in_(states.BEFORE), Session.last_seen_at <= stale_since)
            .limit(SWEEP_AT_ONCE)
        ).all()
    for row in silent:
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            service.interrupt(ctx, row.id, silent_since=silent_since)
    for row in stale:
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            service.expire(ctx, row.id, reason="it never began")
    for row in left:
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            service.end_late(ctx, row.id, reason="nobody came back")
    if silent or stale or left:
        log.info("proctoring.sessions_swept", interrupted=len(silent), expired=len(stale), ended=len(left))
