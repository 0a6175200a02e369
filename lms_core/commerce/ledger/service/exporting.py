"""The books as tables for spreadsheets, amounts in major units."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from lms_core.commerce.ledger import queries
from lms_core.commerce.ledger.errors import TooManyEntries
from lms_core.commerce.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction
from lms_core.commerce.ledger.policies import require_reader
from lms_core.commerce.ledger.queries import between
from lms_core.commerce.ledger.service.reading import trial_balance
from lms_core.kit.context import ReadCtx
from lms_core.kit.money import EXPONENTS, Currency
from lms_core.kit.spreadsheets import Form, table

MOST_ENTRIES = 20_000

Row = tuple[object, ...]


def export_trial_balance(ctx: ReadCtx, *, form: Form, at: datetime | None = None) -> bytes:
    """The trial balance at a moment, a line per kind of account and currency. FinanceRightMissing."""
    require_reader(ctx.actor)
    header = ("Account", "Side", "Currency", "Accounts", "Debited", "Credited", "Debit balance", "Credit balance")
    rows: Iterator[Row] = (
        (
            line.kind.value,
            line.side.value,
            line.currency.value,
            line.accounts,
            *(
                major(amount, line.currency)
                for amount in (line.debit, line.credit, line.debit_balance, line.credit_balance)
            ),
        )
        for line in trial_balance(ctx, at=at).lines
    )
    return table(header, rows, form, sheet="Trial balance")


def export_statement(
    ctx: ReadCtx, account_id: UUID, *, form: Form, since: datetime | None = None, until: datetime | None = None
) -> bytes:
    """An account's entries with what it held after each, oldest first.

    FinanceRightMissing, AccountNotFound, TooManyEntries.
    """
    require_reader(ctx.actor)
    account = queries.account(ctx, account_id)
    own = LedgerEntry.account_id == account_id
    held = 0
    if since is not None:
        debited, credited = queries.sums(ctx, own, LedgerEntry.at < since)
        held = debited - credited
    chosen = [own, *between(LedgerEntry.at, since, until)]
    header = (
        "Time",
        "What",
        "Description",
        "Subject",
        "Subject id",
        "Currency",
        "Debit",
        "Credit",
        "Balance",
        "Transaction",
    )
    return table(
        header, _statement_rows(_entries(ctx, chosen), Currency(account.currency), held), form, sheet="Statement"
    )


def export_journal(ctx: ReadCtx, *, form: Form, since: datetime | None = None, until: datetime | None = None) -> bytes:
    """Every entry of every account, in the order of time. FinanceRightMissing, TooManyEntries."""
    require_reader(ctx.actor)
    header = (
        "Time", "Transaction", "What", "Description", "Subject", "Subject id", "Account", "Owner", "Currency",
        "Debit", "Credit",
    )  # fmt: skip
    return table(header, _journal_rows(_entries(ctx, between(LedgerEntry.at, since, until))), form, sheet="Journal")


def major(amount: int, currency: Currency) -> Decimal:
    """Minor units as the number that people write; sums may be beyond what one amount may be."""
    return Decimal(amount).scaleb(-EXPONENTS[currency])


def _entries(ctx: ReadCtx, chosen: list[Any]) -> list[Any]:
    """(entry, transaction, account) of the chosen entries, oldest first. Two statements. TooManyEntries."""
    count = ctx.session.execute(select(func.count()).select_from(LedgerEntry).where(*chosen)).scalar_one()
    if count > MOST_ENTRIES:
        raise TooManyEntries(count, MOST_ENTRIES)
    wanted = (
        select(LedgerEntry, LedgerTransaction, LedgerAccount)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(*chosen)
        .order_by(LedgerEntry.at, LedgerEntry.id)
    )
    return list(ctx.session.execute(wanted).all())


def _statement_rows(found: list[Any], currency: Currency, held: int) -> Iterator[Row]:
    for entry, transaction, _ in found:
        held += entry.amount
        yield (
            *(entry.at.isoformat(), transaction.kind, transaction.description),
            *(transaction.subject_kind, transaction.subject_id, currency.value),
            *(*_sides(entry.amount, currency), major(held, currency), transaction.id),
        )


def _journal_rows(found: list[Any]) -> Iterator[Row]:
    for entry, transaction, account in found:
        yield (
            *(entry.at.isoformat(), transaction.id, transaction.kind, transaction.description),
            *(transaction.subject_kind, transaction.subject_id, account.kind, account.owner, account.currency),
            *_sides(entry.amount, Currency(account.currency)),
        )


def _sides(amount: int, currency: Currency) -> tuple[object, object]:
    """The amount in the column it belongs to."""
    return (major(amount, currency), "") if amount > 0 else ("", major(-amount, currency))
