"""Reactions to what became of the money of a term, and to an account that goes away."""

from uuid import UUID

from lms_core.commerce.payments.events import (
    IntentExpired,
    MethodSaved,
    PaymentFailed,
    PaymentReversed,
    PaymentSettled,
    RefundSettled,
)
from lms_core.commerce.subscriptions import queries, renewing, settling
from lms_core.commerce.subscriptions.collecting import PURPOSE
from lms_core.commerce.subscriptions.models import Subscription, Term
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on


def _held(ctx: WriteCtx, purpose_kind: str, purpose_id: UUID) -> tuple[Subscription, Term] | None:
    """The term a payment is for, and its subscription, which has one writer at a time."""
    if purpose_kind != PURPOSE:
        return None
    found = queries.term(ctx, purpose_id)
    row = queries.held(ctx, found.subscription_id) if found is not None else None
    if found is None or row is None:
        return None
    ctx.session.refresh(found)  # it may have changed while the row was waited for
    return row, found


@on(PaymentSettled)
def begin_paid(ctx: WriteCtx, event: PaymentSettled) -> None:
    """The money of a term is here."""
    if (found := _held(ctx, event.purpose_kind, event.purpose_id)) is not None:
        settling.paid(ctx, *found, payment_id=event.payment_id, amount=event.amount, at=event.at)


@on(PaymentFailed)
def ask_again(ctx: WriteCtx, event: PaymentFailed) -> None:
    """An attempt failed; the schedule goes on."""
    if (found := _held(ctx, event.purpose_kind, event.purpose_id)) is not None:
        renewing.failed(ctx, *found, reason=event.reason)


@on(IntentExpired)
def forget_intent(ctx: WriteCtx, event: IntentExpired) -> None:
    """Payments wait no longer."""
    if (found := _held(ctx, event.purpose_kind, event.purpose_id)) is not None:
        settling.intent_over(ctx, *found, event.intent_id)


@on(PaymentReversed)
def take_back(ctx: WriteCtx, event: PaymentReversed) -> None:
    """The payer's bank took the money of a term back."""
    if (found := _held(ctx, event.purpose_kind, event.purpose_id)) is not None:
        settling.took_back(
            ctx, found[0], payment_id=event.payment_id, cause_id=event.payment_id, amount=event.amount, at=event.at
        )


@on(RefundSettled)
def give_back(ctx: WriteCtx, event: RefundSettled) -> None:
    """Money of a term was given back."""
    if (found := _held(ctx, event.purpose_kind, event.purpose_id)) is not None:
        settling.took_back(
            ctx, found[0], payment_id=event.payment_id, cause_id=event.refund_id, amount=event.amount, at=event.at
        )


@on(MethodSaved)
def keep_method(ctx: WriteCtx, event: MethodSaved) -> None:
    """The way a term was paid can be charged again."""
    if (found := _held(ctx, event.purpose_kind, event.purpose_id)) is not None and found[0].living is not None:
        found[0].method_id = event.method_id
