"""What one earns as an instructor or affiliate, where it is paid, and the statement."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.routes.commerce import revenue as routes
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.commerce.revenue import service as revenue
from lms_core.commerce.revenue.schemas import DetailsIn, Span
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.settings import Settings

router = APIRouter(prefix="/earnings", include_in_schema=False)

Line = Annotated[str, Form(max_length=200)]
Cursor = Annotated[str, Query(max_length=600)]
Day = Annotated[str, Query(max_length=10)]
Way = Annotated[Literal["phone", "bank"], Form()]


@router.get("")
def mine(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """Balances, earnings, payouts, and what came of one's link; twelve statements at most."""
    return _page(request, ctx, cursor=cursor, values={}, errors={})


@router.get("/statement")
def statement(
    request: Request, ctx: Reading, form: Literal["csv", "xlsx"] = "csv", since: Day = "", until: Day = ""
) -> Response:
    """The statement of whole days, both given ones included, as a file."""
    try:
        last = _day(until)
        span = Span(since=_day(since), until=last + timedelta(days=1) if last is not None else None)
    except (ValueError, OverflowError):  # pydantic's error is a ValueError, too
        told = words(request, ctx.actor).gettext("Please give two days such as 2026-01-31, the earlier one first.")
        return _page(request, ctx, values={"since": since, "until": until}, errors={"since": told}, status=422)
    return routes.statement(ctx, span=span, form=form)


@router.post("/details")
def set_details(
    request: Request,
    ctx: Writing,
    way: Way,
    name: Line = "",
    phone: Line = "",
    bank: Line = "",
    branch: Line = "",
    account: Line = "",
) -> Response:
    """Say where one is paid out."""
    values = {"way": way, "name": name, "phone": phone, "bank": bank, "branch": branch, "account": account}
    try:
        revenue.set_details(ctx, given=DetailsIn.model_validate({"details": values}))
    except ConfirmFirst:
        raise
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        return _page(request, ctx, values=values, errors=told, status=getattr(error, "status", 422))
    return redirect("/earnings", notice="saved")


@router.post("/details/forget")
def forget_details(ctx: Writing) -> Response:
    """Be paid out nowhere; what one earns waits."""
    revenue.forget_details(ctx)
    return redirect("/earnings", notice="saved")


def _day(written: str) -> datetime | None:
    return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC) if written else None


def _page(
    request: Request, ctx: ReadCtx, *, values: dict[str, str], errors: Errors, cursor: str = "", status: int = 200
) -> Response:
    return page(
        request,
        ctx.actor,
        "earnings.html",
        status=status,
        mine=revenue.earnings(ctx),
        found=revenue.lines(ctx, cursor=cursor),
        paid=revenue.payouts(ctx),
        link=revenue.own_recommendation(ctx),
        address=f"{ctx.resources.get(Settings).public_url.rstrip('/')}/via/",
        values=values,
        errors=errors,
        now=ctx.now,
    )
