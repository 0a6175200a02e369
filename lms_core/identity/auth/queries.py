"""The statement behind every authenticated request."""

from typing import Any
from uuid import UUID

from sqlalchemy import Result, bindparam, select

from lms_core.identity.access.models import RoleAssignment
from lms_core.identity.access.service import gather
from lms_core.identity.accounts.models import User
from lms_core.identity.auth.models import AuthSession, SessionKind
from lms_core.kit.context import Actor, ReadCtx
from lms_core.kit.db import prepared
from lms_core.kit.permissions import Role

_STANDING = (
    select(AuthSession.id, AuthSession.user_id, User.language, RoleAssignment.role, RoleAssignment.course_id)
    .join(User, User.id == AuthSession.user_id)
    .outerjoin(RoleAssignment, RoleAssignment.user_id == User.id)
    .where(AuthSession.revoked_at.is_(None), AuthSession.expires_at > bindparam("now"), User.disabled_at.is_(None))
)
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


def actor_by_token(ctx: ReadCtx, *, session_id: UUID, user_id: UUID) -> Actor | None:
    """Who holds this program's session, with all roles, in one statement. None: it or the account has ended."""
    return _actor(ctx, ctx.session.execute(_BY_TOKEN, {"now": ctx.now, "session_id": session_id, "user_id": user_id}))


def actor_by_cookie(ctx: ReadCtx, *, cookie_hash: str) -> Actor | None:
    """Who holds the page's session with this cookie, with all roles, in one statement. None: it has ended."""
    return _actor(ctx, ctx.session.execute(_BY_COOKIE, {"now": ctx.now, "cookie_hash": cookie_hash}))


def _actor(ctx: ReadCtx, result: Result[*tuple[Any, ...]]) -> Actor | None:
    rows = result.all()  # one row per role
    if not rows:
        return None
    session_id, user_id, language = rows[0][0], rows[0][1], rows[0][2]
    roles, course_roles = gather((Role(row[3]), row[4]) for row in rows if row[3] is not None)
    return Actor(
        tenant_id=ctx.tenant_id,
        user_id=user_id,
        roles=roles,
        course_roles=course_roles,
        session_id=session_id,
        language=language,
    )
