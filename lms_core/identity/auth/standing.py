"""Sessions that stand: list one's own, end them, and write down their use."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select, update

from lms_core.identity.access import service as access
from lms_core.identity.alerts import service as alerts
from lms_core.identity.alerts.schemas import Seen
from lms_core.identity.apikeys import service as apikeys
from lms_core.identity.audit import service as audit
from lms_core.identity.auth.models import AuthSession
from lms_core.identity.auth.schemas import Client, SessionView
from lms_core.identity.secondfactor import trust
from lms_core.kit import agents
from lms_core.kit.context import Actor, ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.places import Places

LATELY = timedelta(days=1)
COMPARED = 10  # sessions that a login is looked at beside
USE_NOTED_EVERY = timedelta(minutes=5)


def own(ctx: ReadCtx) -> list[SessionView]:
    """The actor's own standing sessions, newest first. Unauthenticated, Forbidden."""
    rows = ctx.session.execute(
        select(AuthSession)
        .where(
            AuthSession.user_id == access.own_account(ctx),
            AuthSession.revoked_at.is_(None),
            AuthSession.expires_at > ctx.now,
            AuthSession.impersonator_id.is_(None),
        )
        .order_by(AuthSession.id.desc())
        .limit(100)
    ).scalars()
    return [shown(ctx, row) for row in rows]


def end(ctx: WriteCtx, *, session_id: UUID) -> None:
    """End one of the actor's own sessions, such as one on a lost telephone. NotFound for any other."""
    ended = ctx.session.execute(
        update(AuthSession)
        .where(
            AuthSession.id == session_id,
            AuthSession.user_id == access.own_account(ctx),
            AuthSession.revoked_at.is_(None),
        )
        .values(revoked_at=ctx.now)
        .returning(AuthSession.id)
    ).scalar_one_or_none()
    if ended is None:
        raise NotFound("You have no such session.")
    audit.record(ctx, action="session.ended", object=("session", session_id))


def end_others(ctx: WriteCtx) -> None:
    """Log out everywhere but here, and trust no browser any more. Unauthenticated, Forbidden."""
    user_id = access.own_account(ctx)
    end_all(ctx, user_id=user_id, but=ctx.actor.session_id)
    trust.end_all(ctx, user_id=user_id)
    audit.record(ctx, action="session.all_ended", object=("user", user_id))


def end_all(ctx: WriteCtx, *, user_id: UUID, but: UUID | None = None) -> None:
    """End all sessions of a person, those in which they act as somebody else included, except `but`.

    Who may do it is the caller's to check.
    """
    theirs = or_(AuthSession.user_id == user_id, AuthSession.impersonator_id == user_id)
    ended = update(AuthSession).where(theirs, AuthSession.revoked_at.is_(None))
    if but is not None:
        ended = ended.where(AuthSession.id != but)
    ctx.session.execute(ended.values(revoked_at=ctx.now))


def end_acting(ctx: WriteCtx, *, user_id: UUID) -> None:
    """End the sessions in which administrators act as a person."""
    acting = AuthSession.impersonator_id.is_not(None)
    ctx.session.execute(
        update(AuthSession)
        .where(AuthSession.user_id == user_id, acting, AuthSession.revoked_at.is_(None))
        .values(revoked_at=ctx.now)
    )


def lately(ctx: ReadCtx, *, user_id: UUID) -> Sequence[Seen]:
    """The person's sessions used within a day, each at its last use, the newest use first; ended ones too."""
    rows = ctx.session.execute(
        select(AuthSession.user_agent, AuthSession.ip, AuthSession.last_seen_at)
        .where(
            AuthSession.user_id == user_id,
            AuthSession.last_seen_at > ctx.now - LATELY,
            AuthSession.impersonator_id.is_(None),
        )
        .order_by(AuthSession.last_seen_at.desc())
        .limit(COMPARED)
    )
    return [Seen(user_agent=row[0], ip=row[1], at=row[2]) for row in rows]


def is_use_due(ctx: ReadCtx, actor: Actor) -> bool:
    """Whether the use of the actor's session or key was last written down too long ago."""
    if actor.session_id is None and actor.scopes is None:
        return False
    return actor.noted_at is None or ctx.now - actor.noted_at >= USE_NOTED_EVERY


def note_use(ctx: WriteCtx, *, actor: Actor, client: Client, key: str) -> None:
    """Write down when and from where the actor's session, or else `key`, is used. A way nobody goes alerts."""
    if actor.session_id is None:
        apikeys.note_use(ctx, key=key)
        return
    row = ctx.session.execute(
        select(AuthSession).where(AuthSession.id == actor.session_id).with_for_update(key_share=True)
    ).scalar_one()
    before = Seen(row.user_agent, row.ip, row.last_seen_at)
    row.last_seen_at, row.ip = ctx.now, client.ip[:45]
    ctx.session.flush()
    if row.impersonator_id is None:
        alerts.note_way(ctx, user_id=row.user_id, before=before, seen=Seen(client.user_agent, client.ip, ctx.now))


def shown(ctx: ReadCtx, row: AuthSession) -> SessionView:
    """A session as its owner, or an administrator, sees it."""
    agent, place = agents.named(row.user_agent), ctx.resources.get(Places).of(row.ip)
    return SessionView(
        id=row.id,
        kind=row.kind,
        user_agent=row.user_agent,
        program=agent.program,
        system=agent.system,
        ip=row.ip,
        country=place.country,
        city=place.city,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        current=row.id == ctx.actor.session_id,
    )
