"""The selects of the ledger."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from lms_core.commerce.ledger.errors import AccountNotFound
from lms_core.commerce.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction
from lms_core.commerce.ledger.schemas import AccountKind, EntryView, TransactionView
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import decode_cursor

DEBIT: Any = func.coalesce(func.sum(case((LedgerEntry.amount > 0, LedgerEntry.amount), else_=0)), 0)
CREDIT: Any = func.coalesce(func.sum(case((LedgerEntry.amount < 0, -LedgerEntry.amount), else_=0)), 0)


def account(ctx: ReadCtx, account_id: UUID) -> LedgerAccount:
    """The row of an account; AccountNotFound."""
    wanted = select(LedgerAccount).where(LedgerAccount.id == account_id)
    row: LedgerAccount | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise AccountNotFound()
    return row


def sums(ctx: ReadCtx, *where: Any) -> tuple[int, int]:
    """What the chosen entries debit and credit, both not negative. One statement."""
    row = ctx.session.execute(select(DEBIT, CREDIT).select_from(LedgerEntry).where(*where)).one()
    return int(row[0]), int(row[1])


def with_entries(ctx: ReadCtx, rows: Sequence[LedgerTransaction]) -> list[TransactionView]:
    """Transactions with their entries, debits first. One statement, none for no rows."""
    if not rows:
        return []
    inside: dict[UUID, list[EntryView]] = {row.id: [] for row in rows}
    found = ctx.session.execute(
        select(LedgerEntry.transaction_id, LedgerEntry.amount, LedgerAccount)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerEntry.transaction_id.in_(list(inside)))
        .order_by(LedgerEntry.amount < 0, LedgerAccount.kind, LedgerEntry.id)
    )
    for transaction_id, amount, place in found:
        view = EntryView(
            account_id=place.id, kind=place.kind, owner=place.owner, currency=place.currency, amount=amount
        )
        inside[transaction_id].append(view)
    plain = [name for name in TransactionView.model_fields if name != "entries"]
    return [
        TransactionView(**{name: getattr(row, name) for name in plain}, entries=tuple(inside[row.id])) for row in rows
    ]


def accounts_with_sums() -> Select[Any]:
    """Every account beside what was debited to it and credited, those without entries too."""
    return (
        select(LedgerAccount, DEBIT.label("debit"), CREDIT.label("credit"))
        .outerjoin(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .group_by(LedgerAccount)
    )


def of_place(kind: AccountKind, owner: str) -> ColumnElement[bool]:
    """The accounts of a kind and owner."""
    chosen: ColumnElement[bool] = and_(LedgerAccount.kind == kind, LedgerAccount.owner == owner)
    return chosen


def between(column: Any, since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """From `since` on, before `until`; what is None is open."""
    chosen = [] if since is None else [column >= since]
    return chosen if until is None else [*chosen, column < until]


def beyond(at: Any, row_id: Any, place: tuple[datetime, UUID], *, newer: bool) -> ColumnElement[bool]:
    """The rows after a place in the order of (at, id), or before it."""
    moment, last = place
    if newer:
        return or_(at > moment, and_(at == moment, row_id > last))
    return or_(at < moment, and_(at == moment, row_id < last))


def cursor_of(at: datetime, row_id: UUID) -> tuple[str, str]:
    """The sort key of a list in the order of time."""
    return at.isoformat(), str(row_id)


def place_of(cursor: str) -> tuple[datetime, UUID]:
    """The moment and id in a cursor. Invalid for a cursor of another list."""
    moment, last = decode_cursor(cursor, (str, str))
    row_id = parse_id(last)
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or row_id is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return at, row_id
