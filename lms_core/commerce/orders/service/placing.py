"""Ordering what is in the cart; cancelling it; letting it expire. From here on the amounts are frozen."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from lms_core.commerce.orders import queries
from lms_core.commerce.orders.errors import CartEmpty, NotCancellable, OrderNotFound, PriceChanged
from lms_core.commerce.orders.models import LineItem, Order
from lms_core.commerce.orders.schemas import CheckoutIn, OrderView
from lms_core.commerce.orders.service import carts, owning, reading, settling
from lms_core.commerce.orders.service.pricing import Wanted, coupon_for, priced
from lms_core.commerce.orders.transitions import OrderState, require
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import IdempotencyConflict
from lms_core.commerce.payments.gateways.port import Payer
from lms_core.commerce.products import service as products
from lms_core.commerce.products.amounts import Amounts
from lms_core.commerce.products.errors import ProductNotFound
from lms_core.commerce.products.service.contents import Opens
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency, Money
from lms_core.kit.permissions import Permission
from lms_core.learning.enrolments import service as enrolments

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing in it is taken for something else
NUMBER_LENGTH = 8
OPEN_FOR = timedelta(hours=24)


def place(ctx: WriteCtx, *, checkout: CheckoutIn, key: str) -> OrderView:
    """Order what is in the actor's cart, and empty it. The same key again: the same order.

    PriceChanged (nothing is ordered, the buyer is asked), CartEmpty, ProductNotFound, AlreadyYours, CouponNotFound,
    CouponNotFor, CouponUsedUp, TooMuch, IdempotencyConflict. What costs nothing is paid at once.
    """
    user_id = enrolments.learner_of(ctx)
    cart = queries.locked_cart(ctx, user_id)
    fingerprint = hashlib.sha256(checkout.model_dump_json().encode()).hexdigest()
    known = queries.with_key(ctx, buyer_id=user_id, key=key)
    if known is not None:
        if known.fingerprint != fingerprint:
            raise IdempotencyConflict()
        return reading.view(ctx, known)
    wanted, gone = carts.resolve(ctx, cart) if cart is not None else ([], [])
    if cart is None or not (wanted or gone):
        raise CartEmpty()
    if gone:
        raise ProductNotFound()
    _require_same_prices(wanted, Currency(cart.currency))
    inside = products.opens(ctx, [each.product.id for each in wanted])
    own = [(each.product.title, inside.get(each.product.id, Opens())) for each in wanted if not each.for_others]
    parts = [owning.Part(title, frozenset(opened.course_ids), frozenset(opened.fee_ids)) for title, opened in own]
    owning.require_new(ctx, parts, user_id=user_id)
    coupon = coupon_for(ctx, cart.coupon_code, wanted=wanted, currency=Currency(cart.currency), user_id=user_id)
    amounts = priced(wanted, coupon)
    order = Order(
        id=new_id(),
        number=_number(ctx),
        buyer_id=user_id,
        currency=Currency(cart.currency),
        gross=sum(each.gross for each in amounts),
        discount=sum(each.discount for each in amounts),
        net=sum(each.net for each in amounts),
        tax=sum(each.tax for each in amounts),
        total=sum(each.total for each in amounts),
        coupon_id=coupon.id if coupon is not None else None,
        coupon_code=coupon.code if coupon is not None else "",
        affiliate_id=products.find_affiliate(ctx, code=checkout.affiliate, user_id=user_id),
        key=key,
        fingerprint=fingerprint,
        created_at=ctx.now,
        expires_at=ctx.now + OPEN_FOR,
    )
    if coupon is not None:
        products.use_coupon(ctx, coupon.id, subject_id=order.id, user_id=user_id)
    ctx.add(order)
    ctx.session.add_all(_line(order, at, *each, inside) for at, each in enumerate(zip(wanted, amounts, strict=True)))
    ctx.session.flush()
    carts.empty(ctx, cart)
    if order.total == 0:
        settling.close_paid(ctx, order, payment_id=None)
    else:
        _ask_for_money(ctx, order)
    return reading.view(ctx, order)


def cancel(ctx: WriteCtx, order_id: UUID) -> OrderView:
    """Give up an open order; its coupon can be used again. OrderNotFound, NotCancellable."""
    order = queries.locked(ctx, order_id)
    if order.buyer_id != ctx.actor.user_id and not ctx.actor.may(Permission.FINANCE_MANAGE):
        raise OrderNotFound()
    if order.state != OrderState.OPEN:
        raise NotCancellable(order.state)
    _give_up(ctx, order, OrderState.CANCELLED)
    if order.intent_id is not None:
        payments.cancel(ctx, order.intent_id)
    return reading.view(ctx, order)


def expire(ctx: WriteCtx, order_id: UUID) -> None:
    """Close an order that nobody paid in time. Safe to repeat; money that comes after all still settles it."""
    order = queries.locked(ctx, order_id)
    if order.state == OrderState.OPEN and order.expires_at <= ctx.now:
        _give_up(ctx, order, OrderState.EXPIRED)


def due(ctx: ReadCtx, *, limit: int = 200) -> list[UUID]:
    """Open orders whose time is over, in every institution the context reaches. One statement."""
    wanted = select(col(Order.id)).where(col(Order.state) == OrderState.OPEN, col(Order.expires_at) <= ctx.now)
    return list(ctx.session.execute(wanted.order_by(col(Order.expires_at)).limit(limit)).scalars())


def _give_up(ctx: WriteCtx, order: Order, state: OrderState) -> None:
    order.state, order.closed_at = require(OrderState(order.state), state), ctx.now
    ctx.session.flush()
    if order.coupon_id is not None:
        products.release_coupon(ctx, order.coupon_id, subject_id=order.id)


def _ask_for_money(ctx: WriteCtx, order: Order) -> None:
    buyer = accounts.person(ctx, user_id=order.buyer_id)
    intent = payments.open_intent(
        ctx,
        purpose=("order", order.id),
        amount=Money(amount=order.total, currency=Currency(order.currency)),
        payer_id=order.buyer_id,
        payer=Payer(email=buyer.email, name=buyer.full_name),
        description=f"Mwalimu {order.number}",
        key=f"order:{order.id}",
        return_url=f"/checkout/{order.id}",
        expires_in=OPEN_FOR,
    )
    order.intent_id = intent.id
    ctx.session.flush()


def _line(order: Order, position: int, wanted: Wanted, sums: Amounts, inside: dict[UUID, Opens]) -> LineItem:
    opened = inside.get(wanted.product.id, Opens())
    return LineItem(
        order_id=order.id,
        position=position,
        product_id=wanted.product.id,
        kind=wanted.product.kind,
        title=wanted.product.title,
        unit=wanted.unit,
        quantity=wanted.quantity,
        discount=sums.discount,
        net=sums.net,
        tax=sums.tax,
        tax_rate=wanted.product.tax_rate,
        tax_inclusive=wanted.product.tax_inclusive,
        total=sums.total,
        on_reversal=wanted.product.on_reversal,
        for_others=wanted.for_others,
        recipients=list(wanted.recipients),
        message=wanted.message,
        opens={
            "courses": [str(each) for each in opened.course_ids],
            "in_paths": [str(each) for each in opened.in_path_ids],
            "paths": [str(each) for each in opened.path_ids],
            "fees": [str(each) for each in opened.fee_ids],
        },
    )


def _require_same_prices(wanted: Sequence[Wanted], currency: Currency) -> None:
    changes = [
        {
            "product_id": str(each.product.id),
            "title": each.product.title,
            "old": {"amount": each.seen, "currency": currency},
            "new": {"amount": each.unit, "currency": currency},
        }
        for each in wanted
        if each.seen != each.unit
    ]
    if changes:
        raise PriceChanged(changes)


def _number(ctx: ReadCtx) -> str:
    """A number that no other order here has. It tells nobody how many there are."""
    while True:
        number = "".join(secrets.choice(ALPHABET) for _ in range(NUMBER_LENGTH))
        if ctx.session.execute(select(col(Order.id)).where(col(Order.number) == number)).first() is None:
            return number
