"""Reading the ledger.

`balance`, `balances`, `trial_balance`, `statement` and `transactions_of` are for slices above, whose callers were let
in by them; what begins with `access_` checks that the actor reads the books.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select, tuple_

from lms_core.commerce.ledger import queries
from lms_core.commerce.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction
from lms_core.commerce.ledger.policies import require_reader
from lms_core.commerce.ledger.queries import between, beyond, cursor_of, place_of
from lms_core.commerce.ledger.schemas import (
    SIDES,
    AccountKind,
    AccountView,
    BalanceView,
    Statement,
    StatementLine,
    TransactionView,
    TrialBalance,
    TrialLine,
    TrialTotal,
    shown,
)
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.money import Currency
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page

KIND_ORDER = {kind: place for place, kind in enumerate(AccountKind)}


def balance(ctx: ReadCtx, kind: AccountKind, currency: Currency, owner: str = "") -> int:
    """What an account holds, debit positive; 0 where there is none. One statement."""
    wanted = (
        select(func.coalesce(func.sum(LedgerEntry.amount), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(queries.of_place(kind, owner), LedgerAccount.currency == currency)
    )
    return int(ctx.session.execute(wanted).scalar_one())


def balances(ctx: ReadCtx, *, kind: AccountKind | None = None, owner: str | None = None) -> list[BalanceView]:
    """Every account with what it holds, by kind, owner and currency. One statement."""
    wanted = queries.accounts_with_sums()
    if kind is not None:
        wanted = wanted.where(LedgerAccount.kind == kind)
    if owner is not None:
        wanted = wanted.where(LedgerAccount.owner == owner)
    wanted = wanted.order_by(LedgerAccount.kind, LedgerAccount.owner, LedgerAccount.currency)
    return [_balance_view(*row) for row in ctx.session.execute(wanted)]


def access_accounts(
    ctx: ReadCtx,
    *,
    kind: AccountKind | None = None,
    currency: Currency | None = None,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[BalanceView]:
    """A page of the accounts with what they hold, by kind, owner and currency. One statement. FinanceRightMissing."""
    require_reader(ctx.actor)
    order = (LedgerAccount.kind, LedgerAccount.owner, LedgerAccount.currency)
    wanted = queries.accounts_with_sums().order_by(*order).limit(limit + 1)
    if kind is not None:
        wanted = wanted.where(LedgerAccount.kind == kind)
    if currency is not None:
        wanted = wanted.where(LedgerAccount.currency == currency)
    if cursor:
        wanted = wanted.where(tuple_(*order) > tuple_(*decode_cursor(cursor, (str, str, str))))
    rows = [_balance_view(*row) for row in ctx.session.execute(wanted)]
    return page(rows, limit, key=lambda view: (view.kind.value, view.owner, view.currency.value))


def access_account(ctx: ReadCtx, account_id: UUID) -> AccountView:
    """An account. FinanceRightMissing, AccountNotFound."""
    require_reader(ctx.actor)
    return AccountView.model_validate(queries.account(ctx, account_id))


def transactions_of(ctx: ReadCtx, subject: tuple[str, UUID]) -> list[TransactionView]:
    """Everything posted about a subject, oldest first. Two statements."""
    wanted = (
        select(LedgerTransaction)
        .where(LedgerTransaction.subject_kind == subject[0], LedgerTransaction.subject_id == subject[1])
        .order_by(LedgerTransaction.at, LedgerTransaction.id)
    )
    return queries.with_entries(ctx, list(ctx.session.execute(wanted).scalars()))


def access_transactions(
    ctx: ReadCtx,
    *,
    kind: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[TransactionView]:
    """The newest transactions first, from `since` on and before `until`. Two statements. FinanceRightMissing."""
    require_reader(ctx.actor)
    order = (LedgerTransaction.at.desc(), LedgerTransaction.id.desc())
    wanted: Select[Any] = select(LedgerTransaction).order_by(*order).limit(limit + 1)
    wanted = wanted.where(*between(LedgerTransaction.at, since, until))
    if kind:
        wanted = wanted.where(LedgerTransaction.kind == kind)
    if cursor:
        older = beyond(LedgerTransaction.at, LedgerTransaction.id, place_of(cursor), newer=False)
        wanted = wanted.where(older)
    rows = list(ctx.session.execute(wanted).scalars())
    chosen = page(rows, limit, key=lambda row: cursor_of(row.at, row.id))
    return Page(items=queries.with_entries(ctx, chosen.items), next_cursor=chosen.next_cursor)


def access_transaction(ctx: ReadCtx, transaction_id: UUID) -> TransactionView:
    """A transaction with its entries. Two statements. FinanceRightMissing, NotFound."""
    require_reader(ctx.actor)
    wanted = select(LedgerTransaction).where(LedgerTransaction.id == transaction_id)
    found = queries.with_entries(ctx, list(ctx.session.execute(wanted).scalars()))
    if not found:
        raise NotFound("The ledger has no transaction with this id. Choose one from the list of transactions.")
    return found[0]


def trial_balance(ctx: ReadCtx, *, at: datetime | None = None) -> TrialBalance:
    """What each kind of account held at a moment (now), its entries of that moment included. One statement."""
    moment = at or ctx.now
    place = (
        select(LedgerEntry.account_id, func.sum(LedgerEntry.amount).label("held"), queries.DEBIT.label("debit"),
               queries.CREDIT.label("credit"))
        .where(LedgerEntry.at <= moment)
        .group_by(LedgerEntry.account_id)
        .subquery()
    )  # fmt: skip
    rows = ctx.session.execute(
        select(
            LedgerAccount.kind,
            LedgerAccount.currency,
            func.count(),
            func.sum(place.c.debit),
            func.sum(place.c.credit),
            func.sum(case((place.c.held > 0, place.c.held), else_=0)),
            func.sum(case((place.c.held < 0, -place.c.held), else_=0)),
        )
        .join(place, place.c.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.kind, LedgerAccount.currency)
    )
    lines = sorted((_trial_line(*row) for row in rows), key=lambda line: (line.currency, KIND_ORDER[line.kind]))
    totals = tuple(
        TrialTotal(
            currency=currency,
            debit_balance=sum(line.debit_balance for line in lines if line.currency == currency),
            credit_balance=sum(line.credit_balance for line in lines if line.currency == currency),
        )
        for currency in sorted({line.currency for line in lines})
    )
    return TrialBalance(at=moment, lines=tuple(lines), totals=totals)


def access_trial_balance(ctx: ReadCtx, *, at: datetime | None = None) -> TrialBalance:
    """The same for who reads the books. FinanceRightMissing."""
    require_reader(ctx.actor)
    return trial_balance(ctx, at=at)


def statement(
    ctx: ReadCtx,
    account_id: UUID,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Statement:
    """An account's entries from `since` on and before `until`, oldest first, each with what the account held after it.

    Four statements, three for the first page or without `since`. AccountNotFound.
    """
    account = AccountView.model_validate(queries.account(ctx, account_id))
    own = LedgerEntry.account_id == account_id
    opening = 0
    if since is not None:
        debited, credited = queries.sums(ctx, own, LedgerEntry.at < since)
        opening = debited - credited
    within = [own, *between(LedgerEntry.at, since, until)]
    debit, credit = queries.sums(ctx, *within)
    wanted = (
        select(LedgerEntry, LedgerTransaction)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .where(*within)
        .order_by(LedgerEntry.at, LedgerEntry.id)
        .limit(limit + 1)
    )
    carried = opening
    if cursor:
        place = place_of(cursor)
        after = beyond(LedgerEntry.at, LedgerEntry.id, place, newer=True)
        passed = queries.sums(ctx, *within, ~after)
        carried += passed[0] - passed[1]
        wanted = wanted.where(after)
    lines = []
    for entry, transaction in ctx.session.execute(wanted):
        carried += entry.amount
        lines.append(_statement_line(entry, transaction, carried))
    shown_lines = page(lines, limit, key=lambda line: cursor_of(line.at, line.entry_id))
    closing = opening + debit - credit
    return Statement(
        account=account, since=since, until=until, opening=opening, closing=closing, debit=debit, credit=credit,
        lines=shown_lines,
    )  # fmt: skip


def access_statement(ctx: ReadCtx, account_id: UUID, **chosen: Any) -> Statement:
    """The same for who reads the books (`chosen` as in `statement`). FinanceRightMissing, AccountNotFound."""
    require_reader(ctx.actor)
    return statement(ctx, account_id, **chosen)


def _balance_view(account: LedgerAccount, debit: int, credit: int) -> BalanceView:
    held = int(debit) - int(credit)
    return BalanceView(
        **AccountView.model_validate(account).model_dump(),
        side=SIDES[account.kind],
        debit=int(debit),
        credit=int(credit),
        balance=held,
        shown=shown(account.kind, held),
    )


def _trial_line(
    kind: AccountKind, currency: Currency, accounts: int, debit: int, credit: int, over: int, under: int
) -> TrialLine:
    return TrialLine(
        kind=kind,
        side=SIDES[AccountKind(kind)],
        currency=currency,
        accounts=accounts,
        debit=int(debit),
        credit=int(credit),
        debit_balance=int(over),
        credit_balance=int(under),
    )


def _statement_line(entry: LedgerEntry, transaction: LedgerTransaction, held: int) -> StatementLine:
    return StatementLine(
        entry_id=entry.id,
        transaction_id=transaction.id,
        at=entry.at,
        kind=transaction.kind,
        description=transaction.description,
        subject_kind=transaction.subject_kind,
        subject_id=transaction.subject_id,
        amount=entry.amount,
        balance=held,
    )
