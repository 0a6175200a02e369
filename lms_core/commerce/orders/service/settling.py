"""An order whose money is here: posted to the ledger, told to whoever waits for it. Once, whatever is told twice."""

from uuid import UUID

import structlog

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind, Line
from lms_core.commerce.orders import queries
from lms_core.commerce.orders.errors import OrderNotFound
from lms_core.commerce.orders.events import OrderPaid, PaidLine
from lms_core.commerce.orders.models import LineItem, Order
from lms_core.commerce.orders.service import owning, refunding
from lms_core.commerce.orders.transitions import UNPAID, OrderState, require
from lms_core.kit.context import WriteCtx
from lms_core.kit.money import Currency

log = structlog.get_logger(__name__)


def settle(ctx: WriteCtx, order_id: UUID, *, payment_id: UUID, amount: int, currency: Currency) -> None:
    """Take the money of an order. An order that was cancelled or had expired is paid all the same.

    Payments compared the amount with the intent; it is compared with the order here once more, and nothing is opened
    for another amount. What another order of the buyer's opened before is given back at once.
    """
    try:
        queries.locked_cart(ctx, queries.order(ctx, order_id).buyer_id)  # one order of a buyer is paid at a time
        order = queries.locked(ctx, order_id)
    except OrderNotFound:  # nothing in our books ever deletes one
        log.error("orders.paid_for_nothing", order_id=str(order_id), payment_id=str(payment_id))
        return
    if order.state not in UNPAID:
        return
    if (amount, currency) != (order.total, order.currency):
        log.error("orders.other_amount", order=order.number, amount=amount, currency=currency, total=order.total)
        return
    before = owning.bought_before(ctx, order)
    close_paid(ctx, order, payment_id=payment_id)
    if before:
        refunding.bought_twice(ctx, order, before, payment_id=payment_id)


def close_paid(ctx: WriteCtx, order: Order, *, payment_id: UUID | None) -> None:
    """Mark an order as paid, post what was earned and what is owed in tax, and say so."""
    order.state = require(OrderState(order.state), OrderState.PAID)
    order.payment_id, order.paid_at, order.closed_at = payment_id, ctx.now, None
    ctx.session.flush()
    currency = Currency(order.currency)
    if order.total:
        posted = [
            Line(AccountKind.RECEIPTS, order.total, currency),
            Line(AccountKind.REVENUE, -order.net, currency),
            Line(AccountKind.VAT, -order.tax, currency),
        ]
        ledger.post(
            ctx,
            key=f"order:{order.id}:paid",
            kind="order.paid",
            subject=("order", order.id),
            description=f"Order {order.number}",
            lines=[each for each in posted if each.amount],
        )
    lines = queries.lines_of(ctx, [order.id])[order.id]
    ctx.emit(
        OrderPaid(
            order_id=order.id,
            number=order.number,
            buyer_id=order.buyer_id,
            currency=currency,
            lines=tuple(_told(each) for each in lines),
            affiliate_id=order.affiliate_id,
            at=ctx.now,
        )
    )


def _told(line: LineItem) -> PaidLine:
    return PaidLine(
        line_id=line.id,
        product_id=line.product_id,
        kind=line.kind,
        course_ids=tuple(UUID(each) for each in line.opens.get("courses", ())),
        title=line.title,
        quantity=line.quantity,
        unit=line.unit,
        discount=line.discount,
        net=line.net,
        tax=line.tax,
        tax_rate=line.tax_rate,
        total=line.total,
    )
