"""`/finance/payouts`: what is due, batches and their approval, the file for the bank, holds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import as_json
from api.deps import Reading, Writing
from api.errors import errors
from api.routes.commerce.keys import IdempotencyKey
from lms_core.commerce.revenue import service as revenue
from lms_core.commerce.revenue.errors import (
    AlreadyHeld,
    BatchMoved,
    BatchNotFound,
    EarnerNotFound,
    NothingDue,
    SecondPersonNeeded,
)
from lms_core.commerce.revenue.schemas import (
    BatchIn,
    BatchRow,
    BatchView,
    DueRow,
    FailedIn,
    HoldIn,
    HoldView,
    PaidIn,
)
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.kit.context import WriteCtx
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page

router = APIRouter(prefix="/finance/payouts", tags=["finance payouts"])

Cursor = Annotated[str, Query(max_length=600)]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)]
MOVING = errors(Unauthenticated, Forbidden, BatchNotFound, BatchMoved)
CSV = {200: {"content": {"text/csv": {}}}}


@router.get("", response_model=Page[BatchRow], responses=errors(Unauthenticated, Forbidden, Invalid))
def list_batches(ctx: Reading, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Response:
    """The batches, newest first."""
    return as_json(revenue.batches(ctx, cursor=cursor, limit=limit))


@router.post("", status_code=201, response_model=BatchView, responses=errors(Unauthenticated, Forbidden, NothingDue))
def draw_up(ctx: Writing, given: BatchIn, key: IdempotencyKey) -> BatchView:
    """Draw up a batch of everybody who can be paid this way in this currency now. It happens once, key or not."""
    return revenue.draw_up(ctx, given=given)


@router.get("/due", response_model=list[DueRow], responses=errors(Unauthenticated, Forbidden))
def list_due(ctx: Reading) -> list[DueRow]:
    """What is due to whom, and what stands in its way."""
    return revenue.due(ctx)


@router.get("/holds", response_model=list[HoldView], responses=errors(Unauthenticated, Forbidden))
def list_holds(ctx: Reading) -> list[HoldView]:
    """Who is not paid for a while."""
    return revenue.holds(ctx)


@router.post(
    "/holds",
    status_code=201,
    response_model=HoldView,
    responses=errors(Unauthenticated, Forbidden, EarnerNotFound, AlreadyHeld),
)
def place_hold(ctx: Writing, given: HoldIn) -> HoldView:
    """Pay nothing out to somebody until the hold is lifted."""
    return revenue.place_hold(ctx, given=given)


@router.delete(
    "/holds/{hold_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, BatchNotFound),
)
def lift(ctx: Writing, hold_id: UUID) -> None:
    """Let somebody be paid out again."""
    revenue.lift(ctx, hold_id)


@router.get("/{batch_id}", response_model=BatchView, responses=errors(Unauthenticated, Forbidden, BatchNotFound))
def read(ctx: Reading, batch_id: UUID) -> BatchView:
    """A batch with its payouts and who signed it."""
    return revenue.access_batch(ctx, batch_id)


@router.post("/{batch_id}/hand-in", response_model=BatchView, responses=MOVING)
def hand_in(ctx: Writing, batch_id: UUID) -> BatchView:
    """Ask for the approval of a draft."""
    return revenue.hand_in(ctx, batch_id)


@router.post(
    "/{batch_id}/approve",
    response_model=BatchView,
    responses={**MOVING, **errors(Forbidden, ConfirmFirst, SecondPersonNeeded)},
)
def approve(ctx: Writing, batch_id: UUID, key: IdempotencyKey) -> BatchView:
    """Sign a batch; with the last signature its payouts begin. It happens once, key or not."""
    return revenue.approve(ctx, batch_id)


@router.post("/{batch_id}/cancel", response_model=BatchView, responses=MOVING)
def cancel(ctx: Writing, batch_id: UUID) -> BatchView:
    """Give up a batch that is not approved."""
    return revenue.cancel(ctx, batch_id)


@router.post(
    "/{batch_id}/bank-file", response_model=None, responses={**CSV, **MOVING, **errors(Forbidden, ConfirmFirst)}
)
def bank_file(ctx: Writing, batch_id: UUID) -> Response:
    """The payouts of an approved batch as a file for the bank; it names whole account numbers and is written down."""
    return bank_csv(ctx, batch_id)


@router.post("/{batch_id}/paid", response_model=BatchView, responses=MOVING)
def all_paid(ctx: Writing, batch_id: UUID, key: IdempotencyKey) -> BatchView:
    """The bank carried out every payout of the batch that is still open. It happens once, key or not."""
    return revenue.all_paid(ctx, batch_id)


@router.post("/{batch_id}/items/{item_id}/paid", response_model=BatchView, responses=MOVING)
def item_paid(ctx: Writing, batch_id: UUID, item_id: UUID, given: PaidIn, key: IdempotencyKey) -> BatchView:
    """The bank carried one payout out. It happens once, key or not."""
    return revenue.bank_paid(ctx, batch_id, item_id, given=given)


@router.post("/{batch_id}/items/{item_id}/returned", response_model=BatchView, responses=MOVING)
def item_returned(ctx: Writing, batch_id: UUID, item_id: UUID, given: FailedIn, key: IdempotencyKey) -> BatchView:
    """The bank did not carry one payout out; what it held is due again. It happens once, key or not."""
    return revenue.bank_returned(ctx, batch_id, item_id, given=given)


def bank_csv(ctx: WriteCtx, batch_id: UUID) -> Response:
    """The file for the bank."""
    text, name = revenue.bank_file(ctx, batch_id)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(text, media_type="text/csv", headers=headers)
