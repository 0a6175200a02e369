"""`/earnings`, what the caller earns and where it is paid; `/finance/revenue`, terms and shares."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ValidationError
from starlette.responses import Response

from api.answers import as_json
from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName
from lms_core.commerce.revenue import service as revenue
from lms_core.commerce.revenue.errors import DetailsMissing, EarnerNotFound, SharesTooHigh
from lms_core.commerce.revenue.schemas import (
    DetailsIn,
    DetailsView,
    EarningRow,
    EarningsView,
    Form,
    PayoutRow,
    SharesIn,
    ShareView,
    Span,
    TermsIn,
    TermsView,
)
from lms_core.commerce.revenue.tables import MEDIA_TYPES
from lms_core.content.courses.errors import CourseNotFound
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Conflict, Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page

router = APIRouter(tags=["earnings"])
finance = APIRouter(prefix="/finance/revenue", tags=["finance payouts"])

Cursor = Annotated[str, Query(max_length=600)]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)]
TABLE = {200: {"content": {media_type.partition(";")[0]: {} for media_type in MEDIA_TYPES.values()}}}


@router.get("/earnings", response_model=EarningsView, responses=errors(Unauthenticated))
def read(ctx: Reading) -> EarningsView:
    """The caller's balances by currency, and where they are paid out."""
    return revenue.earnings(ctx)


@router.get("/earnings/lines", response_model=Page[EarningRow], responses=errors(Unauthenticated, Invalid))
def list_lines(ctx: Reading, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Response:
    """What the caller earned and what refunds took back, newest first."""
    return as_json(revenue.lines(ctx, cursor=cursor, limit=limit))


@router.get("/earnings/payouts", response_model=Page[PayoutRow], responses=errors(Unauthenticated, Invalid))
def list_payouts(ctx: Reading, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Response:
    """The caller's payouts, newest first."""
    return as_json(revenue.payouts(ctx, cursor=cursor, limit=limit))


@router.get("/earnings/statement", response_model=None, responses={**TABLE, **errors(Unauthenticated, Invalid)})
def read_statement(
    ctx: Reading, form: Form = "csv", since: datetime | None = None, until: datetime | None = None
) -> Response:
    """The caller's statement for a span of time as CSV or XLSX, safe to open in a spreadsheet."""
    try:
        span = Span(since=since, until=until)
    except ValidationError as error:
        raise Invalid(str(error.errors()[0]["msg"])) from error
    return statement(ctx, span=span, form=form)


@router.get("/earnings/payout-details", response_model=DetailsView, responses=errors(Unauthenticated, DetailsMissing))
def read_details(ctx: Reading) -> DetailsView:
    """Where the caller is paid out, masked."""
    return revenue.details(ctx)


@router.put(
    "/earnings/payout-details",
    response_model=DetailsView,
    responses=errors(Unauthenticated, Forbidden, ConfirmFirst, Conflict),
)
def set_details(ctx: Writing, given: DetailsIn) -> DetailsView:
    """Say where the caller is paid out; payouts to a new place wait for three days."""
    return revenue.set_details(ctx, given=given)


@router.delete(
    "/earnings/payout-details",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, ConfirmFirst),
)
def forget_details(ctx: Writing) -> None:
    """Pay the caller out nowhere; what they earn waits."""
    revenue.forget_details(ctx)


@finance.get("/terms", response_model=TermsView, responses=errors(Unauthenticated, Forbidden))
def read_terms(ctx: Reading) -> TermsView:
    """How long earnings are held, what owners earn, from which sums on two people approve."""
    return revenue.terms(ctx)


@finance.put("/terms", response_model=TermsView, responses=errors(Unauthenticated, Forbidden, Conflict))
def set_terms(ctx: Writing, given: TermsIn) -> TermsView:
    """Say the terms, for sales and batches to come."""
    return revenue.set_terms(ctx, given=given)


@finance.get(
    "/shares/{course}",
    response_model=list[ShareView],
    responses=errors(Unauthenticated, Forbidden, CourseNotFound),
)
def read_shares(ctx: Reading, course: CourseName) -> list[ShareView]:
    """The shares of a course with its history, newest first."""
    return revenue.shares(ctx, course)


@finance.put(
    "/shares/{course}",
    response_model=list[ShareView],
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, EarnerNotFound, SharesTooHigh),
)
def set_shares(ctx: Writing, course: CourseName, given: SharesIn) -> list[ShareView]:
    """Make these the shares of a course from now on; sales of before stay shared as they were."""
    return revenue.set_shares(ctx, course, given=given)


def statement(ctx: ReadCtx, *, span: Span, form: Form) -> Response:
    """A statement as a file."""
    content, name = revenue.statement(ctx, span=span, form=form)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)
