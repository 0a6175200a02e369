"""Payments as the finances see them: every attempt, one with all that became of it, and giving its money back."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.callers import caller_of
from api.deps import Reading, RuntimeDep, Writing
from api.web.finance_amounts import minor
from api.web.finance_nav import TABS
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.schemas import PaymentFilter, RefundIn
from lms_core.commerce.payments.transitions import PaymentState
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.ids import new_token
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/finance/payments", include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]
Line = Annotated[str, Form(max_length=500)]
# Messages are sealed, so which of them is a payment's is told by when it came.
AROUND = timedelta(minutes=15)
MESSAGES = 20


@router.get("")
def list_payments(
    request: Request,
    ctx: Reading,
    state: Annotated[str, Query(max_length=30)] = "",
    gateway: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[str, Query(max_length=64)] = "",
    cursor: Cursor = "",
) -> Response:
    """Every attempt to pay, newest first; three statements at most."""
    chosen = PaymentState(state) if state in PaymentState.__members__.values() else None
    wanted = PaymentFilter(state=chosen, gateway=gateway, q=q)
    found = payments.list_payments(ctx, wanted=wanted, cursor=cursor)
    kept = {"state": chosen or "", "gateway": gateway, "q": q}
    return page(
        request,
        ctx.actor,
        "finance/payments.html",
        tabs=TABS,
        found=found,
        chosen=kept,
        states=list(PaymentState),
        gateways=payments.gateway_titles(ctx),
        following=urlencode({**kept, "cursor": found.next_cursor or ""}),
    )


@router.get("/{payment_id}")
def read(request: Request, ctx: Reading, payment_id: UUID) -> Response:
    """An attempt with the others at the same thing, its refunds, disputes and messages; twelve statements at most."""
    return _payment_page(request, ctx, payment_id)


@router.post("/{payment_id}/ask")
def ask(request: Request, runtime: RuntimeDep, payment_id: UUID) -> Response:
    """Ask the provider now how an attempt stands."""
    caller = caller_of(request, runtime)
    payments.ask_again(caller.database, caller.actor, payment_id=payment_id, request_id=caller.request_id)
    return redirect(f"/finance/payments/{payment_id}", notice="payment-asked")


@router.post("/{payment_id}/refund")
def refund(
    request: Request,
    ctx: Writing,
    payment_id: UUID,
    key: Annotated[str, Form(min_length=8, max_length=100)],
    amount: Line = "",
    reason: Line = "",
) -> Response:
    """Ask for money to go back, all that is left where no amount is written."""
    paid = payments.access_payment(ctx, payment_id).payment.amount
    try:
        asked = minor(amount, paid.currency, "amount") if amount.strip() else None
        wanted = RefundIn.model_validate({"amount": asked, "reason": reason})
        payments.ask_refund(ctx, payment_id=payment_id, amount=wanted.amount, reason=wanted.reason, key=key)
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status in (403, 404):
            raise
        told = errors_told(words(request, ctx.actor), error)
        ctx.session.rollback()  # nothing of a refused refund stays
        values = {"amount": amount, "reason": reason}
        return _payment_page(request, ctx, payment_id, errors=told, values=values, status=getattr(error, "status", 422))
    return redirect(f"/finance/payments/{payment_id}", notice="refund-asked")


def _payment_page(
    request: Request,
    ctx: ReadCtx,
    payment_id: UUID,
    *,
    errors: Errors | None = None,
    values: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    detail = payments.access_payment(ctx, payment_id)
    one = detail.payment
    between = (one.created_at - AROUND, (one.settled_at or ctx.now) + AROUND)
    heard = (
        payments.list_callbacks(ctx, account_id=one.account_id, between=between, limit=MESSAGES).items
        if one.account_id is not None
        else []
    )
    return page(
        request,
        ctx.actor,
        "finance/payment.html",
        status=status,
        tabs=TABS,
        detail=detail,
        intent=payments.access_intent(ctx, one.intent_id),
        heard=heard,
        gateways=payments.gateway_titles(ctx),
        names=payments.account_names(ctx),
        may_manage=ctx.actor.may(Permission.FINANCE_MANAGE),
        errors=errors or {},
        values=values or {},
        key=new_token(),
    )
