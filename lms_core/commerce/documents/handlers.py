"""Reactions: what is paid is invoiced, money that went back is credited."""

from lms_core.commerce.documents.service.issuing import for_order, for_period, for_period_refund, for_refund
from lms_core.commerce.orders.events import OrderPaid, OrderRefunded, PeriodPaid, PeriodRefunded
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on


@on(OrderPaid)
def invoice(ctx: WriteCtx, event: OrderPaid) -> None:
    """Issue invoice and receipt, once."""
    for_order(ctx, event)


@on(OrderRefunded)
def credit(ctx: WriteCtx, event: OrderRefunded) -> None:
    """Issue the credit note, once; a refund told of before its payment fails here and comes again."""
    for_refund(ctx, event)


@on(PeriodPaid)
def invoice_period(ctx: WriteCtx, event: PeriodPaid) -> None:
    """Invoice and receipt for each payment of a subscription, once: the payment stands where an order does."""
    if event.user_id is None:
        return
    number = f"SUB-{event.period_id.hex[-8:].upper()}"
    for_order(
        ctx,
        OrderPaid(
            order_id=event.payment_id,
            number=number,
            buyer_id=event.user_id,
            currency=event.currency,
            lines=event.lines,
            at=event.at,
        ),
    )
    """Issue invoice and receipt of a subscription's period, once."""
    for_period(ctx, event)


@on(PeriodRefunded)
def credit_period(ctx: WriteCtx, event: PeriodRefunded) -> None:
    """The credit note of what went back of it, once."""
    for_refund(
        ctx,
        OrderRefunded(
            order_id=event.payment_id,
            refund_id=event.refund_id,
            currency=event.currency,
            lines=event.lines,
            at=event.at,
        ),
    )
    """Issue its credit note, once, as above."""
    for_period_refund(ctx, event)
