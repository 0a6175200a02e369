"""`/cart`: what the caller is about to buy, and ordering it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.errors import AlreadyYours, CartEmpty, CartItemNotFound, PriceChanged, TooMuch
from lms_core.commerce.orders.schemas import (
    CartChange,
    CartItemChange,
    CartItemIn,
    CartView,
    CheckoutIn,
    Key,
    OrderView,
)
from lms_core.commerce.payments.errors import IdempotencyConflict
from lms_core.commerce.products.errors import CouponNotFor, CouponNotFound, CouponUsedUp, NoPrice, ProductNotFound
from lms_core.kit.errors import Invalid, Unauthenticated

router = APIRouter(prefix="/cart", tags=["shop"])

IdempotencyKey = Annotated[Key, Header(alias="Idempotency-Key", description="Unique for this order; again: the same")]


@router.get("", response_model=CartView, responses=errors(Unauthenticated))
def read(ctx: Reading) -> CartView:
    """The cart as it would be ordered now."""
    return orders.cart(ctx)


@router.patch(
    "", response_model=CartView, responses=errors(Unauthenticated, CouponNotFound, CouponNotFor, Invalid, TooMuch)
)
def change(ctx: Writing, change: CartChange) -> CartView:
    """Choose the currency, or a coupon."""
    return orders.change(ctx, change=change)


@router.post(
    "/items", response_model=CartView, responses=errors(Unauthenticated, ProductNotFound, NoPrice, Invalid, TooMuch)
)
def add(ctx: Writing, item: CartItemIn) -> CartView:
    """Put something into the cart; again: so many of it."""
    return orders.add(ctx, item=item)


@router.patch(
    "/items/{item_id}", response_model=CartView, responses=errors(Unauthenticated, CartItemNotFound, Invalid, TooMuch)
)
def change_item(ctx: Writing, item_id: UUID, change: CartItemChange) -> CartView:
    """Say how many of it, and for whom."""
    return orders.change_item(ctx, item_id, change=change)


@router.delete("/items/{item_id}", response_model=CartView, responses=errors(Unauthenticated, CartItemNotFound))
def remove(ctx: Writing, item_id: UUID) -> CartView:
    """Take something out of the cart."""
    return orders.remove_item(ctx, item_id)


@router.post("/accept", response_model=CartView, responses=errors(Unauthenticated))
def accept_prices(ctx: Writing) -> CartView:
    """Take the prices of now, and what is no longer sold out of the cart."""
    return orders.accept_prices(ctx)


@router.post(
    "/checkout",
    status_code=201,
    response_model=OrderView,
    responses=errors(
        Unauthenticated,
        CartEmpty,
        PriceChanged,
        AlreadyYours,
        ProductNotFound,
        CouponNotFound,
        CouponNotFor,
        CouponUsedUp,
        IdempotencyConflict,
        TooMuch,
    ),
)
def place(ctx: Writing, checkout: CheckoutIn, key: IdempotencyKey) -> OrderView:
    """Order what is in the cart, at the prices it shows: another price is refused with the old and the new one."""
    return orders.place(ctx, checkout=checkout, key=key)
