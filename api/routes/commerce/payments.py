"""`/payments`: ways to pay, what is to be paid, bank slips, kept methods; `/finance/...`: what became of the money."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from starlette.responses import Response, StreamingResponse

from api.callers import caller_of
from api.deps import Reading, RuntimeDep, Writing
from api.errors import errors
from api.ranges import answer
from api.routes.commerce.keys import IdempotencyKey
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import (
    AlreadyDecided,
    AmountDiffers,
    IdempotencyConflict,
    IntentClosed,
    MethodUnavailable,
    NotRefundable,
    PaymentNotFound,
    PaymentUnderWay,
    PhoneInvalid,
    RefundTooLarge,
)
from lms_core.commerce.payments.schemas import (
    Decision,
    DepositMatch,
    DepositView,
    DisputeView,
    IntentView,
    ManualPaymentView,
    MethodIn,
    MethodView,
    PaymentDetail,
    PaymentFilter,
    PaymentLine,
    PayoutView,
    RefundIn,
    RefundView,
    Resolution,
    SavedMethodView,
)
from lms_core.commerce.payments.states import DepositState, ManualState, MoveState
from lms_core.kit.errors import Forbidden, Invalid, NotFound, TooLarge, Unauthenticated
from lms_core.kit.money import Currency, PositiveMinor
from lms_core.kit.pagination import Page
from lms_core.kit.storage import Storage

router = APIRouter(tags=["payments"])

Cursor = Annotated[str, Query(max_length=600)]
FINANCE = (Unauthenticated, Forbidden)
FOUND = (*FINANCE, PaymentNotFound)
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/payments/methods", response_model=list[MethodView], responses=errors(Unauthenticated, Invalid))
def list_methods(ctx: Reading, currency: Currency, amount: Annotated[PositiveMinor, Query()]) -> list[MethodView]:
    """The ways to pay so much (minor units)."""
    return payments.methods(ctx, currency=currency, amount=amount)


@router.get("/payments/saved-methods", response_model=list[SavedMethodView], responses=errors(Unauthenticated))
def list_saved(ctx: Reading) -> list[SavedMethodView]:
    """The ways to pay that providers keep for the caller."""
    return payments.saved_methods(ctx)


@router.delete(
    "/payments/saved-methods/{method_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, NotFound),
)
def forget_saved(ctx: Writing, method_id: UUID) -> None:
    """Let a kept method be charged no more."""
    payments.forget_method(ctx, method_id)


@router.get(
    "/payments/intents/{intent_id}", response_model=IntentView, responses=errors(Unauthenticated, PaymentNotFound)
)
def read_intent(ctx: Reading, intent_id: UUID) -> IntentView:
    """What is to be paid, and how each attempt at it stands."""
    return payments.access_intent(ctx, intent_id)


@router.post(
    "/payments/intents/{intent_id}/pay",
    response_model=IntentView,
    responses=errors(
        Unauthenticated, PaymentNotFound, IntentClosed, PaymentUnderWay, MethodUnavailable, PhoneInvalid,
        IdempotencyConflict,
    ),
)  # fmt: skip
def pay(request: Request, runtime: RuntimeDep, intent_id: UUID, method: MethodIn, key: IdempotencyKey) -> IntentView:
    """Ask for the money: a prompt on the phone, or an address to go to (`payments[-1].url`)."""
    caller = caller_of(request, runtime)
    return payments.pay(
        caller.database, caller.actor, intent_id=intent_id, method=method, key=key, request_id=caller.request_id
    )


@router.post(
    "/payments/intents/{intent_id}/cancel",
    response_model=IntentView,
    responses=errors(Unauthenticated, PaymentNotFound, IntentClosed),
)
def cancel(ctx: Writing, intent_id: UUID) -> IntentView:
    """Ask for the money no more."""
    return payments.cancel(ctx, intent_id)


@router.post(
    "/payments/intents/{intent_id}/slips",
    status_code=201,
    response_model=ManualPaymentView,
    responses=errors(Unauthenticated, PaymentNotFound, IntentClosed, IdempotencyConflict, Invalid, TooLarge),
)
def hand_in(
    request: Request,
    runtime: RuntimeDep,
    intent_id: UUID,
    slip: UploadFile,
    key: IdempotencyKey,
    bank_reference: Annotated[str, Form(max_length=64)],
    note: Annotated[str, Form(max_length=500)] = "",
) -> ManualPaymentView:
    """Hand in a bank slip (PDF or picture, 5 MB at most)."""
    caller = caller_of(request, runtime)
    return payments.hand_in_slip(
        caller.database, caller.actor, intent_id=intent_id, bank_reference=bank_reference, note=note,
        slip=slip.file.read(payments.LARGEST_SLIP + 1), key=key, request_id=caller.request_id,
    )  # fmt: skip


@router.get(
    "/payments/intents/{intent_id}/slips",
    response_model=list[ManualPaymentView],
    responses=errors(Unauthenticated, PaymentNotFound),
)
def list_slips(ctx: Reading, intent_id: UUID) -> list[ManualPaymentView]:
    """The slips that were handed in for it."""
    return payments.slips_of(ctx, intent_id)


@router.get("/finance/payments", response_model=Page[PaymentLine], responses=errors(*FINANCE, Invalid))
def list_payments(ctx: Reading, wanted: Annotated[PaymentFilter, Query()], cursor: Cursor = "") -> Page[PaymentLine]:
    """Attempts to pay, newest first."""
    return payments.list_payments(ctx, wanted=wanted, cursor=cursor)


@router.get("/finance/payments/{payment_id}", response_model=PaymentDetail, responses=errors(*FOUND))
def read_payment(ctx: Reading, payment_id: UUID) -> PaymentDetail:
    """An attempt, and all that became of it."""
    return payments.access_payment(ctx, payment_id)


@router.post("/finance/payments/{payment_id}/ask", response_model=PaymentDetail, responses=errors(*FOUND))
def ask_again(request: Request, runtime: RuntimeDep, payment_id: UUID) -> PaymentDetail:
    """Ask the provider now how an attempt stands."""
    caller = caller_of(request, runtime)
    return payments.ask_again(caller.database, caller.actor, payment_id=payment_id, request_id=caller.request_id)


@router.post(
    "/finance/payments/{payment_id}/refunds",
    status_code=201,
    response_model=RefundView,
    responses=errors(*FOUND, RefundTooLarge, NotRefundable, IdempotencyConflict, Invalid),
)
def ask_refund(ctx: Writing, payment_id: UUID, refund: RefundIn, key: IdempotencyKey) -> RefundView:
    """Give money back, wholly or in part."""
    return payments.ask_refund(ctx, payment_id=payment_id, amount=refund.amount, reason=refund.reason, key=key)


@router.get("/finance/refunds", response_model=Page[RefundView], responses=errors(*FINANCE, Invalid))
def list_refunds(ctx: Reading, state: MoveState | None = None, cursor: Cursor = "") -> Page[RefundView]:
    """Refunds, newest first."""
    return payments.list_refunds(ctx, state=state, cursor=cursor)


@router.post(
    "/finance/refunds/{refund_id}/finish", response_model=RefundView, responses=errors(*FOUND, AlreadyDecided, Invalid)
)
def finish_refund(ctx: Writing, refund_id: UUID, done: Resolution, key: IdempotencyKey) -> RefundView:
    """Say that a refund by hand was sent from the bank; `note` is the bank's reference. It happens once, key or not."""
    return payments.finish_refund(ctx, refund_id, receipt=done.note)


@router.get("/finance/transfers", response_model=Page[PayoutView], responses=errors(*FINANCE, Invalid))
def list_transfers(ctx: Reading, state: MoveState | None = None, cursor: Cursor = "") -> Page[PayoutView]:
    """Money sent to phones, newest first."""
    return payments.list_payouts(ctx, state=state, cursor=cursor)


@router.get("/finance/disputes", response_model=Page[DisputeView], responses=errors(*FINANCE, Invalid))
def list_disputes(ctx: Reading, cursor: Cursor = "") -> Page[DisputeView]:
    """Disputes, newest first."""
    return payments.list_disputes(ctx, cursor=cursor)


@router.get("/finance/deposits", response_model=Page[DepositView], responses=errors(*FINANCE, Invalid))
def list_deposits(ctx: Reading, state: DepositState | None = None, cursor: Cursor = "") -> Page[DepositView]:
    """Money that came without a purpose, newest first."""
    return payments.list_deposits(ctx, state=state, cursor=cursor)


@router.get("/finance/deposits/{deposit_id}", response_model=DepositView, responses=errors(*FOUND))
def read_deposit(ctx: Reading, deposit_id: UUID) -> DepositView:
    """A deposit, and what it may have been meant for."""
    return payments.access_deposit(ctx, deposit_id)


@router.post(
    "/finance/deposits/{deposit_id}/match",
    response_model=DepositView,
    responses=errors(*FOUND, AlreadyDecided, AmountDiffers, IntentClosed),
)
def match_deposit(ctx: Writing, deposit_id: UUID, match: DepositMatch, key: IdempotencyKey) -> DepositView:
    """Say what a deposit was for: that is paid with it. It happens once, key or not."""
    return payments.match_deposit(ctx, deposit_id, intent_id=match.intent_id, note=match.note)


@router.post(
    "/finance/deposits/{deposit_id}/return", response_model=DepositView, responses=errors(*FOUND, AlreadyDecided)
)
def return_deposit(ctx: Writing, deposit_id: UUID, done: Resolution, key: IdempotencyKey) -> DepositView:
    """Say that a deposit was sent back from the bank. It happens once, key or not."""
    return payments.return_deposit(ctx, deposit_id, note=done.note)


@router.get("/finance/slips", response_model=Page[ManualPaymentView], responses=errors(*FINANCE, Invalid))
def list_all_slips(ctx: Reading, state: ManualState | None = None, cursor: Cursor = "") -> Page[ManualPaymentView]:
    """Bank slips, newest first."""
    return payments.list_manual(ctx, state=state, cursor=cursor)


@router.post(
    "/finance/slips/{slip_id}/decide",
    response_model=ManualPaymentView,
    responses=errors(*FOUND, AlreadyDecided, IntentClosed),
)
def decide_slip(ctx: Writing, slip_id: UUID, decision: Decision, key: IdempotencyKey) -> ManualPaymentView:
    """Say whether the money of a slip came. It happens once, key or not."""
    return payments.decide_manual(ctx, slip_id, decision=decision)


@router.get(
    "/finance/slips/{slip_id}/file",
    response_class=StreamingResponse,
    response_model=None,
    responses={**BYTES, **errors(*FOUND)},
)
def read_slip(ctx: Reading, runtime: RuntimeDep, slip_id: UUID) -> Response:
    """The slip itself, for finance and whoever handed it in."""
    slip = payments.slip_of(ctx, slip_id)
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    headers = {"Content-Disposition": "attachment", "Cache-Control": "private, no-store"}
    return answer(storage, slip.storage_key, size=slip.size, media_type=slip.media_type, asked="", headers=headers)
