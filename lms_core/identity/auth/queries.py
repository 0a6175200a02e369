"""The statement behind every authenticated request."""

from typing import Any
from uuid import UUID

from sqlalchemy import Result, Select, bindparam, func, literal, select

from lms_core.identity.access.models import CustomRole, CustomRoleGrant, RoleAssignment
from lms_core.identity.access.service import gather, gather_permissions
from lms_core.identity.accounts.models import User
from lms_core.identity.apikeys.models import ApiKey
from lms_core.identity.auth.models import AuthSession, SessionKind
from lms_core.kit.context import Actor, ReadCtx
from lms_core.kit.db import prepared
from lms_core.kit.permissions import Permission, Role

_ROLES = (RoleAssignment.role, RoleAssignment.course_id, CustomRole.permissions, CustomRoleGrant.course_id)


def _with_roles(statement: "Select[Any]") -> "Select[Any]":
    return (
        statement.outerjoin(RoleAssignment, RoleAssignment.user_id == User.id)
        .outerjoin(CustomRoleGrant, CustomRoleGrant.user_id == User.id)
        .outerjoin(CustomRole, CustomRole.id == CustomRoleGrant.role_id)
    )


_STANDING = _with_roles(
    select(
        AuthSession.id,
        AuthSession.user_id,
        User.language,
        AuthSession.impersonator_id,
        literal(None),
        AuthSession.last_seen_at,
        func.coalesce(AuthSession.proved_at, AuthSession.created_at),
        *_ROLES,
    )
    .select_from(AuthSession)
    .join(User, User.id == AuthSession.user_id)
).where(AuthSession.revoked_at.is_(None), AuthSession.expires_at > bindparam("now"), User.disabled_at.is_(None))
_BY_TOKEN = prepared(
    _STANDING.where(
        AuthSession.id == bindparam("session_id"),
        AuthSession.user_id == bindparam("user_id"),
        AuthSession.kind == SessionKind.API,
    )
)
_BY_COOKIE = prepared(
    _STANDING.where(AuthSession.cookie_hash == bindparam("cookie_hash"), AuthSession.kind == SessionKind.WEB)
)
_BY_KEY = prepared(
    _with_roles(
        select(
            literal(None),
            ApiKey.user_id,
            User.language,
            literal(None),
            ApiKey.scopes,
            ApiKey.last_used_at,
            literal(None),
            *_ROLES,
        )
        .select_from(ApiKey)
        .join(User, User.id == ApiKey.user_id)
    ).where(
        ApiKey.prefix == bindparam("prefix"),
        ApiKey.secret_hash == bindparam("secret_hash"),
        ApiKey.revoked_at.is_(None),
        ApiKey.expires_at > bindparam("now"),
        User.disabled_at.is_(None),
    )
)


def actor_by_token(ctx: ReadCtx, *, session_id: UUID, user_id: UUID) -> Actor | None:
    """Who holds this program's session, with all roles, in one statement. None: it or the account has ended."""
    return _actor(ctx, ctx.session.execute(_BY_TOKEN, {"now": ctx.now, "session_id": session_id, "user_id": user_id}))


def actor_by_cookie(ctx: ReadCtx, *, cookie_hash: str) -> Actor | None:
    """Who holds the page's session with this cookie, with all roles, in one statement. None: it has ended."""
    return _actor(ctx, ctx.session.execute(_BY_COOKIE, {"now": ctx.now, "cookie_hash": cookie_hash}))


def actor_by_key(ctx: ReadCtx, *, prefix: str, secret_hash: str) -> Actor | None:
    """The owner of this API key, held to its scopes, in one statement. None: it or the account has ended."""
    given = {"now": ctx.now, "prefix": prefix, "secret_hash": secret_hash}
    return _actor(ctx, ctx.session.execute(_BY_KEY, given))


def _actor(ctx: ReadCtx, result: Result[*tuple[Any, ...]]) -> Actor | None:
    rows = result.all()  # one row per role, times one per role of the institution's own
    if not rows:
        return None
    session_id, user_id, language, impersonator_id, scopes, noted_at, proved_at = rows[0][:7]
    roles, course_roles = gather((Role(row[7]), row[8]) for row in rows if row[7] is not None)
    granted, course_granted = gather_permissions((row[9], row[10]) for row in rows if row[9] is not None)
    return Actor(
        tenant_id=ctx.tenant_id,
        user_id=user_id,
        roles=roles,
        course_roles=course_roles,
        session_id=session_id,
        language=language,
        granted=granted,
        course_granted=course_granted,
        scopes=None if scopes is None else frozenset(each for each in Permission if each.value in scopes),
        impersonator_id=impersonator_id,
        noted_at=noted_at,
        proved_at=proved_at,
    )
