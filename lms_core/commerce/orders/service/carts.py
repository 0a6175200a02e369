"""The cart: what somebody is about to buy, and what it comes to now."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from lms_core.commerce.orders import queries
from lms_core.commerce.orders.errors import CartItemNotFound, TooMuch
from lms_core.commerce.orders.models import Cart, CartItem
from lms_core.commerce.orders.schemas import (
    MOST_ITEMS,
    CartChange,
    CartItemChange,
    CartItemIn,
    CartLine,
    CartView,
)
from lms_core.commerce.orders.service.pricing import Wanted, coupon_for, priced
from lms_core.commerce.products import service as products
from lms_core.commerce.products.errors import NoPrice
from lms_core.commerce.products.models import ProductKind
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import DomainError, Invalid
from lms_core.kit.money import Currency
from lms_core.learning.enrolments.service import learner_of


def view(ctx: ReadCtx) -> CartView:
    """The actor's cart, as it would be ordered now. Nine statements at most, one when there is none."""
    user_id = learner_of(ctx)
    row = queries.cart(ctx, user_id)
    if row is None:
        return CartView(currency=Currency.KES)
    wanted, gone = resolve(ctx, row)
    coupon, problem = None, ""
    try:
        coupon = coupon_for(ctx, row.coupon_code, wanted=wanted, currency=row.currency, user_id=user_id)
    except DomainError as error:
        problem = error.detail
    amounts = priced(wanted, coupon)
    shown = tuple(
        CartLine(
            id=each.item_id,
            product_id=each.product.id,
            kind=each.product.kind,
            title=each.product.title,
            unit=each.unit,
            quantity=each.quantity,
            discount=sums.discount,
            net=sums.net,
            tax=sums.tax,
            tax_rate=each.product.tax_rate,
            tax_inclusive=each.product.tax_inclusive,
            total=sums.total,
            for_others=each.for_others,
            recipients=each.recipients,
            seen=each.seen if each.seen != each.unit else None,
        )
        for each, sums in zip(wanted, amounts, strict=True)
    )
    return CartView(
        currency=row.currency,
        lines=shown,
        coupon=row.coupon_code,
        coupon_problem=problem,
        gross=sum(each.gross for each in amounts),
        discount=sum(each.discount for each in amounts),
        net=sum(each.net for each in amounts),
        tax=sum(each.tax for each in amounts),
        total=sum(each.total for each in amounts),
        gone=tuple(gone),
        changed=any(each.seen is not None for each in shown),
    )


def add(ctx: WriteCtx, *, item: CartItemIn) -> CartView:
    """Put something into the actor's cart; again: so many of it. ProductNotFound, NoPrice, Invalid, TooMuch."""
    product = products.access_product(ctx, item.product_id)
    if product.kind == ProductKind.PLAN:
        raise Invalid("A plan is subscribed to, not put into a cart. Choose it on the page of the plans.")
    for_others = item.for_others or product.kind == ProductKind.SEAT
    _check_people(item.quantity, item.recipients, for_others=for_others)
    cart = _own(ctx)
    price = product.price(cart.currency)
    items = queries.items_of(ctx, cart.id)
    if price is None and not items and product.prices:  # the first thing in the cart says which currency is paid in
        price = product.prices[0]
        cart.currency = price.currency
    if price is None:
        raise NoPrice(product.title, cart.currency)
    known = next((each for each in items if (each.product_id, each.for_others) == (product.id, for_others)), None)
    if known is None and len(items) >= MOST_ITEMS:
        raise TooMuch()
    row = known or CartItem(
        cart_id=cart.id, product_id=product.id, for_others=for_others, seen=price.amount, added_at=ctx.now
    )
    row.quantity, row.recipients, row.message = item.quantity, list(item.recipients), item.message
    row.seen = price.amount
    cart.updated_at = ctx.now
    ctx.add(row)
    ctx.session.flush()
    return view(ctx)


def change_item(ctx: WriteCtx, item_id: UUID, *, change: CartItemChange) -> CartView:
    """Say how many of it and for whom; what is left out stays. CartItemNotFound, Invalid, TooMuch."""
    cart = _own(ctx)
    row = next((each for each in queries.items_of(ctx, cart.id) if each.id == item_id), None)
    if row is None:
        raise CartItemNotFound()
    quantity = row.quantity if change.quantity is None else change.quantity
    recipients = row.recipients if change.recipients is None else list(change.recipients)
    _check_people(quantity, recipients, for_others=row.for_others)
    row.quantity, row.recipients = quantity, recipients
    row.message = row.message if change.message is None else change.message
    cart.updated_at = ctx.now
    ctx.session.flush()
    return view(ctx)


def remove_item(ctx: WriteCtx, item_id: UUID) -> CartView:
    """Take something out of the cart. CartItemNotFound."""
    cart = _own(ctx)
    gone = ctx.session.execute(
        delete(CartItem)
        .where(col(CartItem.cart_id) == cart.id, col(CartItem.id) == item_id)
        .returning(col(CartItem.id))
    ).first()
    if gone is None:
        raise CartItemNotFound()
    cart.updated_at = ctx.now
    ctx.session.flush()
    return view(ctx)


def change(ctx: WriteCtx, *, change: CartChange) -> CartView:
    """Choose the currency, or a coupon. CouponNotFound, CouponNotFor."""
    cart = _own(ctx)
    if change.currency is not None and change.currency != cart.currency:
        cart.currency = change.currency
        wanted, _ = resolve(ctx, cart)
        now = {each.item_id: each.unit for each in wanted}
        for item in queries.items_of(ctx, cart.id):  # another currency is asked for on purpose: no price changed
            item.seen = now.get(item.id, item.seen)
    if change.coupon is not None:
        wanted, _ = resolve(ctx, cart)
        found = coupon_for(ctx, change.coupon, wanted=wanted, currency=Currency(cart.currency), user_id=learner_of(ctx))
        cart.coupon_code = found.code if found is not None else ""
    cart.updated_at = ctx.now
    ctx.session.flush()
    return view(ctx)


def accept_prices(ctx: WriteCtx) -> CartView:
    """Take the prices of now for those the actor was shown, and what is no longer sold out of the cart."""
    cart = _own(ctx)
    now = {each.item_id: each.unit for each in resolve(ctx, cart)[0]}
    for item in queries.items_of(ctx, cart.id):
        if item.id in now:
            item.seen = now[item.id]
        else:
            ctx.session.delete(item)
    ctx.session.flush()
    return view(ctx)


def resolve(ctx: ReadCtx, cart: Cart) -> tuple[list[Wanted], list[str]]:
    """What is in a cart at the prices of now, and the titles of what cannot be had in its currency.

    Five statements at most.
    """
    items = queries.items_of(ctx, cart.id)
    known = products.by_id(ctx, (each.product_id for each in items))
    wanted, gone = list[Wanted](), list[str]()
    for item in items:
        product = known.get(item.product_id)
        price = product.price(Currency(cart.currency)) if product is not None and product.active else None
        if product is None or price is None:
            gone.append(product.title if product is not None else "")
            continue
        wanted.append(
            Wanted(
                item_id=item.id,
                product=product,
                unit=price.amount,
                quantity=item.quantity,
                for_others=item.for_others,
                recipients=tuple(item.recipients),
                message=item.message,
                seen=item.seen,
            )
        )
    return wanted, gone


def empty(ctx: WriteCtx, cart: Cart) -> None:
    """Take everything out of a cart that was ordered."""
    ctx.session.execute(delete(CartItem).where(col(CartItem.cart_id) == cart.id))
    cart.coupon_code = ""
    cart.updated_at = ctx.now
    ctx.session.flush()


def _own(ctx: WriteCtx) -> Cart:
    """The actor's cart, held; made when there is none."""
    user_id = learner_of(ctx)
    row = queries.locked_cart(ctx, user_id)
    if row is not None:
        return row
    try:
        with ctx.session.begin_nested():
            return ctx.add(Cart(user_id=user_id, updated_at=ctx.now))
    except IntegrityError:  # another tab made it at this moment, on PostgreSQL
        wanted = select(Cart).where(col(Cart.user_id) == user_id).with_for_update(key_share=True)
        found: Cart = ctx.session.execute(wanted).scalar_one()
        return found


def _check_people(quantity: int, recipients: Sequence[str], *, for_others: bool) -> None:
    if not for_others and (quantity != 1 or recipients):
        raise Invalid("For yourself you buy it once. Choose “for others” to buy it for more people.")
    if len(recipients) > quantity:
        raise Invalid("There are more addresses than seats. Buy more seats, or leave some addresses out.")
    if len(set(recipients)) < len(recipients):
        raise Invalid("An address stands there twice. Leave one of them out.")
