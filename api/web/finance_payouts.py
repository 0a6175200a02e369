"""Payouts to instructors and affiliates: what is due, batches, their approval, holds, terms and shares."""

from collections.abc import Callable
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.routes.commerce.payouts import bank_csv
from api.web import finance_nav
from api.web.finance_amounts import basis_points, minor
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.commerce.products import service as products
from lms_core.commerce.revenue import service as revenue
from lms_core.commerce.revenue.schemas import BatchIn, BatchView, FailedIn, HoldIn, PaidIn, SharesIn, TermsIn
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.money import Currency, Money, to_major
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/finance/payouts", include_in_schema=False)

Line = Annotated[str, Form(max_length=600)]
Name = Annotated[str, Query(max_length=80)]
Cursor = Annotated[str, Query(max_length=600)]
FEWEST_ROWS = 3  # empty rows of the form of shares
MOST_CURRENCIES = len(Currency)


@router.get("")
def overview(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """What is due, the batches, who is on hold, the terms; eleven statements."""
    return _overview(request, ctx, cursor=cursor, values={}, errors={})


@router.post("")
def draw_up(request: Request, ctx: Writing, way: Line = "", currency: Line = "KES") -> Response:
    """Draw up a batch."""
    try:
        made = revenue.draw_up(ctx, given=BatchIn.model_validate({"way": way, "currency": currency}))
    except (ValidationError, DomainError) as error:
        return _again(request, ctx, error, {})
    return redirect(f"/finance/payouts/{made.id}")


@router.post("/holds")
def place_hold(request: Request, ctx: Writing, email: Line = "", reason: Line = "") -> Response:
    """Pay nothing out to somebody for a while."""
    values = {"email": email, "reason": reason}
    try:
        revenue.place_hold(ctx, given=HoldIn.model_validate(values))
    except (ValidationError, DomainError) as error:
        return _again(request, ctx, error, values)
    return redirect("/finance/payouts#holds", notice="saved")


@router.post("/holds/{hold_id}/lift")
def lift(ctx: Writing, hold_id: UUID) -> Response:
    """Let somebody be paid out again."""
    revenue.lift(ctx, hold_id)
    return redirect("/finance/payouts#holds", notice="saved")


@router.post("/terms")
def set_terms(
    request: Request,
    ctx: Writing,
    hold_days: Line = "",
    owner_share: Line = "",
    currency: Annotated[list[Currency] | None, Form(max_length=MOST_CURRENCIES)] = None,
    two_above: Annotated[list[str] | None, Form(max_length=MOST_CURRENCIES)] = None,
    smallest: Annotated[list[str] | None, Form(max_length=MOST_CURRENCIES)] = None,
) -> Response:
    """Say the terms; the amounts are of the currencies that are named, beside them; those of others stay."""
    written = list(zip(currency or [], two_above or [], smallest or [], strict=False))
    values = {"hold_days": hold_days, "owner_share": owner_share}
    for of, above, least in written:
        values |= {f"two_above-{of}": above, f"smallest-{of}": least}
    now = revenue.terms(ctx)
    try:
        given = {
            "hold_days": hold_days,
            "owner_share": basis_points(owner_share or "0", "owner_share"),
            "two_above": now.two_above | {of: minor(above or "0", of, f"two_above-{of}") for of, above, _ in written},
            "smallest": now.smallest | {of: minor(least or "0", of, f"smallest-{of}") for of, _, least in written},
        }
        revenue.set_terms(ctx, given=TermsIn.model_validate(given))
    except (ValidationError, DomainError) as error:
        return _again(request, ctx, error, values)
    return redirect("/finance/payouts#terms", notice="saved")


@router.get("/shares")
def shares(request: Request, ctx: Reading, course: Name = "") -> Response:
    """The shares of a course; without one, a field to find it."""
    return _shares_page(request, ctx, course, errors={})


@router.post("/shares")
def set_shares(
    request: Request,
    ctx: Writing,
    course: Annotated[str, Form(max_length=80)],
    email: Annotated[list[str] | None, Form()] = None,
    percent: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Make these the shares of a course from now on."""
    pairs = [pair for pair in zip(email or [], percent or [], strict=False) if pair[0].strip()]
    try:
        given = [{"email": address, "basis_points": basis_points(share or "0", "")} for address, share in pairs]
        revenue.set_shares(ctx, course, given=SharesIn.model_validate({"shares": given}))
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        first = {"": next(iter(told.values()))}
        return _shares_page(request, ctx, course, errors=first, pairs=pairs, status=getattr(error, "status", 422))
    return redirect(f"/finance/payouts/shares?course={course}", notice="saved")


@router.get("/{batch_id}")
def read(request: Request, ctx: Reading, batch_id: UUID) -> Response:
    """A batch, its payouts and who signed it; three statements."""
    return _batch_page(request, ctx, revenue.access_batch(ctx, batch_id), errors={})


@router.post("/{batch_id}/bank-file")
def bank_file(ctx: Writing, batch_id: UUID) -> Response:
    """The file for the bank."""
    return bank_csv(ctx, batch_id)


@router.post("/{batch_id}/{step}")
def move(
    request: Request, ctx: Writing, batch_id: UUID, step: Literal["hand-in", "approve", "cancel", "paid"]
) -> Response:
    """Move a batch on by one step."""
    steps: dict[str, Callable[[WriteCtx, UUID], BatchView]] = {
        "hand-in": revenue.hand_in,
        "approve": revenue.approve,
        "cancel": revenue.cancel,
        "paid": revenue.all_paid,
    }
    return _moved(request, ctx, batch_id, lambda: steps[step](ctx, batch_id))


@router.post("/{batch_id}/items/{item_id}")
def item(
    request: Request,
    ctx: Writing,
    batch_id: UUID,
    item_id: UUID,
    outcome: Annotated[Literal["paid", "returned"], Form()],
    word: Line = "",
) -> Response:
    """What the bank says of one payout: `word` is its reference, or why not."""
    if outcome == "paid":
        return _moved(
            request, ctx, batch_id, lambda: revenue.bank_paid(ctx, batch_id, item_id, given=PaidIn(reference=word))
        )
    return _moved(
        request, ctx, batch_id, lambda: revenue.bank_returned(ctx, batch_id, item_id, given=FailedIn(reason=word))
    )


def _moved(request: Request, ctx: WriteCtx, batch_id: UUID, act: Callable[[], BatchView]) -> Response:
    try:
        act()
    except ConfirmFirst:
        raise
    except (ValidationError, DomainError) as error:
        if getattr(error, "status", 422) == 404:
            raise
        told = {"": next(iter(errors_told(words(request, ctx.actor), error).values()))}
        ctx.session.expire_all()
        found = revenue.access_batch(ctx, batch_id)
        return _batch_page(request, ctx, found, errors=told, status=getattr(error, "status", 422))
    return redirect(f"/finance/payouts/{batch_id}", notice="saved")


def _again(request: Request, ctx: ReadCtx, error: ValidationError | DomainError, values: dict[str, str]) -> Response:
    told = errors_told(words(request, ctx.actor), error)
    return _overview(request, ctx, values=values, errors=told, status=getattr(error, "status", 422))


def _overview(
    request: Request, ctx: ReadCtx, *, values: dict[str, str], errors: Errors, cursor: str = "", status: int = 200
) -> Response:
    terms = revenue.terms(ctx)
    due = revenue.due(ctx)
    known = {*products.currencies(ctx), *terms.two_above, *terms.smallest, *(each.currency for each in due)}
    currencies = [each for each in Currency if each in known] or [Currency.KES]
    shown = {
        f"{name}-{each}": str(to_major(Money(amount=limits.get(each, 0), currency=each)))
        for name, limits in (("two_above", terms.two_above), ("smallest", terms.smallest))
        for each in currencies
    }
    return page(
        request,
        ctx.actor,
        "finance/payouts.html",
        status=status,
        tabs=finance_nav.TABS,
        manages=ctx.actor.may(Permission.FINANCE_MANAGE),
        due=due,
        found=revenue.batches(ctx, cursor=cursor),
        holds=revenue.holds(ctx),
        currencies=[(each.value, each.value) for each in currencies],
        values={"hold_days": str(terms.hold_days), "owner_share": f"{terms.owner_share / 100:g}", **shown, **values},
        errors=errors,
    )


def _batch_page(request: Request, ctx: ReadCtx, batch: BatchView, *, errors: Errors, status: int = 200) -> Response:
    return page(
        request,
        ctx.actor,
        "finance/payout_batch.html",
        status=status,
        tabs=finance_nav.TABS,
        manages=ctx.actor.may(Permission.FINANCE_MANAGE),
        batch=batch,
        errors=errors,
    )


def _shares_page(
    request: Request,
    ctx: ReadCtx,
    course: str,
    *,
    errors: Errors,
    pairs: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Response:
    found, title = [], ""
    if course:
        try:
            found = revenue.shares(ctx, course)
            title = courses.access_course(ctx, course, even_archived=True).title
        except CourseNotFound as error:
            errors, status = errors_told(words(request, ctx.actor), error), error.status
    else:
        revenue.terms(ctx)  # the same right
    if pairs is None:
        pairs = [(each.email, f"{each.basis_points / 100:g}") for each in found if each.ends_at is None]
    return page(
        request,
        ctx.actor,
        "finance/shares.html",
        status=status,
        tabs=finance_nav.TABS,
        manages=ctx.actor.may(Permission.FINANCE_MANAGE),
        course=course,
        title=title,
        found=found,
        pairs=[*pairs, *[("", "")] * FEWEST_ROWS],
        errors=errors,
    )
