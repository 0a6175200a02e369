"""Fetching sessions for somebody: seen or refused in one place."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Permission
from proctoring.policies import service as policies
from proctoring.sessions import queries
from proctoring.sessions.errors import SessionNotFound
from proctoring.sessions.models import Session
from proctoring.sessions.schemas import SessionCard, SessionView
from proctoring.sessions.states import SessionState

HEARTBEAT_SECONDS = 15
MAXIMUM_LISTED = 500
FACES_ONLY = "object detection unavailable, faces only"


def card(ctx: ReadCtx, session_id: UUID) -> SessionCard:
    """A session for callers who have authorised. SessionNotFound. One statement."""
    return queries.card(queries.session(ctx, session_id))


def cards(ctx: ReadCtx, session_ids: Iterable[UUID]) -> dict[UUID, SessionCard]:
    """Sessions by id for callers who have authorised; unknown ids are left out. One statement."""
    rows = ctx.session.execute(select(Session).where(Session.id.in_(set(session_ids)))).scalars()
    return {row.id: queries.card(row) for row in rows}


def access_own(ctx: ReadCtx, session_id: UUID) -> SessionCard:
    """One's own session; SessionNotFound for everybody else. One statement."""
    row = queries.session(ctx, session_id)
    if ctx.actor.user_id is None or row.user_id != ctx.actor.user_id:
        raise SessionNotFound()
    return queries.card(row)


def own_state(ctx: ReadCtx, session_id: UUID) -> SessionState:
    """The state of one's own session, without the rest of it; SessionNotFound for everybody else. One statement."""
    user_id, state = queries.owner(ctx, session_id)
    if ctx.actor.user_id is None or user_id != ctx.actor.user_id:
        raise SessionNotFound()
    return SessionState(state)


def access_for_review(ctx: ReadCtx, session_id: UUID) -> SessionCard:
    """A session for who may review it; SessionNotFound for others. Two statements.

    Reviewers named by the quiz's newest policy, else those who hold `proctor:review` in the course; the institution's
    administrators and the system always.
    """
    row = queries.session(ctx, session_id)
    if ctx.actor.may(Permission.PROCTOR_REVIEW):
        return queries.card(row)
    named = policies.reviewers(ctx, row.quiz_id)
    in_course = ctx.actor.may(Permission.PROCTOR_REVIEW, course_id=row.course_id)
    if not (ctx.actor.user_id in named if named else in_course):
        raise SessionNotFound()
    return queries.card(row)


def for_review(
    ctx: ReadCtx,
    *,
    quiz_id: UUID | None = None,
    states: Collection[SessionState] = (),
    session_ids: Collection[UUID] | None = None,
    limit: int = MAXIMUM_LISTED,
) -> tuple[SessionCard, ...]:
    """Sessions the actor may review, newest first. Two statements; one for administrators."""
    wanted = select(Session).where(_reviewable(ctx)).order_by(Session.id.desc()).limit(limit)
    if quiz_id is not None:
        wanted = wanted.where(Session.quiz_id == quiz_id)
    if states:
        wanted = wanted.where(Session.state.in_(list(states)))
    if session_ids is not None:
        wanted = wanted.where(Session.id.in_(list(session_ids)))
    return tuple(queries.card(row) for row in ctx.session.execute(wanted).scalars())


def of_attempt(ctx: ReadCtx, attempt_id: UUID) -> SessionCard | None:
    """The newest session of one's own attempt, if it has one. One statement."""
    newest = select(Session).where(Session.attempt_id == attempt_id, Session.user_id == ctx.actor.user_id)
    row = ctx.session.execute(newest.order_by(Session.id.desc()).limit(1)).scalar_one_or_none()
    return queries.card(row) if row is not None else None


def of_person(ctx: ReadCtx, user_id: UUID) -> tuple[SessionCard, ...]:
    """Every session of a person, newest first, for callers who have authorised. One statement."""
    rows = ctx.session.execute(select(Session).where(Session.user_id == user_id).order_by(Session.id.desc()))
    return tuple(queries.card(row) for row in rows.scalars())


def silences(ctx: ReadCtx, session_id: UUID) -> tuple[tuple[datetime, datetime | None], ...]:
    """Spans in which the server heard nothing from the page; the last may be open (None)."""
    found: list[tuple[datetime, datetime | None]] = []
    for step in queries.steps(ctx, session_id):
        if step.step == "interrupt":
            found.append((step.at, None))
        elif step.before is SessionState.INTERRUPTED and found:
            found[-1] = (found[-1][0], step.at)
    return tuple(found)


def view(ctx: ReadCtx, session_id: UUID, *, pictures: dict[str, int]) -> SessionView:
    """One's own session as its page needs it; `pictures` are the last numbers stored by kind. Three statements."""
    found = access_own(ctx, session_id)
    policy = policies.version(ctx, found.policy_id)
    rules = policy.rules
    return SessionView(
        id=found.id,
        attempt_id=found.attempt_id,
        quiz_id=found.quiz_id,
        course_id=found.course_id,
        state=found.state,
        policy_version=policy.version,
        snapshot_interval_seconds=rules.snapshot_interval_seconds,
        heartbeat_seconds=HEARTBEAT_SECONDS,
        identity=rules.identity,
        identity_enrolled=found.enrolled_at is not None,
        fullscreen=rules.fullscreen,
        microphone=rules.microphone,
        screen=rules.screen,
        consent_version=found.consent_version,
        consented_at=found.consented_at,
        clock_offset_seconds=found.clock_offset_seconds,
        unavailable=found.unavailable,
        notices=notices(found.unavailable),
        last_sequences={**pictures, "events": queries.last_event(ctx, session_id)},
        created_at=found.created_at,
        begun_at=found.begun_at,
        ended_at=found.ended_at,
        server_now=ctx.now,
    )


def notices(unavailable: dict[str, str]) -> tuple[str, ...]:
    """What a session must say about itself."""
    if "objects" in unavailable and "faces" not in unavailable:
        return (FACES_ONLY,)
    return tuple(f"{check} unavailable: {why}" for check, why in sorted(unavailable.items()))


def _reviewable(ctx: ReadCtx) -> ColumnElement[bool]:
    if ctx.actor.may(Permission.PROCTOR_REVIEW):
        return true()
    if ctx.actor.user_id is None:
        return false()
    courses = ctx.actor.courses_where(Permission.PROCTOR_REVIEW)
    own, others = policies.reviewed_by(ctx, ctx.actor.user_id)
    in_course = and_(Session.course_id.in_(courses), Session.quiz_id.not_in(others))
    return or_(Session.quiz_id.in_(own), in_course)
