"""Paying for an order, and how that stands: what the checkout shows while a prompt is open on a phone."""

from uuid import UUID

from lms_core.commerce.orders import queries
from lms_core.commerce.orders.errors import NotCancellable, OrderNotFound
from lms_core.commerce.orders.models import Order
from lms_core.commerce.orders.schemas import PayIn, PayingView
from lms_core.commerce.orders.transitions import UNPAID, OrderState
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.schemas import IntentView, MethodIn, MethodView
from lms_core.commerce.payments.transitions import PaymentState
from lms_core.kit.context import Actor, Database, ReadCtx
from lms_core.kit.money import Currency

# What the checkout shows.
CHOOSE, PROMPT, REDIRECT, FAILED, PAID, OPENED, OVER = (
    "choose",
    "prompt",
    "redirect",
    "failed",
    "paid",
    "opened",
    "over",
)


def pay(
    database: Database, actor: Actor, *, order_id: UUID, paying: PayIn, key: str, request_id: str = ""
) -> PayingView:
    """Ask for an order's money by one of the ways to pay. No transaction is open while a provider is asked.

    OrderNotFound, NotCancellable (it is not open any more), BoughtMeanwhile, OtherOrderUnderWay; and what payments
    refuse. What is asked again with its key is not refused.
    """
    with database.read(actor, request_id=request_id) as ctx:
        order = _own(ctx, order_id)
        if order.intent_id is None:
            raise NotCancellable(order.state)
        intent_id = order.intent_id
    payments.pay(
        database,
        actor,
        intent_id=intent_id,
        method=MethodIn(account_id=paying.account_id, phone=paying.phone),
        key=key,
        request_id=request_id,
    )
    with database.read(actor, request_id=request_id) as ctx:
        return access_paying(ctx, order_id)


def access_paying(ctx: ReadCtx, order_id: UUID) -> PayingView:
    """How paying for an order of the actor's stands. OrderNotFound. Three statements."""
    order = _own(ctx, order_id)
    intent = payments.view(ctx, order.intent_id) if order.intent_id is not None and order.state in UNPAID else None
    return _standing(order, intent)


def methods(ctx: ReadCtx, *, currency: Currency, amount: int) -> list[MethodView]:
    """The ways to pay so much. One statement."""
    return payments.methods(ctx, currency=currency, amount=amount)


def payments_of(ctx: ReadCtx, order_id: UUID) -> list[IntentView]:
    """What was asked for an order, for callers who have authorised. Two statements."""
    return payments.of_purpose(ctx, ("order", order_id))


def _own(ctx: ReadCtx, order_id: UUID) -> Order:
    row = queries.order(ctx, order_id)
    if ctx.actor.user_id is None or row.buyer_id != ctx.actor.user_id:
        raise OrderNotFound()
    return row


def _standing(order: Order, intent: IntentView | None) -> PayingView:
    state = OrderState(order.state)
    if state not in UNPAID:
        step = PAID if order.fulfilled_at is None and state == OrderState.PAID else OPENED
        return PayingView(order_id=order.id, state=state, step=step)
    if intent is not None and any(
        each.state == PaymentState.SUCCEEDED and not each.surplus for each in intent.payments
    ):
        return PayingView(order_id=order.id, state=state, step=PAID)  # its event is on the way to us
    live = intent.live if intent is not None else None
    if live is not None:
        return PayingView(
            order_id=order.id,
            state=state,
            step=REDIRECT if live.url else PROMPT,
            message=live.message,
            url=live.url,
            payment_id=live.id,
        )
    if state != OrderState.OPEN:
        return PayingView(order_id=order.id, state=state, step=OVER)
    last = intent.last if intent is not None else None
    if last is None:
        return PayingView(order_id=order.id, state=state, step=CHOOSE)
    return PayingView(
        order_id=order.id, state=state, step=FAILED, reason=last.reason, message=last.message, payment_id=last.id
    )
