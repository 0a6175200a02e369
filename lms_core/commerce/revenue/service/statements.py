"""A person's statement: what they earned, what refunds took back and what was paid out, as a table."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from lms_core.commerce.revenue.models import Earning, ItemState, PayoutBatch, PayoutItem
from lms_core.commerce.revenue.policies import own
from lms_core.commerce.revenue.schemas import Form, Span
from lms_core.commerce.revenue.tables import Cell, write
from lms_core.kit.context import ReadCtx
from lms_core.kit.money import Currency, Money, to_major

HEADER = ("Date", "What", "Reference", "Title", "Share %", "Of", "Amount", "Currency")
MOST = 20_000  # rows; whoever has more asks for shorter spans


def statement(ctx: ReadCtx, *, span: Span, form: Form) -> tuple[bytes, str]:
    """The actor's statement as CSV or XLSX, oldest first, with a name for the file. Two statements. Unauthenticated."""
    user_id = own(ctx)
    earned = select(Earning).where(Earning.user_id == user_id)
    paid = (
        select(PayoutItem, PayoutBatch)
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(PayoutItem.user_id == user_id, PayoutItem.state == ItemState.PAID)
    )
    if span.since is not None:
        earned, paid = earned.where(Earning.at >= span.since), paid.where(PayoutItem.ended_at >= span.since)
    if span.until is not None:
        earned, paid = earned.where(Earning.at < span.until), paid.where(PayoutItem.ended_at < span.until)
    found = ctx.session.execute(earned.order_by(Earning.id).limit(MOST)).scalars()
    rows: list[tuple[datetime, list[Cell]]] = [(each.at, _earned(each)) for each in found]
    for item, batch in ctx.session.execute(paid.order_by(PayoutItem.id).limit(MOST)):
        at = item.ended_at or batch.made_at
        amount = _major(-item.amount, batch.currency)
        rows.append((at, [_day(at), "payout", item.reference, item.shown, None, None, amount, batch.currency]))
    rows.sort(key=lambda each: each[0])
    return write([list(HEADER), *(cells for _, cells in rows)], form), f"earnings-{ctx.now:%Y-%m-%d}.{form}"


def _earned(row: Earning) -> list[Cell]:
    what = "refund" if row.refund_id is not None else str(row.kind)
    share = row.basis_points / 100
    basis = _major(row.basis, row.currency)
    return [
        _day(row.at),
        what,
        row.sale_number,
        row.title,
        share,
        basis,
        _major(row.amount, row.currency),
        row.currency,
    ]


def _major(minor: int, currency: str) -> Decimal:
    return to_major(Money(amount=minor, currency=Currency(currency)))


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
