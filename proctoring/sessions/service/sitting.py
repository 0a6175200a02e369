"""Sitting an exam: start, check, begin, end; and the one verb that takes a step."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from lms_core.identity.audit import service as audit
from lms_core.kit.context import WriteCtx
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import AttemptNotFound
from lms_core.learning.assessments.models import AttemptStatus
from proctoring.policies import consent as texts
from proctoring.policies import service as policies
from proctoring.policies.schemas import PolicyView
from proctoring.sessions import clock, queries, states
from proctoring.sessions.errors import (
    AttemptFinished,
    ConsentMissing,
    ConsentOutdated,
    IdentityMissing,
    SessionNotFound,
    SessionOver,
)
from proctoring.sessions.events import SessionAnalysed, SessionBegun, SessionEnded, SessionInterrupted, SessionResumed
from proctoring.sessions.models import Session, SessionStep
from proctoring.sessions.schemas import ChecksIn, ConsentIn, SessionCard, StartIn
from proctoring.sessions.states import SessionState, Step

FACTS = {
    "begin": SessionBegun,
    "interrupt": SessionInterrupted,
    "resume": SessionResumed,
    "end": SessionEnded,
    "analyse": SessionAnalysed,
}
JUDGING: frozenset[Step] = frozenset({"pass", "reject", "uphold", "turn_down"})
LONGEST_WAIT = timedelta(hours=24)


def start(ctx: WriteCtx, given: StartIn) -> SessionCard:
    """A consented session for one's own attempt; again while it runs: the same one.

    AttemptNotFound, AttemptFinished, NotSupervised, ConsentMissing, ConsentOutdated.
    """
    attempt = assessments.access_attempt(ctx, given.attempt_id)
    if attempt.user_id != ctx.actor.user_id:
        raise AttemptNotFound()
    running = queries.unfinished(ctx, attempt.id)
    if running is None:
        if attempt.status not in (AttemptStatus.WAITING, AttemptStatus.OPEN):
            raise AttemptFinished()
        policy = policies.supervise(ctx, attempt.quiz_id)
        consent = _agreed(given.consent, policy)
        running = _insert(ctx, attempt_id=attempt.id, policy=policy)
        if running.state == SessionState.CREATED:
            running.consent_version, running.consent_hash = consent.version, consent.hash
            running.consented_at, running.consent_names_faces = ctx.now, policy.rules.identity
            move(ctx, running, "consent", reason=consent.version)
    clock.measure(running, client_time=given.client_time, now=ctx.now)
    ctx.session.flush()
    return queries.card(running)


def check(ctx: WriteCtx, session_id: UUID, checks: ChecksIn) -> SessionCard:
    """Keep what the system check found. Again before the exam begins: replaces it. SessionNotFound, SessionNotThere."""
    row = own(ctx, session_id)
    move(ctx, row, "check")
    row.checks = {name: value for name, value in checks.results.items() if value is not None}
    ctx.session.flush()
    return queries.card(row)


def begin(ctx: WriteCtx, session_id: UUID) -> SessionCard:
    """Open the attempt; again: no change. IdentityMissing where the policy asks for a photograph; SessionNotThere."""
    row = own(ctx, session_id)
    if row.state in states.RUNNING:
        return queries.card(row)
    if policies.version(ctx, row.policy_id).rules.identity and row.enrolled_at is None:
        raise IdentityMissing()
    move(ctx, row, "begin")
    row.begun_at = ctx.now
    assessments.begin(ctx, row.attempt_id)
    return queries.card(row)


def end(ctx: WriteCtx, session_id: UUID, *, reason: str = "by the taker") -> SessionCard:
    """Record nothing more; again: no change. SessionNotFound, SessionOver where it never got so far."""
    row = own(ctx, session_id)
    if row.ended_at is not None:
        return queries.card(row)
    if row.state not in states.RECORDING:
        raise SessionOver(row.state)
    close(ctx, row, reason=reason)
    return queries.card(row)


def expire(ctx: WriteCtx, session_id: UUID, *, reason: str) -> bool:
    """End a session that never began, for the system. False when there is nothing to do."""
    row = queries.locked(ctx, session_id)
    if row.state not in states.BEFORE:
        return False
    move(ctx, row, "expire", reason=reason)
    _set_retention(ctx, row)
    return True


def take(ctx: WriteCtx, session_id: UUID, step: Step, *, reason: str = "") -> SessionCard:
    """Take a step; SessionNotThere when there is no such step from where it is. The caller has authorised."""
    row = queries.locked(ctx, session_id)
    move(ctx, row, step, reason=reason)
    if step in JUDGING:
        row.judged_at = ctx.now
    ctx.session.flush()
    return queries.card(row)


def own(ctx: WriteCtx, session_id: UUID) -> Session:
    """One's own session, locked; SessionNotFound for everybody else."""
    row = queries.locked(ctx, session_id)
    if ctx.actor.user_id is None or row.user_id != ctx.actor.user_id:
        raise SessionNotFound()
    return row


def move(ctx: WriteCtx, row: Session, step: Step, *, reason: str = "", at: datetime | None = None) -> None:
    """Change the state, write the step down and tell whoever listens."""
    before, row.state = row.state, states.after(row.state, step)
    ctx.add(
        SessionStep(
            session_id=row.id,
            step=step,
            before=before,
            after=row.state,
            by=ctx.actor.user_id,
            at=at or ctx.now,
            reason=reason[:200],
        )
    )
    fact = FACTS.get(step)
    if fact is not None:
        ctx.emit(fact(session_id=row.id, quiz_id=row.quiz_id))


def close(ctx: WriteCtx, row: Session, *, reason: str) -> None:
    """End a session that records."""
    move(ctx, row, "end", reason=reason)
    row.ended_at, row.end_reason = ctx.now, reason[:40]
    _set_retention(ctx, row)
    ctx.session.flush()


def _set_retention(ctx: WriteCtx, row: Session) -> None:
    days = policies.version(ctx, row.policy_id).rules.retention_days
    row.retain_until = ctx.now + timedelta(days=days)


def _agreed(given: bool | ConsentIn, policy: PolicyView) -> ConsentIn:
    """The consent with the text it was given to. ConsentMissing, ConsentOutdated."""
    consent = given if isinstance(given, ConsentIn) else ConsentIn(accepted=given)
    if not consent.accepted:
        raise ConsentMissing()
    shown = texts.text_for(policy.rules, version=policy.version, language="en")
    known = texts.hashes(policy.rules, version=policy.version)
    if (consent.version or shown.version) != shown.version or (consent.hash or shown.hash) not in known:
        raise ConsentOutdated(shown.version)
    return ConsentIn(version=shown.version, accepted=True, hash=consent.hash or shown.hash)


def _insert(ctx: WriteCtx, *, attempt_id: UUID, policy: PolicyView) -> Session:
    """A new session; the one of another tab when that was faster."""
    assert ctx.actor.user_id is not None
    row = Session(
        attempt_id=attempt_id,
        quiz_id=policy.quiz_id,
        course_id=policy.course_id,
        user_id=ctx.actor.user_id,
        policy_id=policy.id,
        last_seen_at=ctx.now,
        created_at=ctx.now,
    )
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError:
        other = queries.unfinished(ctx, attempt_id)
        if other is None:
            raise
        return other
    audit.record(ctx, action="proctor_session.started", object=("proctor_session", row.id), policy=policy.version)
    return row
