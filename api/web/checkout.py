"""The checkout: phone number first, one way to pay, and how it stands while a prompt is open. Works without scripts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import Response

from api.deps import Reading, RuntimeDep
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.schemas import PayIn
from lms_core.commerce.orders.transitions import OrderState
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.schemas import IntentView
from lms_core.commerce.payments.states import IntentState
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError, Invalid
from lms_core.kit.ids import new_token

router = APIRouter(prefix="/checkout", include_in_schema=False)

Flag = Annotated[str, Query(max_length=10)]


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


CHOOSE_FILE = _("Choose the PDF or the picture of the slip.")


@router.get("/{order_id}")
def checkout(request: Request, ctx: Reading, order_id: UUID, choose: Flag = "") -> Response:
    """An order and how paying for it stands; seventeen statements at most. `choose` shows the ways to pay once more."""
    return _checkout_page(request, ctx, order_id, choose=bool(choose))


@router.post("/{order_id}/pay")
def pay(
    request: Request,
    ctx: Reading,
    runtime: RuntimeDep,
    order_id: UUID,
    account_id: Annotated[UUID, Form()],
    key: Annotated[str, Form(min_length=8, max_length=100)],
    phone: Annotated[str, Form(max_length=30)] = "",
) -> Response:
    """Ask for the money."""
    ctx.session.close()  # nothing stays open while a provider is asked
    paying = PayIn(account_id=account_id, phone=phone)
    try:
        orders.pay(
            runtime.database, ctx.actor, order_id=order_id, paying=paying, key=key, request_id=request.state.request_id
        )
    except DomainError as error:
        if error.status == 404:
            raise
        told = errors_told(words(request, ctx.actor), error)
        with runtime.database.read(ctx.actor) as reading:
            return _checkout_page(
                request, reading, order_id, errors=told, phone=phone, status=error.status, choose=True
            )
    return redirect(f"/checkout/{order_id}")


@router.post("/{order_id}/slip")
def hand_in(
    request: Request,
    ctx: Reading,
    runtime: RuntimeDep,
    order_id: UUID,
    key: Annotated[str, Form(min_length=8, max_length=100)],
    bank_reference: Annotated[str, Form(max_length=64)] = "",
    note: Annotated[str, Form(max_length=500)] = "",
    slip: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Hand in the slip of a bank transfer; somebody in finance looks whether the money came."""
    orders.access_order(ctx, order_id)
    intent = _open_intent(ctx, order_id)
    ctx.session.close()  # nothing stays open while the file is stored
    content = slip.file.read(payments.LARGEST_SLIP + 1) if slip is not None else b""
    try:
        if intent is None:
            raise Invalid("This order waits for no payment any more.")
        if not content:
            raise Invalid("A slip is a PDF or a picture.", fields=[{"field": "slip", "message": CHOOSE_FILE}])
        payments.hand_in_slip(
            runtime.database, ctx.actor, intent_id=intent.id, bank_reference=bank_reference, note=note, slip=content,
            key=key, request_id=request.state.request_id,
        )  # fmt: skip
    except DomainError as error:
        if error.status == 404:
            raise
        told = errors_told(words(request, ctx.actor), error)
        values = {"bank_reference": bank_reference, "note": note}
        with runtime.database.read(ctx.actor) as reading:
            return _checkout_page(
                request, reading, order_id, errors=told, values=values, status=error.status, choose=True
            )
    return redirect(f"/checkout/{order_id}", notice="slip-handed-in")


def _open_intent(ctx: ReadCtx, order_id: UUID) -> IntentView | None:
    """What an order that waits for its money asks for, for who was authorised. Two statements."""
    return next((each for each in orders.payments_of(ctx, order_id) if each.state == IntentState.OPEN), None)


def _checkout_page(
    request: Request,
    ctx: ReadCtx,
    order_id: UUID,
    *,
    errors: Errors | None = None,
    phone: str = "",
    values: dict[str, str] | None = None,
    status: int = 200,
    choose: bool = False,
) -> Response:
    order = orders.access_order(ctx, order_id)
    paying = orders.access_paying(ctx, order_id)
    is_open = order.state == OrderState.OPEN
    intent = _open_intent(ctx, order_id) if is_open else None
    return page(
        request,
        ctx.actor,
        "shop/checkout.html",
        status=status,
        order=order,
        paying=paying,
        methods=orders.methods(ctx, currency=order.currency, amount=order.total) if is_open else [],
        step="choose" if choose and is_open and paying.step in ("prompt", "redirect", "failed") else paying.step,
        values={"phone": phone, **(values or {})},
        intent=intent,
        slips=payments.slips_of(ctx, intent.id) if intent is not None else [],
        bank=payments.bank_account_for(ctx, order.currency) if intent is not None else None,
        errors=errors or {},
        key=new_token(),
    )
