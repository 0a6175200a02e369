"""The statement behind every authenticated request."""

from typing import Any

from sqlalchemy import select

from lms_core.identity.access.models import RoleAssignment
from lms_core.identity.access.service import gather
from lms_core.identity.accounts.models import User
from lms_core.identity.auth.models import AuthSession
from lms_core.kit.context import Actor, ReadCtx
from lms_core.kit.permissions import Role


def actor_of_session(ctx: ReadCtx, *conditions: Any) -> Actor | None:
    """Who holds the session that meets `conditions`, with all roles, in one statement.

    None when it ended, expired, or its account is closed. One row comes per role.
    """
    rows = ctx.session.execute(
        select(AuthSession.id, AuthSession.user_id, User.language, RoleAssignment.role, RoleAssignment.course_id)
        .join(User, User.id == AuthSession.user_id)
        .outerjoin(RoleAssignment, RoleAssignment.user_id == User.id)
        .where(
            AuthSession.revoked_at.is_(None),
            AuthSession.expires_at > ctx.now,
            User.disabled_at.is_(None),
            *conditions,
        )
    ).all()
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
