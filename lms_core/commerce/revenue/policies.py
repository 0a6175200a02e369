"""Who may do what with the institution's money."""

from uuid import UUID

from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden, Unauthenticated
from lms_core.kit.permissions import Permission


def require(ctx: ReadCtx, permission: Permission) -> None:
    """Forbidden without this right in the institution."""
    if not ctx.actor.may(permission):
        raise Forbidden("This is for those who look after the finances. Ask an administrator for the right.")


def own(ctx: ReadCtx) -> UUID:
    """Who asks about what they earn. Unauthenticated."""
    if ctx.actor.user_id is None:
        raise Unauthenticated("Log in to see what you earn.")
    return ctx.actor.user_id
