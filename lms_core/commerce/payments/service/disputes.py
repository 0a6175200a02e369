"""What a provider tells of disputes: money held back, given back, or lost."""

from lms_core.commerce.payments import postings, queries
from lms_core.commerce.payments.events import DisputeWon, PaymentDisputed
from lms_core.commerce.payments.gateways.port import Heard, State
from lms_core.commerce.payments.models import Dispute, Payment, PaymentIntent, ProviderAccount
from lms_core.commerce.payments.service import settling, telling
from lms_core.commerce.payments.states import DisputeState
from lms_core.commerce.payments.transitions import PaymentState, may_move
from lms_core.kit.context import WriteCtx


def tell(ctx: WriteCtx, account: ProviderAccount, payment: Payment, heard: Heard) -> None:
    """Take a provider's word on a dispute: open while pending, won when it succeeded, lost else. Safe to repeat."""
    intent, payment = queries.locked(ctx, payment.id)
    subject = (heard.subject or f"{payment.reference}:dispute")[:255]
    whose = (Dispute.account_id == account.id, Dispute.provider_ref == subject)
    row = queries.find(ctx, Dispute, *whose, lock=True)
    if row is None:
        row = _opened(ctx, intent, payment, heard, subject)
    state = heard.status.state if heard.status is not None else State.PENDING
    if row is None or row.state != DisputeState.OPEN or state in (State.PENDING, State.UNKNOWN):
        return
    row.closed_at = ctx.now
    if state is State.SUCCEEDED:
        row.state = DisputeState.WON
        ctx.session.flush()
        postings.given_back(ctx, row)
        payment.state = PaymentState.PARTIALLY_REFUNDED if payment.refunded else PaymentState.SUCCEEDED
        ctx.emit(DisputeWon(**settling.fact(intent, payment, at=ctx.now, amount=row.amount), dispute_id=row.id))
    else:
        row.state = DisputeState.LOST
        ctx.session.flush()
        postings.lost(ctx, row)
        settling.take_back(ctx, intent, payment, posted=True)
    payment.updated_at = ctx.now
    ctx.session.flush()


def _opened(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, heard: Heard, subject: str) -> Dispute | None:
    """A new dispute; None for a payment that has no money left to dispute."""
    if not may_move(PaymentState(payment.state), PaymentState.DISPUTED):
        return None
    left = payment.amount - payment.refunded
    told = heard.status.amount if heard.status is not None else None
    amount = min(left, told.amount) if told is not None and told.currency == payment.currency else left
    row = ctx.add(
        Dispute(
            payment_id=payment.id, account_id=payment.account_id, provider_ref=subject, amount=max(1, amount),
            currency=payment.currency, reason=(heard.status.reason if heard.status is not None else "")[:200],
            opened_at=ctx.now,
        )
    )  # fmt: skip
    payment.state = PaymentState.DISPUTED
    ctx.session.flush()
    postings.held_back(ctx, row)
    notice = telling.to_finance(ctx, "payments.disputed", reference=payment.reference)
    ctx.emit(
        PaymentDisputed(
            **settling.fact(intent, payment, at=ctx.now, amount=row.amount), dispute_id=row.id, notice=notice
        )
    )
    return row
