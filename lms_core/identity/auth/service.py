"""Verbs on logins: log in and out, go on, who is asking, change or reset a password. What stands is `standing`'s.

`log_in`, `log_in_web`, `refresh` and `change_password` take the database
instead of a context: password hashing happens between transactions, and what a
refusal teaches (a wrong password, a stolen token) is stored although the
request fails. Everything else is a verb on one context.
"""

from datetime import timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select, update

from lms_core.identity.access import service as access
from lms_core.identity.access.schemas import Member
from lms_core.identity.accounts import addresses, lockout, passwords
from lms_core.identity.accounts import service as accounts
from lms_core.identity.accounts.errors import WrongPassword
from lms_core.identity.accounts.models import User
from lms_core.identity.accounts.schemas import PasswordChange, PasswordReset
from lms_core.identity.alerts import service as alerts
from lms_core.identity.alerts.schemas import Seen
from lms_core.identity.apikeys import keys as apikeys
from lms_core.identity.audit import service as audit
from lms_core.identity.auth import standing, tokens
from lms_core.identity.auth.errors import AccountClosed, LoginRefused, RefreshRefused
from lms_core.identity.auth.events import LoggedIn, TokenReused
from lms_core.identity.auth.models import AuthSession, RefreshToken, SessionKind
from lms_core.identity.auth.queries import actor_by_cookie, actor_by_key, actor_by_token
from lms_core.identity.auth.schemas import Client, LoginInput, Tokens, WebSession
from lms_core.identity.challenges import service as challenges
from lms_core.identity.challenges.models import ChallengePurpose
from lms_core.identity.secondfactor import service as secondfactor
from lms_core.identity.secondfactor import trust
from lms_core.identity.secondfactor.errors import SecondFactorRequired
from lms_core.kit import agents
from lms_core.kit.cache import RateLimiter
from lms_core.kit.context import Actor, Database, ReadCtx, Resources, WriteCtx
from lms_core.kit.crypto import Keys
from lms_core.kit.errors import Forbidden, Unauthenticated
from lms_core.kit.ids import new_token, token_hash
from lms_core.kit.permissions import Permission
from lms_core.kit.settings import Settings

IMPERSONATION = timedelta(minutes=30)
PER_ADDRESS = 20  # a school behind one address logs in at once: this many times the limit of one person

Opened = TypeVar("Opened", covariant=True)


class Opener(Protocol[Opened]):
    """Begins a session of one kind for a person who has shown who they are."""

    def __call__(self, ctx: WriteCtx, *, user_id: UUID, client: Client) -> Opened: ...


def actor_for(ctx: ReadCtx, *, bearer: str | None, cookie: str | None) -> Actor:
    """Who is asking, by access token or else by cookie, with their roles as they are now.

    Unauthenticated when nothing was given, and when it is forged, expired, of
    another institution, or its session or account has ended. One statement.
    """
    if bearer is not None and apikeys.looks_like_key(bearer):
        actor = actor_by_key(ctx, prefix=apikeys.prefix_of(bearer), secret_hash=apikeys.secret_hash_of(bearer))
        if actor is None:
            raise Unauthenticated("The API key is not known, has expired, or was revoked. Make another one.")
        return actor
    if bearer is not None:
        claims = tokens.read(ctx.resources.get(Keys), bearer, now=ctx.now)
        if claims.tenant_id != ctx.tenant_id:
            raise Unauthenticated("The access token belongs to another institution. Log in here.")
        actor = actor_by_token(ctx, session_id=claims.session_id, user_id=claims.user_id)
    elif cookie is not None:
        actor = actor_by_cookie(ctx, cookie_hash=token_hash(cookie))
    else:
        raise Unauthenticated("Log in, or send an access token.")
    if actor is None:
        raise Unauthenticated("The session has ended. Log in again.")
    return actor


def limit_attempts(resources: Resources, *, what: str, tenant_id: UUID, client: Client, about: str = "") -> None:
    """Count one attempt at `what` by this client on `about` (an address). TooManyRequests with the seconds to wait."""
    limiter, per_minute = resources.get(RateLimiter), resources.get(Settings).login_attempts_per_minute
    limiter.check(f"{what}:{tenant_id}:{client.ip}", per_minute=PER_ADDRESS * per_minute)
    if about:
        limiter.check(f"{what}:{tenant_id}:{client.ip}:{token_hash(about)}", per_minute=per_minute)


def log_in(database: Database, *, visitor: Actor, login: LoginInput, client: Client) -> Tokens:
    """A program's session. LoginRefused, AccountClosed, SecondFactorRequired, TooManyRequests."""
    return _log_in(database, visitor, login, client, open_api_session, device="")


def log_in_web(
    database: Database, *, visitor: Actor, login: LoginInput, client: Client, device: str = ""
) -> WebSession:
    """A page's session; a trusted `device` needs no code.

    LoginRefused, AccountClosed, SecondFactorRequired, TooManyRequests.
    """
    return _log_in(database, visitor, login, client, open_web_session, device=device)


def _log_in(
    database: Database, visitor: Actor, login: LoginInput, client: Client, opener: Opener[Opened], *, device: str
) -> Opened:
    email_key = addresses.key_of(login.email)
    limit_attempts(database.resources, what="login", tenant_id=visitor.tenant_id, client=client, about=email_key)
    with database.read(visitor) as view:
        known = lockout.credentials_of(view, email_key=email_key)
    right = passwords.matches(known.password_hash if known else None, login.password)
    rehashed = _rehashed(known.password_hash, login.password) if known and right else None
    opened: Opened | None = None
    admission, challenge = lockout.Admission(admitted=False), ""
    with database.write(visitor) as ctx:
        if known is not None and right:
            admission = lockout.admit(ctx, matched=known, rehashed=rehashed)
        elif known is not None:
            _record_failure(ctx, user_id=known.user_id, client=client)
        if known is not None and admission.admitted and _code_needed(ctx, known.user_id, device):
            challenge = challenges.begin(ctx, purpose=ChallengePurpose.SECOND_FACTOR, user_id=known.user_id)
        elif known is not None and admission.admitted:
            opened = opener(ctx, user_id=known.user_id, client=client)
        else:
            subject = ("user", known.user_id) if known else None
            audit.record(ctx, action="login.refused", object=subject, ip=client.ip)
    if admission.disabled:
        raise AccountClosed()
    if challenge:
        raise SecondFactorRequired(challenge)
    if opened is None:
        raise LoginRefused()
    return opened


def _code_needed(ctx: ReadCtx, user_id: UUID, device: str) -> bool:
    if not secondfactor.required_for(ctx, user_id=user_id):
        return False
    return not device or not trust.holds(ctx, user_id=user_id, device=device)


def _record_failure(ctx: WriteCtx, *, user_id: UUID, client: Client) -> None:
    if lockout.record_failure(ctx, user_id=user_id):
        alerts.note_failures(ctx, user_id=user_id, seen=Seen(client.user_agent, client.ip, ctx.now))


def _rehashed(password_hash: str | None, password: str) -> str | None:
    return passwords.hashed(password) if password_hash and passwords.needs_rehash(password_hash) else None


def open_api_session(ctx: WriteCtx, *, user_id: UUID, client: Client) -> Tokens:
    """Begin a program's session for a person who has shown who they are."""
    session = _open(ctx, user_id, SessionKind.API, client, cookie=None)
    return _next_tokens(ctx, session)


def open_web_session(ctx: WriteCtx, *, user_id: UUID, client: Client) -> WebSession:
    """Begin a page's session for a person who has shown who they are."""
    cookie = new_token()
    session = _open(ctx, user_id, SessionKind.WEB, client, cookie=cookie)
    return WebSession(session_id=session.id, user_id=user_id, cookie=cookie, expires_at=session.expires_at)


def open_as(ctx: WriteCtx, *, user_id: UUID, client: Client) -> WebSession:
    """Begin an administrator's page session as another person, marked as theirs; it lasts half an hour."""
    cookie = new_token()
    session = ctx.add(
        AuthSession(
            user_id=user_id,
            kind=SessionKind.WEB,
            cookie_hash=token_hash(cookie),
            user_agent=agents.printable(client.user_agent),
            ip=client.ip[:45],
            created_at=ctx.now,
            last_seen_at=ctx.now,
            expires_at=ctx.now + IMPERSONATION,
            impersonator_id=ctx.actor.user_id,
        )
    )
    return WebSession(session_id=session.id, user_id=user_id, cookie=cookie, expires_at=session.expires_at)


def _open(ctx: WriteCtx, user_id: UUID, kind: SessionKind, client: Client, cookie: str | None) -> AuthSession:
    login = Seen(client.user_agent, client.ip, ctx.now)
    alerts.note_login(ctx, user_id=user_id, login=login, others=standing.lately(ctx, user_id=user_id))
    session = ctx.add(
        AuthSession(
            user_id=user_id,
            kind=kind,
            cookie_hash=token_hash(cookie) if cookie else None,
            user_agent=agents.printable(client.user_agent),
            ip=client.ip[:45],
            created_at=ctx.now,
            last_seen_at=ctx.now,
            expires_at=ctx.now + timedelta(days=ctx.resources.get(Settings).session_days),
        )
    )
    audit.record(ctx, action="login.succeeded", object=("user", user_id), ip=client.ip, kind=kind.value)
    ctx.emit(LoggedIn(user_id=user_id, session_id=session.id))
    return session


def _next_tokens(ctx: WriteCtx, session: AuthSession) -> Tokens:
    refresh_token = new_token()
    ctx.add(RefreshToken(session_id=session.id, token_hash=token_hash(refresh_token), created_at=ctx.now))
    lifetime = timedelta(minutes=ctx.resources.get(Settings).access_token_minutes)
    claims = tokens.Claims(user_id=session.user_id, tenant_id=ctx.tenant_id, session_id=session.id)
    access_token = tokens.issue(ctx.resources.get(Keys), claims, now=ctx.now, lifetime=lifetime)
    return Tokens(access_token=access_token, refresh_token=refresh_token, expires_in=int(lifetime.total_seconds()))


def refresh(database: Database, *, visitor: Actor, refresh_token: str, client: Client) -> Tokens:
    """The next pair of tokens; the given one is used up. RefreshRefused; a used one also ends its session."""
    limit_attempts(database.resources, what="refresh", tenant_id=visitor.tenant_id, client=client)
    with database.write(visitor) as ctx:
        renewed = _rotate(ctx, refresh_token, client)
    if renewed is None:
        raise RefreshRefused()
    return renewed


def _rotate(ctx: WriteCtx, refresh_token: str, client: Client) -> Tokens | None:
    found = ctx.session.execute(
        select(RefreshToken, AuthSession)
        .join(AuthSession, AuthSession.id == RefreshToken.session_id)
        .join(User, User.id == AuthSession.user_id)
        .where(
            RefreshToken.token_hash == token_hash(refresh_token),
            AuthSession.revoked_at.is_(None),
            AuthSession.expires_at > ctx.now,
            User.disabled_at.is_(None),
        )
        .with_for_update(of=[RefreshToken, AuthSession], key_share=True)
    ).one_or_none()
    if found is None:
        return None
    token, session = found[0], found[1]
    if token.used_at is not None:
        session.revoked_at = ctx.now
        audit.record(ctx, action="session.token_reused", object=("user", session.user_id), ip=client.ip)
        ctx.emit(TokenReused(user_id=session.user_id, session_id=session.id))
        return None
    token.used_at, session.last_seen_at = ctx.now, ctx.now
    return _next_tokens(ctx, session)


def log_out(ctx: WriteCtx) -> None:
    """End the session this request came with, and with it its access tokens."""
    session_id = ctx.actor.session_id
    if session_id is not None:
        ctx.session.execute(update(AuthSession).where(AuthSession.id == session_id).values(revoked_at=ctx.now))
        audit.record(ctx, action="session.logged_out", object=("user", ctx.actor.user_id or session_id))


def change_password(database: Database, *, actor: Actor, change: PasswordChange, client: Client) -> None:
    """Give oneself another password; other sessions end. WrongPassword, WeakPassword, TooManyRequests."""
    if actor.user_id is None:
        raise Unauthenticated("Log in to change your password.")
    access.ensure_own(actor)
    limit_attempts(
        database.resources, what="password", tenant_id=actor.tenant_id, client=client, about=str(actor.user_id)
    )
    with database.read(actor) as view:
        person = accounts.account(view, user_id=actor.user_id)
        known_hash = accounts.password_hash_of(view, user_id=actor.user_id)
    wrong = WrongPassword("Type the password you use now, or ask for a reset link if you forgot it.")
    if not passwords.matches(known_hash, change.current_password):
        raise wrong
    passwords.check(change.new_password, email=person.email, full_name=person.full_name)
    password_hash = passwords.hashed(change.new_password)
    with database.write(actor) as ctx:
        if not accounts.replace_password(ctx, user_id=person.id, known_hash=known_hash, password_hash=password_hash):
            raise wrong
        standing.end_all(ctx, user_id=person.id, but=actor.session_id)
        trust.end_all(ctx, user_id=person.id)
        audit.record(ctx, action="password.changed", object=("user", person.id), ip=client.ip)


def reset_password(ctx: WriteCtx, *, reset: PasswordReset, client: Client) -> None:
    """Set a password by a mailed link; all sessions of the person end. LinkExpired, WeakPassword."""
    user_id = accounts.reset_password(ctx, token=reset.token, password=reset.password)
    standing.end_all(ctx, user_id=user_id)
    trust.end_all(ctx, user_id=user_id)
    audit.record(ctx, action="password.reset", object=("user", user_id), ip=client.ip)


def set_closed(ctx: WriteCtx, *, user_id: UUID, closed: bool, ip: str = "") -> Member:
    """Close an account (its sessions end) or open it again. Forbidden, NotFound, LastAdmin."""
    if not ctx.actor.may(Permission.ACCOUNT_MANAGE):
        raise Forbidden("Only administrators manage people. Ask one of them.")
    access.ensure_other(ctx, user_id=user_id)
    accounts.person(ctx, user_id=user_id)
    access.ensure_above(ctx, access.tenant_roles_of(ctx, user_id=user_id))
    if closed:
        access.ensure_admin_beside(ctx, user_id=user_id)
        standing.end_all(ctx, user_id=user_id)
    accounts.set_disabled(ctx, user_id=user_id, disabled=closed)
    audit.record(ctx, action="user.closed" if closed else "user.opened", object=("user", user_id), ip=ip)
    return access.member(ctx, user_id=user_id)
