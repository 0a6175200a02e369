"""What comes while an exam runs: signs of life, page events, and that a picture came."""

from datetime import datetime
from typing import Any
from uuid import UUID

from prometheus_client import Counter

from lms_core.kit.context import WriteCtx
from proctoring.sessions import clock, queries, states
from proctoring.sessions.errors import SessionOver, UnknownEvent
from proctoring.sessions.events import PageEventsReceived
from proctoring.sessions.models import PageEventRow, Session
from proctoring.sessions.schemas import EVENT_TYPES, EventsTaken, PageEventIn, PageEventsIn, SessionCard
from proctoring.sessions.service.sitting import move, own
from proctoring.sessions.states import SessionState

REFUSED = Counter("mwalimu_proctor_refused_total", "Proctoring input that was refused", ["code"])
LONGEST_DETAIL = 40


def sign_of_life(ctx: WriteCtx, session_id: UUID, *, client_time: datetime | None) -> SessionCard:
    """The page is there; an interrupted session goes on. SessionNotFound, SessionOver."""
    row = _recording(ctx, session_id, client_time=client_time)
    ctx.session.flush()
    return queries.card(row)


def note_picture(
    ctx: WriteCtx, session_id: UUID, *, claimed_at: datetime, sent_at: datetime | None
) -> tuple[SessionCard, datetime]:
    """That a picture came: the session, and when it was taken by the server's clock. SessionNotFound, SessionOver."""
    row = _recording(ctx, session_id, client_time=sent_at)
    at = clock.corrected(row, claimed_at, now=ctx.now)
    ctx.session.flush()
    return queries.card(row), at


def note_events(ctx: WriteCtx, session_id: UUID, given: PageEventsIn) -> EventsTaken:
    """Keep page events; a number that is stored already changes nothing. UnknownEvent, SessionNotFound, SessionOver."""
    row = _recording(ctx, session_id, client_time=given.sent_at)
    unknown = [
        {"field": f"events.{place}.type", "message": f"must be one of {', '.join(EVENT_TYPES)}"}
        for place, event in enumerate(given.events)
        if event.type not in EVENT_TYPES
    ]
    if unknown:
        raise UnknownEvent("Nothing of this batch was kept. Send it again without them.", fields=unknown)
    known = queries.known_sequences(ctx, session_id, (event.sequence for event in given.events))
    new = {event.sequence: event for event in given.events if event.sequence not in known}
    ctx.session.add_all(_event(row, event, now=ctx.now) for event in new.values())
    ctx.session.flush()
    if new:
        ctx.emit(PageEventsReceived(session_id=row.id, quiz_id=row.quiz_id))
    return EventsTaken(taken=len(new), repeated=len(given.events) - len(new))


def count_refused(ctx: WriteCtx, session_id: UUID, *, code: str) -> None:
    """Add one to a session's count of bad input. The caller made sure that it is the actor's own."""
    row = queries.locked(ctx, session_id)
    row.refused = {**row.refused, code: int(row.refused.get(code, 0)) + 1}
    ctx.session.flush()


def _recording(ctx: WriteCtx, session_id: UUID, *, client_time: datetime | None) -> Session:
    row = own(ctx, session_id)
    if row.state not in states.RECORDING:
        raise SessionOver(row.state)
    clock.measure(row, client_time=client_time, now=ctx.now)
    if row.state == SessionState.INTERRUPTED:
        move(ctx, row, "resume")
    row.last_seen_at = ctx.now
    return row


def _event(row: Session, event: PageEventIn, *, now: datetime) -> PageEventRow:
    return PageEventRow(
        session_id=row.id,
        sequence=event.sequence,
        type=event.type,
        at=clock.corrected(row, event.at, now=now),
        claimed_at=event.at,
        received_at=now,
        seconds=event.duration,
        details=_details(event),
    )


def _details(event: PageEventIn) -> dict[str, Any]:
    """Only the details this type is known for: numbers and short words, never what was copied or typed."""
    kept: dict[str, Any] = {}
    for name in EVENT_TYPES[event.type] & event.details.keys():
        value = event.details[name]
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
        if is_number or (isinstance(value, str) and len(value) <= LONGEST_DETAIL and value.isalnum()):
            kept[name] = value
    return kept
