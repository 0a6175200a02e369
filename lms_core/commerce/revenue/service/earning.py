"""What the actor earns: balances, earnings, payouts."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import select

from lms_core.commerce.revenue import queries
from lms_core.commerce.revenue.models import Earning, ItemState, PayoutBatch, PayoutItem
from lms_core.commerce.revenue.policies import own
from lms_core.commerce.revenue.schemas import Balance, EarningRow, EarningsView, PayoutRow
from lms_core.commerce.revenue.service.detailing import shown
from lms_core.commerce.revenue.service.terms import in_force
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.money import Currency
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page

UNDER_WAY = (ItemState.READY, ItemState.SENDING)


def earnings(ctx: ReadCtx) -> EarningsView:
    """The actor's balances by currency, and where they are paid out. Five statements. Unauthenticated."""
    user_id = own(ctx)
    row = queries.details(ctx, [user_id]).get(user_id)
    terms = in_force(ctx)
    return EarningsView(
        balances=tuple(balances(ctx, user_id)),
        details=shown(row) if row is not None else None,
        held=queries.is_held(ctx, user_id),
        hold_days=terms.hold_days,
        smallest=terms.smallest,
    )


def balances(ctx: ReadCtx, user_id: UUID) -> list[Balance]:
    """Somebody's balances by currency, those with nothing in them left out. Two statements."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"held": 0, "due": 0, "under_way": 0, "paid": 0})
    for currency, held, total in queries.unpaid_sums(ctx, user_id):
        found[currency]["held" if held else "due"] += int(total)
    for currency, state, total in queries.payout_sums(ctx, user_id):
        if state == ItemState.PAID:
            found[currency]["paid"] += int(total)
        elif state in UNDER_WAY:
            found[currency]["under_way"] += int(total)
    return [Balance(currency=Currency(name), **each) for name, each in sorted(found.items()) if any(each.values())]


def lines(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[EarningRow]:
    """The actor's earnings and what refunds took back, newest first. One statement. Unauthenticated, Invalid."""
    wanted = select(Earning).where(Earning.user_id == own(ctx)).order_by(Earning.id.desc()).limit(limit + 1)
    if cursor:
        wanted = wanted.where(Earning.id < _after(cursor))
    rows = [_line(row) for row in ctx.session.execute(wanted).scalars()]
    return page(rows, limit, lambda each: [str(each.id)])


def payouts(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[PayoutRow]:
    """The actor's payouts, newest first. One statement. Unauthenticated, Invalid."""
    wanted = (
        select(PayoutItem, PayoutBatch)
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(PayoutItem.user_id == own(ctx), PayoutItem.state != ItemState.CANCELLED)
        .order_by(PayoutItem.id.desc())
        .limit(limit + 1)
    )
    if cursor:
        wanted = wanted.where(PayoutItem.id < _after(cursor))
    rows = [
        PayoutRow(
            id=item.id,
            number=batch.number,
            currency=batch.currency,
            amount=item.amount,
            way=batch.way,
            shown=item.shown,
            state=item.state,
            reference=item.reference,
            made_at=batch.made_at,
            ended_at=item.ended_at,
        )
        for item, batch in ctx.session.execute(wanted)
    ]
    return page(rows, limit, lambda each: [str(each.id)])


def _after(cursor: str) -> UUID:
    last = parse_id(decode_cursor(cursor, (str,))[0])
    if last is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return last


def _line(row: Earning) -> EarningRow:
    said = {name: getattr(row, name) for name in EarningRow.model_fields if name not in ("refund", "paid_out")}
    return EarningRow(**said, refund=row.refund_id is not None, paid_out=row.item_id is not None)
