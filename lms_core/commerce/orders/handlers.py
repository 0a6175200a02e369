"""Reactions: money that came or went back, and what was paid for is opened. Importing it puts up the gate, too."""

from lms_core.commerce.orders.events import OrderPaid
from lms_core.commerce.orders.service import fulfilling, gating, owning, placing, refunding, settling
from lms_core.commerce.payments.events import (
    IntentExpired,
    PaymentReversed,
    PaymentSettled,
    RefundFailed,
    RefundSettled,
)
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on

PURPOSE = "order"
GATE = gating.standing
GUARD = owning.require_payable


@on(PaymentSettled)
def take_money(ctx: WriteCtx, event: PaymentSettled) -> None:
    """An order's money is here."""
    if event.purpose_kind == PURPOSE:
        settling.settle(
            ctx, event.purpose_id, payment_id=event.payment_id, amount=event.amount, currency=event.currency
        )


@on(OrderPaid)
def open_what_was_bought(ctx: WriteCtx, event: OrderPaid) -> None:
    """In a transaction of its own: a course that cannot be opened does not undo that it was paid for."""
    fulfilling.fulfil(ctx, event.order_id)


@on(IntentExpired)
def close_unpaid(ctx: WriteCtx, event: IntentExpired) -> None:
    """Nobody paid in time."""
    if event.purpose_kind == PURPOSE:
        placing.expire(ctx, event.purpose_id)


@on(RefundSettled)
def note_refund(ctx: WriteCtx, event: RefundSettled) -> None:
    """Money of an order is back with its payer."""
    if event.purpose_kind == PURPOSE:
        refunding.settled(ctx, event.purpose_id, refund_id=event.refund_id, amount=event.amount)


@on(RefundFailed)
def note_failed_refund(ctx: WriteCtx, event: RefundFailed) -> None:
    """Money of an order did not go back."""
    if event.purpose_kind == PURPOSE:
        refunding.failed(ctx, event.purpose_id, refund_id=event.refund_id)


@on(PaymentReversed)
def note_reversal(ctx: WriteCtx, event: PaymentReversed) -> None:
    """A bank took the money of an order back."""
    if event.purpose_kind == PURPOSE:
        refunding.reversed_by_bank(ctx, event.purpose_id, payment_id=event.payment_id, amount=event.amount)
