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
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.commerce.revenue import service as revenue
from lms_core.commerce.revenue.schemas import BatchIn, BatchView, FailedIn, HoldIn, PaidIn, SharesIn, TermsIn
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.money import Currency, Money, from_major, to_major
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/finance/payouts", include_in_schema=False)


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


Line = Annotated[str, Form(max_length=600)]
Name = Annotated[str, Query(max_length=80)]
Cursor = Annotated[str, Query(max_length=600)]
PERCENT = _("Please write a percentage from 0 to 100, with two decimals at most.")
AMOUNT = _("Please write an amount such as 1500 or 1500.50.")
FEWEST_ROWS = 3  # empty rows of the form of shares


@router.get("")
def overview(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """What is due, the batches, who is on hold, the terms; ten statements."""
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
    currency: Line = "KES",
    two_above: Line = "",
    smallest: Line = "",
) -> Response:
    """Say the terms; the amounts are of one currency, those of others stay."""
    values = {"hold_days": hold_days, "owner_share": owner_share, "two_above": two_above, "smallest": smallest}
    said = words(request, ctx.actor)
    now = revenue.terms(ctx)
    try:
        of = Currency(currency)
        limits = {"two_above": _minor(two_above, of), "smallest": _minor(smallest, of)}
        share = _basis_points(owner_share)
    except ValueError:
        told = {"two_above": said.gettext(AMOUNT), "owner_share": said.gettext(PERCENT)}
        return _overview(request, ctx, values=values, errors=told, status=422)
    try:
        given = {
            "hold_days": hold_days,
            "owner_share": share,
            "two_above": {**now.two_above, of: limits["two_above"]},
            "smallest": {**now.smallest, of: limits["smallest"]},
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
        given = [{"email": address, "basis_points": _basis_points(share)} for address, share in pairs]
        revenue.set_shares(ctx, course, given=SharesIn.model_validate({"shares": given}))
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        first = {"": next(iter(told.values()))}
        return _shares_page(request, ctx, course, errors=first, pairs=pairs, status=getattr(error, "status", 422))
    except ValueError:
        told = {"": words(request, ctx.actor).gettext(PERCENT)}
        return _shares_page(request, ctx, course, errors=told, pairs=pairs, status=422)
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


def _basis_points(percent: str) -> int:
    """“12.5” percent as 1250. ValueError."""
    points = from_major(percent.strip().rstrip("% ").replace(",", ".") or "0", Currency.USD).amount
    if not 0 <= points <= 10_000:
        raise ValueError("a share is 0 to 100 percent")
    return points


def _minor(written: str, currency: Currency) -> int:
    """“1,500” of a currency in minor units, nothing as 0. ValueError."""
    return from_major(written.strip().replace(",", "") or "0", currency).amount


def _again(request: Request, ctx: ReadCtx, error: ValidationError | DomainError, values: dict[str, str]) -> Response:
    told = errors_told(words(request, ctx.actor), error)
    return _overview(request, ctx, values=values, errors=told, status=getattr(error, "status", 422))


def _overview(
    request: Request, ctx: ReadCtx, *, values: dict[str, str], errors: Errors, cursor: str = "", status: int = 200
) -> Response:
    terms = revenue.terms(ctx)
    shown = {
        name: str(to_major(Money(amount=limits.get(Currency.KES, 0), currency=Currency.KES)))
        for name, limits in (("two_above", terms.two_above), ("smallest", terms.smallest))
    }
    return page(
        request,
        ctx.actor,
        "finance/payouts.html",
        status=status,
        tabs=finance_nav.TABS,
        manages=ctx.actor.may(Permission.FINANCE_MANAGE),
        due=revenue.due(ctx),
        found=revenue.batches(ctx, cursor=cursor),
        holds=revenue.holds(ctx),
        currencies=[(each.value, each.value) for each in Currency],
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
