"""Who reads the books: holders of `finance:read`."""

from lms_core.commerce.ledger.errors import FinanceRightMissing
from lms_core.kit.context import Actor
from lms_core.kit.permissions import Permission


def require_reader(actor: Actor) -> None:
    """FinanceRightMissing for everybody else."""
    if not actor.may(Permission.FINANCE_READ):
        raise FinanceRightMissing()
