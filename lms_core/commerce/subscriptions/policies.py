"""Who sets plans and sees everybody's subscriptions: those who handle money, or read the books."""

from uuid import UUID

from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden, Unauthenticated
from lms_core.kit.permissions import Permission


def subscriber(ctx: ReadCtx) -> UUID:
    """The person who acts; Unauthenticated for nobody in particular."""
    if ctx.actor.user_id is None:
        raise Unauthenticated("Log in to subscribe to a plan.")
    return ctx.actor.user_id


def require_manager(ctx: ReadCtx) -> None:
    """Forbidden for who does not handle money."""
    if not ctx.actor.may(Permission.FINANCE_MANAGE):
        raise Forbidden("Plans and prices are for those who handle the money. Ask an administrator for that right.")


def require_reader(ctx: ReadCtx) -> None:
    """Forbidden for who does not read the books."""
    if not ctx.actor.may(Permission.FINANCE_READ):
        raise Forbidden("The list of subscriptions is for those who read the books. Ask an administrator.")
