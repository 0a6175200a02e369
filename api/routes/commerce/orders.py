"""`/orders`: what the caller bought, paying for it, gifts; `/finance/orders`: everybody's, and refunds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from api.deps import Reading, RuntimeDep, Writing
from api.errors import errors
from api.routes.commerce.cart import IdempotencyKey
from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.errors import (
    BoughtMeanwhile,
    GiftClaimed,
    GiftNotFound,
    NotCancellable,
    NothingToRefund,
    OrderNotFound,
    OtherOrderUnderWay,
)
from lms_core.commerce.orders.schemas import (
    FinanceOrder,
    GiftClaim,
    GiftSend,
    GiftShown,
    GiftView,
    OrderCard,
    OrderFilter,
    OrderView,
    PayIn,
    PayingView,
    RefundIn,
    RefundLine,
)
from lms_core.commerce.orders.transitions import OrderState
from lms_core.commerce.payments.errors import (
    IdempotencyConflict,
    IntentClosed,
    MethodUnavailable,
    NotRefundable,
    PaymentUnderWay,
    PhoneInvalid,
    RefundTooLarge,
)
from lms_core.commerce.payments.schemas import MethodView
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import Page

router = APIRouter(tags=["shop"])

Cursor = Annotated[str, Query(max_length=600)]


@router.get("/orders", response_model=Page[OrderCard], responses=errors(Unauthenticated, Invalid))
def list_mine(ctx: Reading, cursor: Cursor = "") -> Page[OrderCard]:
    """The caller's orders, newest first."""
    return orders.mine(ctx, cursor=cursor)


@router.get("/orders/{order_id}", response_model=OrderView, responses=errors(Unauthenticated, OrderNotFound))
def read(ctx: Reading, order_id: UUID) -> OrderView:
    """An order of the caller's."""
    return orders.access_order(ctx, order_id)


@router.post(
    "/orders/{order_id}/cancel",
    response_model=OrderView,
    responses=errors(Unauthenticated, OrderNotFound, NotCancellable, IntentClosed),
)
def cancel(ctx: Writing, order_id: UUID) -> OrderView:
    """Give up an open order."""
    return orders.cancel(ctx, order_id)


@router.get(
    "/orders/{order_id}/methods", response_model=list[MethodView], responses=errors(Unauthenticated, OrderNotFound)
)
def list_methods(ctx: Reading, order_id: UUID) -> list[MethodView]:
    """The ways to pay for an order of the caller's."""
    order = orders.access_order(ctx, order_id)
    return orders.methods(ctx, currency=order.currency, amount=order.total)


@router.get("/orders/{order_id}/payment", response_model=PayingView, responses=errors(Unauthenticated, OrderNotFound))
def read_paying(ctx: Reading, order_id: UUID) -> PayingView:
    """How paying for an order stands: asked every few seconds while a prompt is open on a phone."""
    return orders.access_paying(ctx, order_id)


@router.post(
    "/orders/{order_id}/payment",
    response_model=PayingView,
    responses=errors(
        Unauthenticated,
        OrderNotFound,
        NotCancellable,
        BoughtMeanwhile,
        OtherOrderUnderWay,
        IntentClosed,
        MethodUnavailable,
        PaymentUnderWay,
        PhoneInvalid,
        IdempotencyConflict,
    ),
)
def pay(
    request: Request, ctx: Reading, runtime: RuntimeDep, order_id: UUID, paying: PayIn, key: IdempotencyKey
) -> PayingView:
    """Ask for the order's money by one of the ways to pay; with the same key once only."""
    ctx.session.close()  # nothing stays open while a provider is asked
    return orders.pay(
        runtime.database, ctx.actor, order_id=order_id, paying=paying, key=key, request_id=request.state.request_id
    )


@router.post(
    "/gifts/{gift_id}/send",
    response_model=GiftView,
    responses=errors(Unauthenticated, GiftNotFound, GiftClaimed, Invalid),
)
def send_gift(ctx: Writing, gift_id: UUID, given: GiftSend) -> GiftView:
    """Say whom a seat is for, or write to them again."""
    return orders.send_gift(ctx, gift_id, email=given.email)


@router.post("/gifts/claim", response_model=GiftShown, responses=errors(Unauthenticated, GiftNotFound, GiftClaimed))
def claim_gift(ctx: Writing, claim: GiftClaim) -> GiftShown:
    """Take a gift by the token of its letter."""
    return orders.claim(ctx, token=claim.token)


@router.get("/finance/orders", response_model=Page[OrderCard], responses=errors(Unauthenticated, Forbidden, Invalid))
def list_all(
    ctx: Reading,
    state: OrderState | None = None,
    q: Annotated[str, Query(max_length=320)] = "",
    cursor: Cursor = "",
) -> Page[OrderCard]:
    """Everybody's orders, newest first; `q` is the beginning of a number, or a buyer's address."""
    return orders.found(ctx, wanted=OrderFilter(state=state, q=q), cursor=cursor)


@router.get(
    "/finance/orders/{order_id}",
    response_model=FinanceOrder,
    responses=errors(Unauthenticated, Forbidden, OrderNotFound),
)
def read_any(ctx: Reading, order_id: UUID) -> FinanceOrder:
    """An order, with who bought it."""
    return orders.access_finances(ctx, order_id)


@router.post(
    "/finance/orders/{order_id}/refunds",
    status_code=201,
    response_model=RefundLine,
    responses=errors(
        Unauthenticated,
        Forbidden,
        OrderNotFound,
        NothingToRefund,
        RefundTooLarge,
        NotRefundable,
        IdempotencyConflict,
        Invalid,
    ),
)
def refund(ctx: Writing, order_id: UUID, refund: RefundIn, key: IdempotencyKey) -> RefundLine:
    """Ask for money of an order to go back to who paid: all that is left, an amount, or of one line."""
    return orders.refund(ctx, order_id, refund=refund, key=key)
