"""Checking the ledger: that what cannot be wrong is not wrong."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from sqlalchemy import Uuid, func, literal, or_, select, tuple_

from lms_core.commerce.ledger.models import LedgerAccount, LedgerCheck, LedgerEntry, LedgerTransaction
from lms_core.commerce.ledger.policies import require_reader
from lms_core.commerce.ledger.schemas import Breach, BreachKind, CheckView
from lms_core.commerce.ledger.service.posting import fingerprint
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import UtcDateTime
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission

CHECK = "ledger.check"  # the job that checks one institution
MOST_BREACHES = 100
AT_ONCE = 2000  # transactions whose fingerprints are made anew in one statement


def check(ctx: ReadCtx) -> list[Breach]:
    """Everything that is wrong in the books of the context's institution, or of all: the first hundred of each kind.

    Reads every entry twice; nothing is locked.
    """
    return [*_unbalanced(ctx), *_incomplete(ctx), *_misplaced(ctx), *_altered(ctx)]


def examine(ctx: ReadCtx) -> CheckView:
    """A check with what was counted; of its breaches the first hundred."""
    breaches = check(ctx)
    transactions, entries = counted(ctx)
    return CheckView(at=ctx.now, transactions=transactions, entries=entries, breaches=tuple(breaches[:MOST_BREACHES]))


def ask_check(ctx: WriteCtx) -> None:
    """Have the books checked now. Forbidden without `finance:manage`."""
    if not ctx.actor.may(Permission.FINANCE_MANAGE):
        raise Forbidden("Only people who manage finance start a check. It runs by itself every hour.")
    ctx.enqueue(CHECK)


def last_check(ctx: ReadCtx) -> CheckView | None:
    """What the newest check found; None before the first. One statement."""
    wanted = select(LedgerCheck).order_by(LedgerCheck.at.desc(), LedgerCheck.id.desc()).limit(1)
    row = ctx.session.execute(wanted).scalar_one_or_none()
    return None if row is None else CheckView.model_validate(row)


def access_last_check(ctx: ReadCtx) -> CheckView | None:
    """The same for who reads the books. FinanceRightMissing."""
    require_reader(ctx.actor)
    return last_check(ctx)


def counted(ctx: ReadCtx) -> tuple[int, int]:
    """How many transactions and entries there are. Two statements."""
    transactions = ctx.session.execute(select(func.count()).select_from(LedgerTransaction)).scalar_one()
    entries = ctx.session.execute(select(func.count()).select_from(LedgerEntry)).scalar_one()
    return transactions, entries


def _unbalanced(ctx: ReadCtx) -> list[Breach]:
    total = func.sum(LedgerEntry.amount)
    rows = ctx.session.execute(
        select(LedgerEntry.transaction_id, LedgerAccount.currency, total)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .group_by(LedgerEntry.transaction_id, LedgerAccount.currency)
        .having(total != 0)
        .order_by(LedgerEntry.transaction_id)
        .limit(MOST_BREACHES)
    )
    return [
        Breach(kind=BreachKind.UNBALANCED, transaction_id=row[0], currency=row[1], amount=int(row[2])) for row in rows
    ]


def _incomplete(ctx: ReadCtx) -> list[Breach]:
    """Counted first and joined then: joined row by row, SQLite goes through all entries once for each transaction."""
    counted = (
        select(LedgerEntry.transaction_id, func.count(LedgerEntry.id).label("present"))
        .group_by(LedgerEntry.transaction_id)
        .subquery()
    )
    rows = ctx.session.execute(
        select(LedgerTransaction.id)
        .outerjoin(counted, counted.c.transaction_id == LedgerTransaction.id)
        .where(func.coalesce(counted.c.present, 0) != LedgerTransaction.lines)
        .order_by(LedgerTransaction.id)
        .limit(MOST_BREACHES)
    )
    return [Breach(kind=BreachKind.INCOMPLETE, transaction_id=row[0]) for row in rows]


def _misplaced(ctx: ReadCtx) -> list[Breach]:
    elsewhere = or_(
        LedgerEntry.at != LedgerTransaction.at,
        LedgerEntry.tenant_id != LedgerTransaction.tenant_id,
        LedgerEntry.tenant_id != LedgerAccount.tenant_id,
    )
    rows = ctx.session.execute(
        select(LedgerEntry.transaction_id, LedgerAccount.currency, LedgerEntry.amount)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(elsewhere)
        .order_by(LedgerEntry.transaction_id)
        .limit(MOST_BREACHES)
    )
    return [Breach(kind=BreachKind.MISPLACED, transaction_id=row[0], currency=row[1], amount=row[2]) for row in rows]


def _altered(ctx: ReadCtx) -> list[Breach]:
    """Transactions whose entries do not make the fingerprint they were posted with."""
    wrong: list[Breach] = []
    known = select(LedgerAccount.id, LedgerAccount.kind, LedgerAccount.owner, LedgerAccount.currency)
    accounts = {row[0]: (row[1], row[2], row[3]) for row in ctx.session.execute(known)}
    for transaction_id, posted, entries in _posted(ctx):
        lines = [(*accounts[account_id], amount) for account_id, amount in entries if account_id in accounts]
        if fingerprint(lines) != posted and len(wrong) < MOST_BREACHES:
            wrong.append(Breach(kind=BreachKind.ALTERED, transaction_id=transaction_id))
    return wrong


def _posted(ctx: ReadCtx) -> Iterator[tuple[UUID, str, list[tuple[UUID, int]]]]:
    """Each transaction that has entries: its id, its fingerprint, and its entries as (account, amount).

    By institution and time, as the indexes go, so that no entry is looked at for another's sake.
    """
    for tenant_id in sorted(ctx.session.execute(select(LedgerAccount.tenant_id).distinct()).scalars()):
        last: tuple[datetime, UUID] | None = None
        while True:
            columns = (LedgerTransaction.at, LedgerTransaction.id, LedgerTransaction.fingerprint)
            wanted = select(*columns).where(LedgerTransaction.tenant_id == tenant_id)
            if last is not None:
                after = tuple_(literal(last[0], UtcDateTime()), literal(last[1], Uuid()))
                wanted = wanted.where(tuple_(LedgerTransaction.at, LedgerTransaction.id) > after)
            order = (LedgerTransaction.at, LedgerTransaction.id)
            chosen = ctx.session.execute(wanted.order_by(*order).limit(AT_ONCE)).all()
            if not chosen:
                break
            posted = {row[1]: row[2] for row in chosen}
            for transaction_id, entries in _entries(ctx, tenant_id, chosen[0][0], chosen[-1][0]):
                if transaction_id in posted:
                    yield transaction_id, posted[transaction_id], entries
            last = (chosen[-1][0], chosen[-1][1])


def _entries(
    ctx: ReadCtx, tenant_id: UUID, since: datetime, until: datetime
) -> Iterator[tuple[UUID, list[tuple[UUID, int]]]]:
    """The entries of a time by their transactions, as (account, amount). One statement."""
    wanted = select(LedgerEntry.transaction_id, LedgerEntry.account_id, LedgerEntry.amount).where(
        LedgerEntry.tenant_id == tenant_id, LedgerEntry.at >= since, LedgerEntry.at <= until
    )
    rows = ctx.session.execute(wanted.order_by(LedgerEntry.transaction_id))
    for transaction_id, found in groupby(rows, key=itemgetter(0)):
        yield transaction_id, [(row[1], row[2]) for row in found]
