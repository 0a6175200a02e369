"""Verbs on the ledger: `posting`, `reading`, `exporting`, `figures`, `checking`.

`from lms_core.commerce.ledger import service as ledger`.
"""

from lms_core.commerce.ledger.schemas import AccountKind, Line
from lms_core.commerce.ledger.service.checking import access_last_check, ask_check, check, examine, last_check
from lms_core.commerce.ledger.service.exporting import export_journal, export_statement, export_trial_balance
from lms_core.commerce.ledger.service.figures import access_figures, by_kind
from lms_core.commerce.ledger.service.posting import post
from lms_core.commerce.ledger.service.reading import (
    access_account,
    access_accounts,
    access_statement,
    access_transaction,
    access_transactions,
    access_trial_balance,
    balance,
    balances,
    statement,
    transactions_of,
    trial_balance,
)

__all__ = [
    "AccountKind",
    "Line",
    "access_account",
    "access_accounts",
    "access_figures",
    "access_last_check",
    "access_statement",
    "access_transaction",
    "access_transactions",
    "access_trial_balance",
    "ask_check",
    "balance",
    "balances",
    "by_kind",
    "check",
    "examine",
    "export_journal",
    "export_statement",
    "export_trial_balance",
    "last_check",
    "post",
    "statement",
    "transactions_of",
    "trial_balance",
]
