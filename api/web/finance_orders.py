"""Orders as the finances see them: everybody's, one with its payments, and giving money back."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.finance_amounts import minor
from api.web.finance_nav import TABS
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from api.web.undoing import undo
from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.schemas import OrderFilter, RefundIn
from lms_core.commerce.orders.transitions import OrderState
from lms_core.commerce.payments import service as payments
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.ids import new_token
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/finance/orders", include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]
Line = Annotated[str, Form(max_length=500)]


@router.get("")
def list_orders(
    request: Request,
    ctx: Reading,
    state: Annotated[str, Query(max_length=30)] = "",
    q: Annotated[str, Query(max_length=320)] = "",
    cursor: Cursor = "",
) -> Response:
    """Everybody's orders, newest first; three statements at most."""
    chosen = OrderState(state) if state in OrderState.__members__.values() else None
    found = orders.found(ctx, wanted=OrderFilter(state=chosen, q=q), cursor=cursor)
    following = urlencode({"state": chosen or "", "q": q, "cursor": found.next_cursor or ""})
    return page(
        request,
        ctx.actor,
        "finance/orders.html",
        tabs=TABS,
        found=found,
        chosen={"state": chosen or "", "q": q},
        states=list(OrderState),
        following=following,
    )


@router.get("/{order_id}")
def read(request: Request, ctx: Reading, order_id: UUID) -> Response:
    """An order with its payments; twelve statements at most."""
    return _order_page(request, ctx, order_id)


@router.post("/{order_id}/refund")
def refund(
    request: Request,
    ctx: Writing,
    order_id: UUID,
    key: Annotated[str, Form(min_length=8, max_length=100)],
    amount: Line = "",
    line_id: Line = "",
    reason: Line = "",
) -> Response:
    """Ask for money to go back."""
    order = orders.access_finances(ctx, order_id)
    try:
        given = {"line_id": line_id or None, "reason": reason}
        asked = minor(amount, order.currency, "amount") if amount.strip() else None
        orders.refund(ctx, order_id, refund=RefundIn.model_validate({**given, "amount": asked}), key=key)
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status in (403, 404):
            raise
        told = errors_told(words(request, ctx.actor), error)
        undo(ctx)
        return _order_page(
            request, ctx, order_id, errors=told, amount=amount, reason=reason, status=getattr(error, "status", 422)
        )
    return redirect(f"/finance/orders/{order_id}", notice="refund-asked")


def _order_page(
    request: Request,
    ctx: ReadCtx,
    order_id: UUID,
    *,
    errors: Errors | None = None,
    amount: str = "",
    reason: str = "",
    status: int = 200,
) -> Response:
    order = orders.access_finances(ctx, order_id)
    return page(
        request,
        ctx.actor,
        "finance/order.html",
        status=status,
        tabs=TABS,
        order=order,
        intents=orders.payments_of(ctx, order_id),
        gateways=payments.gateway_titles(ctx),
        may_manage=ctx.actor.may(Permission.FINANCE_MANAGE),
        errors=errors or {},
        values={"amount": amount, "reason": reason},
        key=new_token(),
    )
