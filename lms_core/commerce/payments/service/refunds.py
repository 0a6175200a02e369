"""Verbs on refunds: never more than was paid, sent once, and settled by the provider's word alone."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.commerce.payments import names, polling, postings, queries, sealing
from lms_core.commerce.payments.errors import (
    AlreadyDecided,
    IdempotencyConflict,
    MethodUnavailable,
    NotRefundable,
    RefundTooLarge,
)
from lms_core.commerce.payments.events import RefundFailed, RefundSettled
from lms_core.commerce.payments.gateways.port import GatewayError, Movement, RefundAsk, State, Status, Uncertain
from lms_core.commerce.payments.models import Deposit, Payment, PaymentIntent, Refund
from lms_core.commerce.payments.policies import require_manager
from lms_core.commerce.payments.schemas import RefundView
from lms_core.commerce.payments.service import asking, intents, payouts, settling, telling
from lms_core.commerce.payments.service.accounts import Opened
from lms_core.commerce.payments.states import DepositKind, DepositState, MismatchKind, MoveState, RefundWay
from lms_core.commerce.payments.transitions import REFUNDABLE, PaymentState, may_move
from lms_core.identity.audit import service as audit
from lms_core.kit.context import Database, ReadCtx, WriteCtx, system_actor
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import new_id
from lms_core.kit.money import Money

SENT_WITHIN = timedelta(seconds=60)
MOST_TRIES, TRY_AGAIN = 5, timedelta(minutes=2)
OPEN = frozenset({MoveState.CREATED, MoveState.SENDING, MoveState.PENDING, MoveState.UNKNOWN})

log = structlog.get_logger(__name__)


def ask_refund(
    ctx: WriteCtx, *, payment_id: UUID, amount: Money | int | None = None, reason: str, key: str
) -> RefundView:
    """Give back `amount` (minor units) of a payment, or all that is left; a job sends it. The same key: the first one.

    PaymentNotFound, Forbidden, NotRefundable, RefundTooLarge, IdempotencyConflict. A provider that gives nothing or
    only the whole back is helped by a payout to the payer's phone, else by a person's hand.
    """
    require_manager(ctx.actor)
    intent, payment = queries.locked(ctx, payment_id)
    hashed = sealing.hashed("refund", key)
    wanted = _wanted(payment, amount)
    known = queries.find(ctx, Refund, Refund.payment_id == payment_id, Refund.key == hashed)
    if known is not None:
        if (wanted is not None and known.amount != wanted) or known.reason != reason[:200]:
            raise IdempotencyConflict()
        return queries.refund_view(known, payment, intent)
    left = refundable(ctx, payment)
    asked = left if wanted is None else wanted
    if payment.state not in REFUNDABLE or (payment.surplus and not _still_aside(ctx, payment)):
        raise NotRefundable(payment.state)
    if asked <= 0 or asked > left:
        raise RefundTooLarge(left, payment.currency)
    row = Refund(
        id=new_id(), payment_id=payment_id, amount=asked, currency=payment.currency, reason=reason[:200], key=hashed,
        way=_way(ctx, intent, payment, asked), asked_by=ctx.actor.user_id, created_at=ctx.now,
    )  # fmt: skip
    ctx.add(row)
    if row.way == RefundWay.GATEWAY:
        ctx.enqueue(names.SEND_REFUND, refund_id=str(row.id))
    elif row.way == RefundWay.PAYOUT:
        _by_payout(ctx, intent, payment, row)
    else:
        row.state = MoveState.PENDING
    ctx.session.flush()
    audit.record(
        ctx, action="payment.refund_asked", object=("payment", payment_id), amount=asked,
        currency=str(payment.currency), way=row.way.value,
    )  # fmt: skip
    return queries.refund_view(row, payment, intent)


def refundable(ctx: ReadCtx, payment: Payment) -> int:
    """What is left of a payment to give back (minor units). One statement."""
    return max(0, payment.amount - queries.asked_back(ctx, payment.id))


def finish_by_hand(ctx: WriteCtx, refund_id: UUID, *, receipt: str) -> RefundView:
    """Finance sent a manual refund from the bank. AlreadyDecided: it is not one that waits. Forbidden."""
    require_manager(ctx.actor)
    intent, payment, row = _locked(ctx, refund_id)
    if row.way != RefundWay.MANUAL or row.state != MoveState.PENDING:
        raise AlreadyDecided()
    apply(ctx, refund_id, Movement(State.SUCCEEDED, receipt=receipt))
    audit.record(ctx, action="payment.refund_finished", object=("payment", payment.id), receipt=receipt[:100])
    return queries.refund_view(row, payment, intent)


def send(database: Database, tenant_id: UUID, refund_id: UUID) -> None:
    """Ask the provider to give money back, at most once in all. Safe to repeat."""
    actor = system_actor(tenant_id)
    with database.write(actor) as ctx:
        _, payment, row = _locked(ctx, refund_id)
        if row.state not in (MoveState.CREATED, MoveState.SENDING) or row.way != RefundWay.GATEWAY:
            return
        if row.sent_at is not None:
            if ctx.now - row.sent_at >= SENT_WITHIN:
                apply(ctx, refund_id, Movement(State.UNKNOWN, code="interrupted"))
            return
        found, ask = asking.of_payment(ctx, payment), _ask(row, payment)
        if found is None:
            apply(ctx, refund_id, Movement(State.FAILED, code="account", reason="misconfigured"))
            return
        row.sent_at, row.state = ctx.now, MoveState.SENDING
    moved = _sent(found, ask, refund_id)
    with database.write(actor) as ctx:
        if moved is None and _put_off(ctx, refund_id):
            return
        apply(ctx, refund_id, moved or Movement(State.FAILED, code="unreachable", reason="unreachable"))


def ask_state(database: Database, tenant_id: UUID, refund_id: UUID, *, told: Movement | None = None) -> None:
    """Ask the provider how a refund stands. `told`: what its callback says, taken where the provider cannot tell."""
    actor = system_actor(tenant_id)
    with database.read(actor) as view:
        row = queries.get(view, Refund, refund_id)
        payment = queries.get(view, Payment, row.payment_id)
        if row.state not in OPEN or row.sent_at is None:
            return
        found, ask, provider_ref = asking.of_payment(view, payment), _ask(row, payment), row.provider_ref
    moved = _asked(found, ask, provider_ref)
    if told is not None and moved.state in (State.UNKNOWN, State.PENDING):
        moved = told
    with database.write(actor) as ctx:
        _locked(ctx, refund_id)[2].polls += 1
        apply(ctx, refund_id, moved)


def apply(ctx: WriteCtx, refund_id: UUID, moved: Movement) -> Refund:
    """Take a provider's word for how a refund stands. Safe to repeat."""
    intent, payment, row = _locked(ctx, refund_id)
    if row.state not in OPEN:
        return row
    row.provider_ref = moved.provider_ref[:255] or row.provider_ref
    row.receipt, row.code = moved.receipt[:255] or row.receipt, moved.code[:120]
    if moved.state is State.SUCCEEDED:
        _settled(ctx, intent, payment, row)
    elif moved.state in (State.FAILED, State.REVERSED):
        _failed(ctx, intent, payment, row, moved)
    else:
        row.state = MoveState.PENDING if moved.state is State.PENDING else MoveState.UNKNOWN
        _plan(ctx, payment, row)
    ctx.session.flush()
    return row


def settle_waiting(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, status: Status) -> bool:
    """Whether "reversed" is only our own refund of all that was left, done at last; then it is settled here."""
    wanted = select(Refund.id).where(
        Refund.payment_id == payment.id, Refund.way == RefundWay.GATEWAY, Refund.state.in_(OPEN)
    )
    waiting = list(ctx.session.execute(wanted.order_by(Refund.id)).scalars())
    rows = [queries.get(ctx, Refund, each) for each in waiting]
    if not rows or payment.refunded + sum(row.amount for row in rows) < payment.amount:
        return False
    for row in rows:
        apply(ctx, row.id, Movement(State.SUCCEEDED, receipt=status.receipt))
    return True


def _settled(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, row: Refund) -> None:
    row.state, row.settled_at, row.next_poll_at = MoveState.SUCCEEDED, ctx.now, None
    payment.refunded = min(payment.amount, payment.refunded + row.amount)
    whole = payment.refunded == payment.amount
    to = PaymentState.REFUNDED if whole else PaymentState.PARTIALLY_REFUNDED
    if payment.state in REFUNDABLE and may_move(PaymentState(payment.state), to):
        payment.state = to
    payment.updated_at = ctx.now
    ctx.session.flush()
    out_of = postings.clearing(None if row.way == RefundWay.MANUAL else payment.account_id)
    if row.way == RefundWay.PAYOUT:
        out_of = postings.clearing(payouts.account_of(ctx, ("refund", row.id)))
    postings.refunded(ctx, row, payment, out_of=out_of)
    if payment.surplus and whole:
        _surplus_returned(ctx, payment)
    ctx.emit(RefundSettled(**settling.fact(intent, payment, at=ctx.now, amount=row.amount), refund_id=row.id))


def _failed(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, row: Refund, moved: Movement) -> None:
    row.state, row.settled_at, row.next_poll_at = MoveState.FAILED, ctx.now, None
    row.detail = moved.reason
    ctx.session.flush()
    notice = telling.to_finance(ctx, "payments.refund_failed", reference=payment.reference)
    ctx.emit(
        RefundFailed(**settling.fact(intent, payment, at=ctx.now, amount=row.amount), refund_id=row.id, notice=notice)
    )


def _plan(ctx: WriteCtx, payment: Payment, row: Refund) -> None:
    if row.way != RefundWay.GATEWAY:
        return
    row.next_poll_at = polling.next_doubt(polls=row.polls, begun_at=row.sent_at or row.created_at, now=ctx.now)
    if row.next_poll_at is not None:
        ctx.enqueue(names.ASK_REFUND, delay=row.next_poll_at - ctx.now, refund_id=str(row.id))
    elif payment.account_id is not None:
        telling.note(
            ctx, MismatchKind.UNDECIDED, account_id=payment.account_id, payment_id=payment.id,
            about=f"refund:{row.id}", ours={"refund": str(row.id), "amount": row.amount}, theirs={"state": None},
        )  # fmt: skip


def _wanted(payment: Payment, amount: Money | int | None) -> int | None:
    if isinstance(amount, Money):
        if amount.currency != payment.currency:
            raise Invalid(f"The payment was in {payment.currency}: its refund is, too.")
        return amount.amount
    return amount


def _way(ctx: ReadCtx, intent: PaymentIntent, payment: Payment, asked: int) -> RefundWay:
    able = settling.capabilities_of(ctx, payment.gateway)
    has_charge = payment.account_id is not None and bool(payment.provider_ref or payment.receipt)
    whole = asked == payment.amount
    if has_charge and (able.refunds == "partial" or (able.refunds == "full" and whole)):
        return RefundWay.GATEWAY
    if _phone(ctx, intent, payment) and payouts.account_for(ctx, currency=payment.currency, mode=payment.mode):
        return RefundWay.PAYOUT
    return RefundWay.MANUAL


def _by_payout(ctx: WriteCtx, intent: PaymentIntent, payment: Payment, row: Refund) -> None:
    row.state = MoveState.PENDING
    try:
        payouts.queue(
            ctx, purpose=("refund", row.id), phone=_phone(ctx, intent, payment),
            name=intents.payer_of(ctx, intent).name, amount=queries.money(row.amount, row.currency),
            remarks=f"Refund {payment.reference}", key=f"refund:{row.id}",
            account_id=payouts.account_for(ctx, currency=payment.currency, mode=payment.mode),
        )  # fmt: skip
    except MethodUnavailable:
        row.way = RefundWay.MANUAL


def _phone(ctx: ReadCtx, intent: PaymentIntent, payment: Payment) -> str:
    given: str = sealing.unseal(ctx, sealing.PERSON, payment.sealed_phone) or intents.payer_of(ctx, intent).phone
    return given


def _still_aside(ctx: ReadCtx, payment: Payment) -> bool:
    row = queries.find(ctx, Deposit, Deposit.payment_id == payment.id, Deposit.kind == DepositKind.SURPLUS)
    return row is not None and row.state == DepositState.UNMATCHED


def _surplus_returned(ctx: WriteCtx, payment: Payment) -> None:
    whose = (Deposit.payment_id == payment.id, Deposit.kind == DepositKind.SURPLUS)
    row = queries.find(ctx, Deposit, *whose, lock=True)
    if row is not None and row.state == DepositState.UNMATCHED:
        row.state, row.decided_at, row.note = DepositState.RETURNED, ctx.now, "refunded"


def _locked(ctx: WriteCtx, refund_id: UUID) -> tuple[PaymentIntent, Payment, Refund]:
    payment_id = queries.get(ctx, Refund, refund_id).payment_id
    intent, payment = queries.locked(ctx, payment_id)
    return intent, payment, queries.get(ctx, Refund, refund_id, lock=True)


def _ask(row: Refund, payment: Payment) -> RefundAsk:
    return RefundAsk(
        key=row.id.hex, provider_ref=payment.provider_ref, receipt=payment.receipt or "",
        reference=payment.reference, paid=queries.money(payment.amount, payment.currency),
        amount=queries.money(row.amount, row.currency), reason=row.reason,
    )  # fmt: skip


def _put_off(ctx: WriteCtx, refund_id: UUID) -> bool:
    """Send it again in a while; False when that was tried often enough."""
    row = _locked(ctx, refund_id)[2]
    if row.polls >= MOST_TRIES:
        return False
    row.polls, row.sent_at, row.state = row.polls + 1, None, MoveState.CREATED
    ctx.enqueue(names.SEND_REFUND, delay=TRY_AGAIN * row.polls, refund_id=str(refund_id))
    return True


def _sent(found: Opened, ask: RefundAsk, refund_id: UUID) -> Movement | None:
    """The provider's answer; None: nothing moved, and the same call may succeed later."""
    try:
        return found.gateway.refund(found.account, ask)
    except GatewayError as error:
        if error.retryable:
            return None
        return Movement(State.FAILED, code=error.code, reason=error.reason)
    except Uncertain as error:
        log.warning("payments.refund_uncertain", refund_id=str(refund_id), error=repr(error))
        return Movement(State.UNKNOWN, code="uncertain")
    except Exception:
        log.exception("payments.refund_broken", refund_id=str(refund_id))
        return Movement(State.UNKNOWN, code="broken")


def _asked(found: Opened | None, ask: RefundAsk, provider_ref: str) -> Movement:
    if found is None:
        return Movement(State.UNKNOWN, code="account")
    try:
        return found.gateway.refund_status(found.account, ask, provider_ref)
    except (GatewayError, Uncertain) as error:
        return Movement(State.UNKNOWN, code=getattr(error, "code", ""))
    except Exception:
        log.exception("payments.refund_ask_failed", gateway=found.gateway.name)
        return Movement(State.UNKNOWN)
