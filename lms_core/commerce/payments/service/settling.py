"""What a provider's word does to a payment: the only place where one moves, settles, fails or is taken back.

Every verb here locks the intent, then the payment, and is safe to repeat.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.commerce.payments import names, polling, postings, queries, sealing
from lms_core.commerce.payments.comparing import Asked, Difference, difference
from lms_core.commerce.payments.events import MethodSaved, PaymentFailed, PaymentReversed, PaymentSettled
from lms_core.commerce.payments.gateways.port import REASONS, Begun, Capabilities, Mode, State, Status
from lms_core.commerce.payments.models import Deposit, Payment, PaymentIntent, SavedMethod
from lms_core.commerce.payments.service import telling
from lms_core.commerce.payments.service.accounts import gateways_of
from lms_core.commerce.payments.states import DepositKind, IntentState, MismatchKind
from lms_core.commerce.payments.transitions import OPEN, SETTLED, PaymentState, check_move, may_move
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.money import Currency

HELD = "mismatch"  # the code of an attempt whose money is not what was asked for: finance decides
LONGEST_MESSAGE, LONGEST_URL = 1000, 4000
NOTHING = Capabilities(currencies=frozenset(), step="redirect")

log = structlog.get_logger(__name__)


def take_begun(ctx: WriteCtx, payment_id: UUID, begun: Begun) -> None:
    """What the provider answered when it was asked for the money."""
    _, payment = queries.locked(ctx, payment_id)
    payment.message, payment.url = begun.message[:LONGEST_MESSAGE], begun.url[:LONGEST_URL]
    apply(ctx, payment_id, begun.status)


def apply(ctx: WriteCtx, payment_id: UUID, status: Status) -> Payment:
    """Take a provider's word for how a charge stands. PaymentNotFound."""
    intent, payment = queries.locked(ctx, payment_id)
    if status.provider_ref and not payment.provider_ref:
        payment.provider_ref = status.provider_ref[:255]
    if status.state is State.SUCCEEDED:
        _succeeded(ctx, intent, payment, status)
    elif status.state is State.FAILED:
        _failed(ctx, intent, payment, status)
    elif status.state is State.REVERSED:
        _taken_back(ctx, intent, payment, status)
    else:
        _waits(ctx, intent, payment, status)
    payment.updated_at = ctx.now
    ctx.session.flush()
    return payment


def settle(ctx: WriteCtx, intent: PaymentIntent, payment: Payment) -> None:
    """The money is here and is what was asked for: write it down once. Both rows are locked, the state has moved."""
    late = intent.state != IntentState.OPEN
    payment.surplus = intent.state == IntentState.PAID
    payment.settled_at, payment.next_poll_at = ctx.now, None
    payment.code = payment.reason = payment.url = payment.message = ""
    if payment.surplus:
        _paid_twice(ctx, intent, payment)
        return
    intent.state, intent.paid_at, intent.updated_at = IntentState.PAID, ctx.now, ctx.now
    ctx.emit(PaymentSettled(**fact(intent, payment, at=ctx.now), late=late))


def fact(intent: PaymentIntent, payment: Payment, *, at: datetime, amount: int | None = None) -> dict[str, Any]:
    """What every event about a payment tells."""
    return {
        "intent_id": intent.id,
        "payment_id": payment.id,
        "purpose_kind": "surplus" if payment.surplus else intent.purpose_kind,
        "purpose_id": payment.id if payment.surplus else intent.purpose_id,
        "amount": payment.amount if amount is None else amount,
        "currency": Currency(payment.currency),
        "at": at,
    }


def capabilities_of(ctx: ReadCtx, gateway: str) -> Capabilities:
    """What the payment's gateway can do; nothing when this installation has it no more."""
    known = gateways_of(ctx.resources).get(gateway)
    return known.capabilities if known is not None else NOTHING


def _succeeded(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, status: Status) -> None:
    if payment.state in SETTLED:
        _complete(ctx, payment, status)
        return
    asked = Asked(queries.money(payment.amount, payment.currency), payment.reference, Mode(payment.mode))
    found = difference(asked, status) or _receipt_of_another(ctx, payment, status)
    if found is not None:
        _hold(ctx, payment, status, found)
        return
    check_move(PaymentState(payment.state), PaymentState.SUCCEEDED)
    payment.state = PaymentState.SUCCEEDED
    settle(ctx, intent, payment)
    postings.settled(ctx, payment)
    _complete(ctx, payment, status)
    _keep_method(ctx, intent, payment, status)


def _complete(ctx: WriteCtx, payment: Payment, status: Status) -> None:
    """Receipt and fee are often told later than the success."""
    if status.receipt and not payment.receipt and _receipt_of_another(ctx, payment, status) is None:
        payment.receipt = status.receipt[:255]
    if status.fee is not None and not payment.fee and status.fee.currency == payment.currency and status.fee.amount > 0:
        payment.fee = status.fee.amount
        postings.fee(ctx, payment)


def _receipt_of_another(ctx: WriteCtx, payment: Payment, status: Status) -> Difference | None:
    """One receipt pays one payment, whatever a callback says."""
    if not status.receipt:
        return None
    receipt = status.receipt[:255]
    other = select(Payment.reference).where(
        Payment.account_id == payment.account_id, Payment.receipt == receipt, Payment.id != payment.id
    )
    taken = ctx.session.execute(other).scalars().first()
    if taken is None:
        sent = select(Deposit.receipt).where(
            Deposit.account_id == payment.account_id,
            Deposit.receipt == receipt,
            Deposit.payment_id.is_distinct_from(payment.id),
        )
        taken = ctx.session.execute(sent).scalars().first()
    if taken is None:
        return None
    return Difference(MismatchKind.RECEIPT, {"reference": payment.reference}, {"receipt": receipt, "used_by": taken})


def _hold(ctx: WriteCtx, payment: Payment, status: Status, found: Difference) -> None:
    """Money that is not what was asked for settles nothing: it waits among the deposits for finance."""
    if payment.account_id is None:
        return
    if may_move(PaymentState(payment.state), PaymentState.UNKNOWN):
        payment.state = PaymentState.UNKNOWN
    payment.code, payment.next_poll_at = HELD, None
    told = {**found.theirs, "receipt": status.receipt[:255]} if status.receipt else found.theirs
    new = telling.note(
        ctx, found.kind, account_id=payment.account_id, payment_id=payment.id,
        about=payment.reference, ours=found.ours, theirs=told,
    )  # fmt: skip
    if new and found.arrived is not None:
        put_aside(ctx, payment, kind=DepositKind.DIFFERENT, receipt=status.receipt, arrived=found.arrived.amount,
                  currency=found.arrived.currency)  # fmt: skip


def put_aside(
    ctx: WriteCtx, payment: Payment, *, kind: DepositKind, receipt: str, arrived: int, currency: Currency
) -> None:
    """A deposit out of an attempt. A surplus is in the ledger by then; what differs is posted here."""
    if payment.account_id is None:
        return
    row = ctx.add(
        Deposit(
            account_id=payment.account_id, kind=kind, receipt=(receipt or f"{payment.reference}:{kind}")[:255],
            amount=arrived, currency=currency, reference=payment.reference, sealed_from="",
            phone_hint=payment.phone_hint, payment_id=payment.id, at=ctx.now,
        )
    )  # fmt: skip
    if kind is not DepositKind.SURPLUS:
        postings.deposited(ctx, row)


def _paid_twice(ctx: WriteCtx, intent: PaymentIntent, payment: Payment) -> None:
    if payment.account_id is None:
        return
    put_aside(
        ctx, payment, kind=DepositKind.SURPLUS, receipt=f"{payment.reference}:surplus",
        arrived=payment.amount, currency=Currency(payment.currency),
    )  # fmt: skip
    telling.note(
        ctx, MismatchKind.PAID_TWICE, account_id=payment.account_id, payment_id=payment.id, about=payment.reference,
        ours={"intent": intent.reference, "asked": intent.amount},
        theirs={"reference": payment.reference, "amount": payment.amount},
    )  # fmt: skip


def _keep_method(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, status: Status) -> None:
    if status.saved is None or not intent.save_method or intent.payer_id is None or payment.account_id is None:
        return
    hashed = sealing.hashed("method", status.saved.token)
    whose = (SavedMethod.user_id == intent.payer_id, SavedMethod.account_id == payment.account_id)
    row = queries.find(ctx, SavedMethod, *whose, SavedMethod.token_hash == hashed)
    if row is None:
        kept = {"token": status.saved.token, "customer": status.saved.customer}
        row = ctx.add(
            SavedMethod(
                user_id=intent.payer_id, account_id=payment.account_id, label=status.saved.label[:80],
                expires=status.saved.expires[:7], sealed_token=sealing.seal(ctx, sealing.METHOD, kept),
                token_hash=hashed, created_at=ctx.now,
            )
        )  # fmt: skip
    ctx.emit(
        MethodSaved(
            user_id=intent.payer_id, method_id=row.id, purpose_kind=intent.purpose_kind, purpose_id=intent.purpose_id
        )
    )


def _failed(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, status: Status) -> None:
    if payment.state in SETTLED:
        if payment.account_id is not None:
            telling.note(
                ctx, MismatchKind.STATE, account_id=payment.account_id, payment_id=payment.id, about=payment.reference,
                ours={"state": str(payment.state)}, theirs={"state": "failed", "code": status.code[:120]},
            )  # fmt: skip
        return
    if payment.state not in OPEN or payment.code == HELD:
        return
    reason = status.reason if status.reason in REASONS else "other"
    end_unpaid(ctx, intent, payment, reason=reason, code=status.code)


def end_unpaid(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, *, reason: str, code: str = "") -> None:
    """An open attempt ends without money, for now: it may still turn out paid."""
    to = PaymentState.EXPIRED if reason == "expired" else PaymentState.FAILED
    check_move(PaymentState(payment.state), to)
    payment.state, payment.reason, payment.code = to, reason, code[:120]
    payment.next_poll_at, payment.url = None, ""
    ctx.session.flush()
    ctx.emit(PaymentFailed(**fact(intent, payment, at=ctx.now), reason=reason))


def _taken_back(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, status: Status) -> None:
    from lms_core.commerce.payments.service import refunds

    if payment.code == HELD:  # what was put aside may be gone, too: a person looks
        if payment.account_id is not None:
            telling.note(
                ctx, MismatchKind.STATE, account_id=payment.account_id, payment_id=payment.id, about=payment.reference,
                ours={"state": "put aside"}, theirs={"state": "reversed"},
            )  # fmt: skip
        return
    if payment.state in OPEN:  # came and went before anybody told us: nothing is left of it
        end_unpaid(ctx, intent, payment, reason="other", code="reversed")
        return
    if not may_move(PaymentState(payment.state), PaymentState.REVERSED):
        return
    if refunds.settle_waiting(ctx, intent, payment, status):
        return
    take_back(ctx, intent, payment)


def take_back(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, *, posted: bool = False) -> None:
    """What is left of a payment is gone, against our will. `posted`: the ledger has it (a lost dispute)."""
    left = payment.amount - payment.refunded
    check_move(PaymentState(payment.state), PaymentState.REVERSED)
    payment.state = PaymentState.REVERSED
    ctx.session.flush()
    if left and not posted:
        postings.reversed_by_provider(ctx, payment, left)
    ctx.emit(PaymentReversed(**fact(intent, payment, at=ctx.now, amount=left)))


def _waits(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, status: Status) -> None:
    """Nothing is decided: ask again, slower and slower, until the time of this gateway is over."""
    if payment.state not in OPEN or payment.code == HELD:
        return
    begun_at = payment.begun_at or payment.created_at
    if status.state is State.PENDING:
        able = capabilities_of(ctx, payment.gateway)
        later = polling.next_charge(able, polls=payment.polls, begun_at=begun_at, now=ctx.now)
        if later is None:
            end_unpaid(ctx, intent, payment, reason="expired")
            return
        payment.state = PaymentState.PENDING
    else:
        payment.state = PaymentState.UNKNOWN
        payment.code = status.code[:120]
        later = polling.next_doubt(polls=payment.polls, begun_at=begun_at, now=ctx.now)
        if later is None and payment.account_id is not None:
            telling.note(
                ctx, MismatchKind.UNDECIDED, account_id=payment.account_id, payment_id=payment.id,
                about=payment.reference, ours={"state": "unknown"}, theirs={"state": None},
            )  # fmt: skip
    payment.next_poll_at = later
    ctx.session.flush()
    if later is not None:
        ctx.enqueue(names.ASK, delay=later - ctx.now, payment_id=str(payment.id))
