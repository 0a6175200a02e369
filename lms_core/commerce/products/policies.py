"""Who sees and changes what is sold."""

from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission


def require_reader(ctx: ReadCtx) -> None:
    """Forbidden for who does not read the finances."""
    if not ctx.actor.may(Permission.FINANCE_READ):
        raise Forbidden("Only those who look after the finances see this. Ask an administrator.")


def require_manager(ctx: ReadCtx) -> None:
    """Forbidden for who does not manage the finances."""
    if not ctx.actor.may(Permission.FINANCE_MANAGE):
        raise Forbidden("Only those who manage the finances change this. Ask an administrator.")
