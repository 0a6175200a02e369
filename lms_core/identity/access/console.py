"""The console: the account in whose name the command line works. It has no password and no address."""

from uuid import UUID

from sqlalchemy import select

from lms_core.identity.access import service as access
from lms_core.identity.accounts.models import User
from lms_core.kit.context import Actor, WriteCtx
from lms_core.kit.permissions import Role

CONSOLE_KEY = "console@mwalimu.invalid"


def ensure_console(ctx: WriteCtx) -> Actor:
    """The console's actor in this institution; its account is made the first time."""
    user_id: UUID | None = ctx.session.execute(
        select(User.id).where(User.email_key == CONSOLE_KEY)
    ).scalar_one_or_none()
    if user_id is None:
        user = User(
            email=CONSOLE_KEY,
            email_key=CONSOLE_KEY,
            full_name="Console",
            is_service=True,
            email_verified_at=ctx.now,
            created_at=ctx.now,
        )
        user_id = ctx.add(user).id
        access.grant(ctx, user_id=user_id, role=Role.ADMIN)
    return Actor(tenant_id=ctx.tenant_id, user_id=user_id, roles=frozenset({Role.ADMIN}))
