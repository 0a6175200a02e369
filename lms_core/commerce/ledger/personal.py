"""What the ledger holds about a person: that an account is theirs."""

from lms_core.commerce.ledger.models import LedgerAccount
from lms_core.kit.personal import Stays, declare

declare(
    "ledger",
    Stays(
        LedgerAccount.owner,
        why="books of account are kept for as long as the law on taxes demands, and name their accounts by ids alone",
    ),
)
