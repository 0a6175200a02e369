"""Reactions: a sale is shared, a refund takes back; what payments say of a payout ends it."""

from lms_core.commerce.orders.events import OrderPaid, OrderRefunded, PeriodPaid, PeriodRefunded
from lms_core.commerce.payments.events import PayoutFailed, PayoutSettled
from lms_core.commerce.revenue.jobs import PURPOSE
from lms_core.commerce.revenue.moving import arrived, returned
from lms_core.commerce.revenue.service.sharing import for_refund, for_sale
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on


@on(OrderPaid)
def share(ctx: WriteCtx, event: OrderPaid) -> None:
    """Share a sale, once."""
    for_sale(ctx, event)


@on(OrderRefunded)
def take_back(ctx: WriteCtx, event: OrderRefunded) -> None:
    """Take back, once; a refund told of before its sale fails here and comes again."""
    for_refund(ctx, event)


@on(PeriodPaid)
def share_period(ctx: WriteCtx, event: PeriodPaid) -> None:
    """Share a payment of a subscription among the courses its line names, once. It stands where an order does."""
    sold = OrderPaid(
        order_id=event.payment_id,
        number=f"S-{event.period_id.hex[-10:].upper()}",
        buyer_id=event.user_id or event.subscription_id,  # only an affiliate is compared with it, and there is none
        currency=event.currency,
        lines=event.lines,
        at=event.at,
    )
    for_sale(ctx, sold)


@on(PeriodRefunded)
def take_back_period(ctx: WriteCtx, event: PeriodRefunded) -> None:
    """Take back of a period, once, as above."""
    given_back = OrderRefunded(
        order_id=event.payment_id,
        refund_id=event.refund_id,
        currency=event.currency,
        lines=event.lines,
        at=event.at,
    )
    for_refund(ctx, given_back)


@on(PayoutSettled)
def note_arrival(ctx: WriteCtx, event: PayoutSettled) -> None:
    """A payout to a phone arrived."""
    if event.purpose_kind == PURPOSE:
        arrived(ctx, event.purpose_id, reference=event.receipt, at_bank=False)


@on(PayoutFailed)
def note_return(ctx: WriteCtx, event: PayoutFailed) -> None:
    """A payout to a phone did not leave."""
    if event.purpose_kind == PURPOSE:
        returned(ctx, event.purpose_id, reason=event.reason or "The provider did not send it.")
