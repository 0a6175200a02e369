"""What a cart comes to now: the same sums for showing it and for ordering it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lms_core.commerce.orders import queries
from lms_core.commerce.orders.errors import TooMuch
from lms_core.commerce.products import service as products
from lms_core.commerce.products.amounts import Amounts, Discount, Item, lines
from lms_core.commerce.products.errors import CouponNotFor
from lms_core.commerce.products.schemas import CouponView, ProductView
from lms_core.kit.context import ReadCtx
from lms_core.kit.money import MAX_AMOUNT, Currency


@dataclass(frozen=True, slots=True)
class Wanted:
    """A product somebody wants. `seen`: the price they were shown, when that was another one."""

    item_id: UUID
    product: ProductView
    unit: int
    quantity: int
    for_others: bool
    recipients: tuple[str, ...]
    message: str
    seen: int


def priced(wanted: Sequence[Wanted], coupon: CouponView | None) -> list[Amounts]:
    """What each comes to. TooMuch beyond what money is counted in."""
    if any(each.unit * each.quantity > MAX_AMOUNT for each in wanted):
        raise TooMuch()
    items = [
        Item(
            unit=each.unit,
            quantity=each.quantity,
            rate=each.product.tax_rate,
            inclusive=each.product.tax_inclusive,
            reduced=coupon is None or not coupon.products or each.product.id in coupon.products,
        )
        for each in wanted
    ]
    off = None
    if coupon is not None:
        off = Discount(basis_points=coupon.basis_points, amount=coupon.amount or 0)
    found = lines(items, off)
    if sum(each.total for each in found) > MAX_AMOUNT:
        raise TooMuch()
    return found


def coupon_for(
    ctx: ReadCtx, code: str, *, wanted: Sequence[Wanted], currency: Currency, user_id: UUID
) -> CouponView | None:
    """The coupon, if it takes something off this. CouponNotFound, CouponNotFor. Three statements at most."""
    if not code:
        return None
    found = products.find_coupon(ctx, code)
    if found.currency is not None and found.currency != currency:
        raise CouponNotFor(f"The code is for prices in {found.currency}. Choose that currency, or go on without it.")
    if found.products and not any(each.product.id in found.products for each in wanted):
        raise CouponNotFor("The code is for other products. Put one of them into the cart, or go on without it.")
    if found.first_purchase and queries.has_bought(ctx, user_id):
        raise CouponNotFor("The code is for a first purchase. Go on without it.")
    return found
