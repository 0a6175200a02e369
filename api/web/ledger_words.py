"""The words of the ledger on pages: its accounts, where they stand, what can be wrong; and whose an account is."""

from collections.abc import Callable, Iterable
from uuid import UUID

from lms_core.commerce.ledger.schemas import AccountKind, BreachKind, Side
from lms_core.commerce.payments import service as payments
from lms_core.commerce.products import service as products
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.ids import parse_id


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


KINDS = {
    AccountKind.CLEARING: _("Money at providers"),
    AccountKind.BANK: _("Bank"),
    AccountKind.RECEIPTS: _("Received, not yet applied"),
    AccountKind.DEPOSITS: _("Unmatched deposits"),
    AccountKind.REVENUE: _("Revenue"),
    AccountKind.VAT: _("Value added tax"),
    AccountKind.INSTRUCTOR: _("Owed to instructors"),
    AccountKind.AFFILIATE: _("Owed to affiliates"),
    AccountKind.REFUNDS: _("Refunds"),
    AccountKind.FEES: _("Fees of providers"),
    AccountKind.PAYOUTS: _("Payouts on the way"),
    AccountKind.SHARES: _("Shares of instructors and affiliates"),
    AccountKind.DISPUTES: _("Held back in disputes"),
}
SIDES = {
    Side.ASSET: _("Asset"),
    Side.LIABILITY: _("Liability"),
    Side.INCOME: _("Income"),
    Side.CONTRA_INCOME: _("Reduces income"),
    Side.EXPENSE: _("Expense"),
}
BREACHES = {
    BreachKind.UNBALANCED: _("The entries do not add up to zero."),
    BreachKind.INCOMPLETE: _("Entries are missing, or there are more than were posted."),
    BreachKind.ALTERED: _("The entries are not those that were posted."),
    BreachKind.MISPLACED: _("An entry's time or institution is not its transaction's."),
}

# What of `payments.overview` waits for somebody, in words, and the page where it is done.
WAITING = {
    "open_refunds": (_("Refunds under way"), "/finance/refunds"),
    "failed_refunds": (_("Refunds that failed"), "/finance/refunds"),
    "unmatched_deposits": (_("Deposits without an owner"), "/finance/reconciliation/deposits"),
    "open_mismatches": (_("Differences to settle"), "/finance/reconciliation/differences"),
    "open_disputes": (_("Open disputes"), "/finance/payments?state=disputed"),
    "waiting_slips": (_("Bank slips to approve"), "/finance/reconciliation/slips"),
    "unknown": (_("Payments of unknown end"), "/finance/payments?state=unknown"),
    "forged_callbacks": (_("Forged messages in a day"), "/finance/reconciliation/messages?verdict=forged"),
    "unhealthy_accounts": (_("Payment accounts that do not answer"), "/finance/accounts"),
}

Namer = Callable[[ReadCtx, list[UUID]], dict[UUID, str]]
# Who gives an owner a name; owners of other kinds are shown by the beginning of their id.
NAMERS: dict[AccountKind, Namer] = {
    AccountKind.CLEARING: lambda ctx, _ids: payments.account_names(ctx),
    AccountKind.DISPUTES: lambda ctx, _ids: payments.account_names(ctx),
    AccountKind.INSTRUCTOR: accounts.names_of,
    AccountKind.AFFILIATE: products.affiliate_names,
}


def owners_named(ctx: ReadCtx, owners: Iterable[tuple[AccountKind, str]]) -> dict[str, str]:
    """A name for each owner. One statement a kind of account that has names, none where there are no owners."""
    named: dict[str, str] = {}
    asked: dict[AccountKind, list[UUID]] = {}
    for kind, owner in owners:
        owner_id = parse_id(owner)
        named[owner] = f"{owner[:13]}…" if len(owner) > 16 else owner
        if owner_id is not None and kind in NAMERS:
            asked.setdefault(AccountKind(kind), []).append(owner_id)
    for kind, ids in asked.items():
        named |= {str(owner_id): name for owner_id, name in NAMERS[kind](ctx, sorted(set(ids))).items()}
    return named
