"""`/finance/reconciliation`: our books held against providers' words, and what differs; callbacks; the overview."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.commerce.keys import IdempotencyKey
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import AccountNotFound, AlreadyDecided, PaymentNotFound
from lms_core.commerce.payments.schemas import CallbackView, MismatchView, Overview, ReconcileIn, Resolution, RunView
from lms_core.commerce.payments.states import Verdict
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import Page

router = APIRouter(prefix="/finance", tags=["reconciliation"])

Cursor = Annotated[str, Query(max_length=600)]
WHO = (Unauthenticated, Forbidden)


@router.get("/payments-overview", response_model=Overview, responses=errors(*WHO))
def read_overview(ctx: Reading) -> Overview:
    """What of payments should be looked at now."""
    return payments.overview(ctx)


@router.get("/reconciliation", response_model=Page[RunView], responses=errors(*WHO, Invalid))
def list_runs(ctx: Reading, cursor: Cursor = "") -> Page[RunView]:
    """Reconciliations, newest first."""
    return payments.list_runs(ctx, cursor=cursor)


@router.post(
    "/reconciliation", status_code=201, response_model=RunView, responses=errors(*WHO, AccountNotFound, Invalid)
)
def start(ctx: Writing, wanted: ReconcileIn, key: IdempotencyKey) -> RunView:
    """Compare an account with its provider now."""
    return payments.start_reconciliation(ctx, wanted=wanted, key=key)


@router.get("/reconciliation/{run_id}", response_model=RunView, responses=errors(*WHO, PaymentNotFound))
def read_run(ctx: Reading, run_id: UUID) -> RunView:
    """A reconciliation."""
    return payments.access_run(ctx, run_id)


@router.get("/mismatches", response_model=Page[MismatchView], responses=errors(*WHO, Invalid))
def list_mismatches(
    ctx: Reading, unresolved: bool = True, run_id: UUID | None = None, cursor: Cursor = ""
) -> Page[MismatchView]:
    """What differs between ours and theirs, newest first."""
    return payments.list_mismatches(ctx, unresolved=unresolved, run_id=run_id, cursor=cursor)


@router.post(
    "/mismatches/{mismatch_id}/resolve",
    response_model=MismatchView,
    responses=errors(*WHO, PaymentNotFound, AlreadyDecided),
)
def resolve(ctx: Writing, mismatch_id: UUID, done: Resolution) -> MismatchView:
    """Say how a difference was dealt with."""
    return payments.resolve_mismatch(ctx, mismatch_id, note=done.note)


@router.get("/callbacks", response_model=Page[CallbackView], responses=errors(*WHO, Invalid))
def list_callbacks(ctx: Reading, verdict: Verdict | None = None, cursor: Cursor = "") -> Page[CallbackView]:
    """What providers told us, newest first; bodies stay sealed."""
    return payments.list_callbacks(ctx, verdict=verdict, cursor=cursor)


@router.post(
    "/callbacks/{callback_id}/replay", response_model=CallbackView, responses=errors(*WHO, PaymentNotFound, Invalid)
)
def replay(ctx: Writing, callback_id: UUID) -> CallbackView:
    """Work on a callback once more; what it did before is not done twice."""
    return payments.replay_callback(ctx, callback_id)
