"""Checking the ledger: that what cannot be wrong is not wrong."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from lms_core.commerce.ledger.models import LedgerAccount, LedgerCheck, LedgerEntry, LedgerTransaction
from lms_core.commerce.ledger.policies import require_reader
from lms_core.commerce.ledger.schemas import Breach, BreachKind, CheckView
from lms_core.commerce.ledger.service.posting import fingerprint
from lms_core.kit.context import ReadCtx, WriteCtx
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
    present = func.count(LedgerEntry.id)
    rows = ctx.session.execute(
        select(LedgerTransaction.id)
        .outerjoin(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .group_by(LedgerTransaction.id, LedgerTransaction.lines)
        .having(present != LedgerTransaction.lines)
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
    for transaction_id, posted, lines in _posted(ctx):
        if fingerprint(lines) != posted and len(wrong) < MOST_BREACHES:
            wrong.append(Breach(kind=BreachKind.ALTERED, transaction_id=transaction_id))
    return wrong


def _posted(ctx: ReadCtx) -> Iterator[tuple[UUID, str, list[Any]]]:
    """Each transaction that has entries: its id, its fingerprint, its entries as `fingerprint` takes them."""
    last: UUID | None = None
    while True:
        wanted = select(LedgerTransaction.id).order_by(LedgerTransaction.id).limit(AT_ONCE)
        if last is not None:
            wanted = wanted.where(LedgerTransaction.id > last)
        ids = list(ctx.session.execute(wanted).scalars())
        if not ids:
            return
        rows = ctx.session.execute(
            select(
                LedgerTransaction.id,
                LedgerTransaction.fingerprint,
                LedgerAccount.kind,
                LedgerAccount.owner,
                LedgerAccount.currency,
                LedgerEntry.amount,
            )
            .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
            .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
            .where(LedgerTransaction.id >= ids[0], LedgerTransaction.id <= ids[-1])
            .order_by(LedgerTransaction.id)
        )
        for (transaction_id, posted), found in groupby(rows, key=lambda row: (row[0], row[1])):
            yield transaction_id, posted, [tuple(row[2:]) for row in found]
        last = ids[-1]
