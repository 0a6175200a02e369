"""The selects of sessions, and rows as views."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import bindparam, func, select

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from proctoring.sessions.errors import SessionNotFound
from proctoring.sessions.models import PageEventRow, Session, SessionStep
from proctoring.sessions.schemas import PageEventView, SessionCard, StepView
from proctoring.sessions.states import UNFINISHED

SAME = tuple(
    name for name in SessionCard.model_fields if name not in ("clock_offset_seconds", "unavailable", "refused")
)

# Each picture that arrives asks these; built anew they would cost more than storing it.
_SESSION = prepared(select(Session).where(Session.id == bindparam("session_id")))
_OWNER = prepared(select(Session.user_id, Session.state).where(Session.id == bindparam("session_id")))
_LOCKED = prepared(select(Session).where(Session.id == bindparam("session_id")).with_for_update(key_share=True))


def session(ctx: ReadCtx, session_id: UUID) -> Session:
    """The row, or SessionNotFound."""
    row: Session | None = ctx.session.execute(_SESSION, {"session_id": session_id}).scalar_one_or_none()
    if row is None:
        raise SessionNotFound()
    return row


def owner(ctx: ReadCtx, session_id: UUID) -> tuple[UUID, str]:
    """Whose session it is, and its state; or SessionNotFound."""
    row = ctx.session.execute(_OWNER, {"session_id": session_id}).one_or_none()
    if row is None:
        raise SessionNotFound()
    return row.user_id, row.state


def locked(ctx: WriteCtx, session_id: UUID) -> Session:
    """The same, with this transaction as its only writer."""
    row: Session | None = ctx.session.execute(_LOCKED, {"session_id": session_id}).scalar_one_or_none()
    if row is None:
        raise SessionNotFound()
    return row


def unfinished(ctx: ReadCtx, attempt_id: UUID) -> Session | None:
    """The running session of an attempt."""
    row: Session | None = ctx.session.execute(
        select(Session).where(Session.attempt_id == attempt_id, Session.state.in_(UNFINISHED))
    ).scalar_one_or_none()
    return row


def steps(ctx: ReadCtx, session_id: UUID) -> tuple[StepView, ...]:
    """Steps taken, oldest first."""
    rows = ctx.session.execute(
        select(SessionStep).where(SessionStep.session_id == session_id).order_by(SessionStep.id)
    ).scalars()
    return tuple(
        StepView(step=row.step, before=row.before, after=row.after, by=row.by, at=row.at, reason=row.reason)
        for row in rows
    )


def page_events(ctx: ReadCtx, session_id: UUID) -> tuple[PageEventView, ...]:
    """Events in the order the page numbered them."""
    rows = ctx.session.execute(
        select(PageEventRow).where(PageEventRow.session_id == session_id).order_by(PageEventRow.sequence)
    ).scalars()
    return tuple(PageEventView(**{name: getattr(row, name) for name in PageEventView.model_fields}) for row in rows)


def known_sequences(ctx: ReadCtx, session_id: UUID, sequences: Iterable[int]) -> set[int]:
    """Which of these event numbers are stored."""
    wanted = select(PageEventRow.sequence).where(
        PageEventRow.session_id == session_id, PageEventRow.sequence.in_(list(sequences))
    )
    return set(ctx.session.execute(wanted).scalars())


def last_event(ctx: ReadCtx, session_id: UUID) -> int:
    """The highest event number stored; 0 when there is none."""
    found = select(func.max(PageEventRow.sequence)).where(PageEventRow.session_id == session_id)
    return ctx.session.execute(found).scalar_one() or 0


def card(row: Session) -> SessionCard:
    """A row as a card."""
    return SessionCard(
        **{name: getattr(row, name) for name in SAME},
        clock_offset_seconds=row.clock_offset,
        unavailable=row.unavailable,
        refused=row.refused,
    )
