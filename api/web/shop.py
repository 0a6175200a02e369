"""The shop as learners see it: prices, the cart, their orders, gifts, and links of those who send buyers."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.cookies import keep
from api.deps import Reading, RuntimeDep, VisitorReading, VisitorWriting, Writing
from api.web.refusals import errors_told
from api.web.rendering import local_path, page, redirect, words
from api.web.undoing import undo
from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.errors import PriceChanged
from lms_core.commerce.orders.schemas import CartChange, CartItemChange, CartItemIn, CheckoutIn, GiftSend
from lms_core.commerce.products import service as products
from lms_core.commerce.products.errors import AffiliateNotFound
from lms_core.commerce.products.models import ProductKind
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.ids import new_token
from lms_core.kit.money import Currency

router = APIRouter(include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]
Line = Annotated[str, Form(max_length=20_000)]
VIA_COOKIE = "mwalimu_via"
DAY = 24 * 3600


@router.get("/pricing")
def pricing(request: Request, ctx: VisitorReading, cursor: Cursor = "") -> Response:
    """What is for sale, newest first; four statements, and three for who has a plan (two more for each further one)."""
    found = products.browse(ctx, cursor=cursor)
    sold = [each.subject_id for each in found.items if each.kind == ProductKind.COURSE and each.subject_id is not None]
    return page(request, ctx.actor, "shop/pricing.html", found=found, covered=subscriptions.covered(ctx, sold))


@router.get("/via/{code}")
def via(
    ctx: VisitorWriting, runtime: RuntimeDep, code: str, to: Annotated[str, Query(max_length=300)] = ""
) -> Response:
    """The link of somebody who sends buyers: remembered, then on to the page it is of."""
    response = redirect(local_path(to, otherwise="/pricing"))
    try:
        affiliate = products.attribute(ctx, code[:40])
    except AffiliateNotFound:  # an old link still leads somewhere
        return response
    keep(response, runtime, VIA_COOKIE, affiliate.code, seconds=affiliate.window_days * DAY)
    return response


@router.get("/cart")
def cart(request: Request, ctx: Reading) -> Response:
    """The cart as it would be ordered now; nine statements at most."""
    return _cart_page(request, ctx)


@router.post("/cart/add")
def add(
    request: Request,
    ctx: Writing,
    product_id: Annotated[UUID, Form()],
    quantity: Annotated[int, Form()] = 1,
    for_others: Line = "",
    recipients: Line = "",
    message: Line = "",
) -> Response:
    """Put something into the cart."""
    try:
        given = {"quantity": quantity, "recipients": recipients.split(), "message": message}
        item = CartItemIn.model_validate({"product_id": product_id, "for_others": bool(for_others), **given})
        orders.add(ctx, item=item)
    except (ValidationError, DomainError) as error:
        return _cart_page(request, ctx, error=error)
    return redirect("/cart")


@router.post("/cart/items/{item_id}")
def change_item(
    request: Request,
    ctx: Writing,
    item_id: UUID,
    action: Line = "",
    quantity: Line = "1",
    recipients: Line = "",
    message: Line = "",
) -> Response:
    """Change how many and for whom, or take it out."""
    try:
        if action == "remove":
            orders.remove_item(ctx, item_id)
        else:
            given = {"quantity": quantity, "recipients": recipients.split(), "message": message}
            orders.change_item(ctx, item_id, change=CartItemChange.model_validate(given))
    except (ValidationError, DomainError) as error:
        return _cart_page(request, ctx, error=error)
    return redirect("/cart")


@router.post("/cart/change")
def change(request: Request, ctx: Writing, coupon: Line = "", currency: Line = "") -> Response:
    """Use a code, or another currency."""
    try:
        orders.change(ctx, change=CartChange.model_validate({"coupon": coupon, "currency": currency or None}))
    except (ValidationError, DomainError) as error:
        return _cart_page(request, ctx, error=error, coupon=coupon)
    return redirect("/cart")


@router.post("/cart/accept")
def accept(ctx: Writing) -> Response:
    """Take the prices of now."""
    orders.accept_prices(ctx)
    return redirect("/cart")


@router.post("/cart/checkout")
def place(request: Request, ctx: Writing, key: Annotated[str, Form(min_length=8, max_length=100)]) -> Response:
    """Order what is in the cart; a changed price is shown first."""
    checkout = CheckoutIn(affiliate=request.cookies.get(VIA_COOKIE, "")[:40])
    try:
        order = orders.place(ctx, checkout=checkout, key=key)
    except PriceChanged:
        return _cart_page(request, ctx, status=409)
    except DomainError as error:
        return _cart_page(request, ctx, error=error)
    return redirect(f"/checkout/{order.id}")


@router.get("/orders")
def list_orders(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """One's orders, newest first; two statements."""
    return page(request, ctx.actor, "shop/orders.html", found=orders.mine(ctx, cursor=cursor))


@router.get("/orders/{order_id}")
def order(request: Request, ctx: Reading, order_id: UUID) -> Response:
    """An order with its lines, gifts and what it opened; eight statements at most."""
    return page(request, ctx.actor, "shop/order.html", order=orders.access_order(ctx, order_id), errors={})


@router.post("/orders/{order_id}/cancel")
def cancel(ctx: Writing, order_id: UUID) -> Response:
    """Give up an open order."""
    orders.cancel(ctx, order_id)
    return redirect(f"/orders/{order_id}", notice="order-cancelled")


@router.post("/orders/{order_id}/gifts/{gift_id}")
def send_gift(request: Request, ctx: Writing, order_id: UUID, gift_id: UUID, email: Line = "") -> Response:
    """Say whom a seat is for."""
    try:
        orders.send_gift(ctx, gift_id, email=GiftSend.model_validate({"email": email}).email)
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        status = getattr(error, "status", 422)
        seen = orders.access_order(ctx, order_id)
        return page(request, ctx.actor, "shop/order.html", status=status, order=seen, errors=told)
    return redirect(f"/orders/{order_id}#gifts", notice="letter-sent")


@router.get("/gifts")
def gift(
    request: Request, ctx: VisitorReading, token: Annotated[str, Query(min_length=20, max_length=100)]
) -> Response:
    """What the letter's link opens: who gives what; four statements."""
    return page(request, ctx.actor, "shop/gift.html", gift=orders.gift(ctx, token=token), token=token)


@router.post("/gifts")
def claim(request: Request, ctx: Writing, token: Annotated[str, Form(min_length=20, max_length=100)]) -> Response:
    """Take the gift."""
    return page(request, ctx.actor, "shop/gift.html", gift=orders.claim(ctx, token=token), token=token)


def _cart_page(
    request: Request,
    ctx: ReadCtx,
    *,
    error: ValidationError | DomainError | None = None,
    status: int = 0,
    **values: Any,
) -> Response:
    told = errors_told(words(request, ctx.actor), error) if error is not None else {}
    if error is not None:
        undo(ctx)
    return page(
        request,
        ctx.actor,
        "shop/cart.html",
        status=status or (getattr(error, "status", 422) if error is not None else 200),
        cart=orders.cart(ctx),
        errors={"": next(iter(told.values()))} if told else {},
        values=values,
        currencies=list(Currency),
        key=new_token(),
    )
