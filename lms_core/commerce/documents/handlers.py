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
    """Issue invoice and receipt for each payment of a subscription, once."""
    for_period(ctx, event)


@on(PeriodRefunded)
def credit_period(ctx: WriteCtx, event: PeriodRefunded) -> None:
    """Issue the credit note of what went back of it, once."""
    for_period_refund(ctx, event)
