"""The accounts' kinds, what is posted, and the views of the ledger.

Amounts are minor units. A signed amount is positive for a debit and negative for a credit; `balance` of a view is
signed the same way, `shown` is positive on the side where such an account normally stands.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from lms_core.kit.money import Currency
from lms_core.kit.pagination import Page

# Far enough from both ends of the calendar that every time zone stays inside it.
FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Moment = Annotated[AwareDatetime, Field(ge=FIRST, le=LAST)]


class AccountKind(StrEnum):
    """What an account is for; with an owner and a currency it names one account."""

    CLEARING = "clearing"  # money at a payment provider; owner: the provider account
    BANK = "bank"
    RECEIPTS = "receipts"  # money received and not yet applied to what it was paid for
    DEPOSITS = "deposits"  # money that nobody could be matched to
    REVENUE = "revenue"
    VAT = "vat"
    INSTRUCTOR = "instructor"  # what is owed to one; owner: the person
    AFFILIATE = "affiliate"  # what is owed to one; owner: the affiliate
    REFUNDS = "refunds"  # revenue given back
    FEES = "fees"  # what providers keep
    PAYOUTS = "payouts"  # approved, on the way
    SHARES = "shares"  # what instructors and affiliates earn
    DISPUTES = "disputes"  # held back while a payer's bank decides


class Side(StrEnum):
    """Where accounts of a kind stand in the books."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    CONTRA_INCOME = "contra_income"
    EXPENSE = "expense"


SIDES = {
    AccountKind.CLEARING: Side.ASSET,
    AccountKind.BANK: Side.ASSET,
    AccountKind.RECEIPTS: Side.LIABILITY,
    AccountKind.DEPOSITS: Side.LIABILITY,
    AccountKind.REVENUE: Side.INCOME,
    AccountKind.VAT: Side.LIABILITY,
    AccountKind.INSTRUCTOR: Side.LIABILITY,
    AccountKind.AFFILIATE: Side.LIABILITY,
    AccountKind.REFUNDS: Side.CONTRA_INCOME,
    AccountKind.FEES: Side.EXPENSE,
    AccountKind.PAYOUTS: Side.LIABILITY,
    AccountKind.SHARES: Side.EXPENSE,
    AccountKind.DISPUTES: Side.ASSET,
}
CREDIT_SIDES = frozenset({Side.LIABILITY, Side.INCOME})


def shown(kind: AccountKind, balance: int) -> int:
    """A signed balance as people read it: positive on the side where accounts of this kind normally stand."""
    return -balance if SIDES[kind] in CREDIT_SIDES else balance


@dataclass(frozen=True, slots=True)
class Line:
    """One entry to post: `amount` minor units, positive to debit the account and negative to credit it."""

    kind: AccountKind
    amount: int
    currency: Currency
    owner: str = ""


class View(BaseModel):
    """Base of the views: read off rows, never changed."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class AccountView(View):
    """An account. `owner` is empty where there is one of its kind and currency."""

    id: UUID
    kind: AccountKind
    owner: str
    currency: Currency
    opened_at: datetime


class BalanceView(AccountView):
    """An account with what was ever debited and credited (both not negative) and what it holds."""

    side: Side
    debit: int
    credit: int
    balance: int
    shown: int


class EntryView(View):
    """One entry of a transaction."""

    account_id: UUID
    kind: AccountKind
    owner: str
    currency: Currency
    amount: int


class TransactionView(View):
    """A transaction with its entries, debits first."""

    id: UUID
    key: str
    kind: str
    subject_kind: str
    subject_id: UUID
    description: str
    at: datetime
    entries: tuple[EntryView, ...]


class TrialLine(View):
    """All accounts of a kind and currency together; one of `debit_balance`, `credit_balance` is 0."""

    kind: AccountKind
    side: Side
    currency: Currency
    accounts: int
    debit: int
    credit: int
    debit_balance: int
    credit_balance: int


class TrialTotal(View):
    """The two columns of a currency, which are the same where the books are right."""

    currency: Currency
    debit_balance: int
    credit_balance: int


class TrialBalance(View):
    """What every kind of account held at a moment, in each currency."""

    at: datetime
    lines: tuple[TrialLine, ...]
    totals: tuple[TrialTotal, ...]


class StatementLine(View):
    """An entry in an account's statement, with what the account held after it."""

    entry_id: UUID
    transaction_id: UUID
    at: datetime
    kind: str
    description: str
    subject_kind: str
    subject_id: UUID
    amount: int
    balance: int


class Statement(View):
    """An account between two moments, oldest entry first: from `since` on, before `until`.

    `opening` and `closing` are signed balances of the whole time asked for, whichever page of lines this is.
    """

    account: AccountView
    since: datetime | None
    until: datetime | None
    opening: int
    closing: int
    debit: int
    credit: int
    lines: Page[StatementLine]


class BreachKind(StrEnum):
    """What can be wrong in books that nobody may change."""

    UNBALANCED = "unbalanced"  # the entries of a transaction do not add up to zero
    INCOMPLETE = "incomplete"  # a transaction has more or fewer entries than were posted
    ALTERED = "altered"  # its entries are not those that were posted
    MISPLACED = "misplaced"  # an entry's time or institution is not its transaction's


class Breach(View):
    """One thing that is wrong. `amount`: by how much, in minor units, where that can be said; else 0."""

    kind: BreachKind
    transaction_id: UUID
    currency: Currency | None = None
    amount: int = 0


class CheckView(View):
    """A check of the whole ledger of an institution: what was counted, and what was wrong (the first hundred)."""

    at: datetime
    transactions: int
    entries: int
    breaches: tuple[Breach, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was wrong."""
        return not self.breaches


class MonthFigure(View):
    """What was sold in a month (`2026-01`), net of tax, what of it was given back, and the tax of both together."""

    month: str
    currency: Currency
    revenue: int
    refunds: int
    tax: int


class ProviderFigure(View):
    """What came in and went out through an account at a provider, both not negative."""

    owner: str
    currency: Currency
    received: int
    sent: int


class Standing(View):
    """What all accounts of a kind hold in a currency, positive on their normal side."""

    kind: AccountKind
    currency: Currency
    shown: int


class Figures(View):
    """The overview of finance: twelve months by currency, thirty days by provider, and how everything stands."""

    months: tuple[MonthFigure, ...]
    providers: tuple[ProviderFigure, ...]
    standing: tuple[Standing, ...]
