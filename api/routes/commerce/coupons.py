"""`/finance/coupons`: codes that take something off. Buyers use them in their cart."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.commerce.products import service as products
from lms_core.commerce.products.errors import CodeTaken, CouponNotFound
from lms_core.commerce.products.schemas import CouponChange, CouponIn, CouponView
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import Page

router = APIRouter(tags=["shop"])

Cursor = Annotated[str, Query(max_length=600)]


@router.get("/finance/coupons", response_model=Page[CouponView], responses=errors(Unauthenticated, Forbidden, Invalid))
def list_all(ctx: Reading, cursor: Cursor = "") -> Page[CouponView]:
    """Every coupon with how often it was used, newest first."""
    return products.coupons(ctx, cursor=cursor)


@router.post(
    "/finance/coupons",
    status_code=201,
    response_model=CouponView,
    responses=errors(Unauthenticated, Forbidden, CodeTaken, Invalid),
)
def create(ctx: Writing, coupon: CouponIn) -> CouponView:
    """A new coupon."""
    return products.add_coupon(ctx, coupon=coupon)


@router.patch(
    "/finance/coupons/{coupon_id}",
    response_model=CouponView,
    responses=errors(Unauthenticated, Forbidden, CouponNotFound, Invalid),
)
def change(ctx: Writing, coupon_id: UUID, change: CouponChange) -> CouponView:
    """Stop a coupon, let it work longer or more often."""
    return products.change_coupon(ctx, coupon_id, change=change)
