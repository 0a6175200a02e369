"""Who may see and move the institution's money. The platform itself (jobs, other slices) may do all of it."""

from lms_core.kit.context import Actor
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission


def require_reader(actor: Actor) -> None:
    """Forbidden for who does not read the finances."""
    if not actor.may(Permission.FINANCE_READ):
        raise Forbidden("Only who looks after the finances sees this. Ask an administrator for the right to read them.")


def require_manager(actor: Actor) -> None:
    """Forbidden for who does not manage the finances."""
    if not actor.may(Permission.FINANCE_MANAGE):
        raise Forbidden("Only who manages the finances does this. Ask an administrator for that right.")
