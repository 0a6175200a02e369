"""Plans and prices as those who handle money make them, and the list of subscriptions."""

from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web import amounts
from api.web.finance_nav import TABS
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import language_of, page, redirect, words
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.models import Scope
from lms_core.commerce.subscriptions.periods import Interval
from lms_core.commerce.subscriptions.schemas import AllowanceIn, PlanChange, PlanCoursesIn, PlanIn, PlanView, PriceIn
from lms_core.commerce.subscriptions.transitions import State
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.money import Currency, from_major

router = APIRouter(prefix="/finance/plans", include_in_schema=False)

Line = Annotated[str, Form(max_length=4000)]
Cursor = Annotated[str, Query(max_length=600)]
Refused = (ValidationError, DomainError)
FOUND = 12


@router.get("")
def list_plans(
    request: Request,
    ctx: Reading,
    cursor: Cursor = "",
    state: Annotated[State | Literal[""], Query()] = "",
    after: Cursor = "",
) -> Response:
    """Plans (from `cursor` on), figures, and subscriptions (from `after` on); nine statements."""
    return _list_page(request, ctx, cursor=cursor, state=state or None, after=after)


@router.post("")
def create(
    request: Request,
    ctx: Writing,
    title: Line = "",
    summary: Line = "",
    features: Line = "",
    scope: Line = "courses",
    trial_days: Line = "0",
    vat: Line = "16",
    position: Line = "0",
) -> Response:
    """Make a plan."""
    values = {
        "title": title, "summary": summary, "features": features, "scope": scope, "trial_days": trial_days,
        "vat": vat, "position": position,
    }  # fmt: skip
    try:
        made = subscriptions.create_plan(ctx, plan=PlanIn.model_validate(_said(values)))
    except Refused as error:
        told = errors_told(words(request, ctx.actor), error)
        return _list_page(request, ctx, values=values, errors=_named(told), status=getattr(error, "status", 422))
    return redirect(f"/finance/plans/{made.id}")


@router.get("/{plan_id}")
def edit(request: Request, ctx: Reading, plan_id: UUID, find: Annotated[str, Query(max_length=200)] = "") -> Response:
    """A plan with its prices and courses."""
    return _plan_page(request, ctx, subscriptions.access_managed(ctx, plan_id), find=find)


@router.post("/{plan_id}")
def save(
    request: Request,
    ctx: Writing,
    plan_id: UUID,
    title: Line = "",
    summary: Line = "",
    features: Line = "",
    scope: Line = "courses",
    trial_days: Line = "0",
    vat: Line = "16",
    position: Line = "0",
) -> Response:
    """Keep what the plan says of itself."""
    values = {
        "title": title, "summary": summary, "features": features, "scope": scope, "trial_days": trial_days,
        "vat": vat, "position": position,
    }  # fmt: skip
    try:
        subscriptions.change_plan(ctx, plan_id, change=PlanChange.model_validate(_said(values)))
    except Refused as error:
        return _refused(request, ctx, plan_id, error, values=values)
    return redirect(f"/finance/plans/{plan_id}", notice="saved")


@router.post("/{plan_id}/offer")
def offer(request: Request, ctx: Writing, plan_id: UUID, active: Annotated[Literal["yes", "no"], Form()]) -> Response:
    """Offer the plan, or offer it no more."""
    try:
        subscriptions.change_plan(ctx, plan_id, change=PlanChange(active=active == "yes"))
    except DomainError as error:
        return _refused(request, ctx, plan_id, error)
    return redirect(f"/finance/plans/{plan_id}", notice="saved")


@router.post("/{plan_id}/prices")
def set_price(
    request: Request,
    ctx: Writing,
    plan_id: UUID,
    currency: Annotated[Currency, Form()],
    interval: Annotated[Interval, Form()],
    amount: Line = "",
) -> Response:
    """Offer a price from now on; nothing written: it is offered no more."""
    try:
        given = from_major(amount.strip().replace(",", ""), currency).amount if amount.strip() else None
        subscriptions.set_price(
            ctx, plan_id, price=PriceIn.model_validate({"currency": currency, "interval": interval, "amount": given})
        )
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, plan_id, error)
    except ValueError:
        told = {"amount": words(request, ctx.actor).gettext("Please write an amount such as 1500 or 1500.50.")}
        shown = subscriptions.access_managed(ctx, plan_id)
        return _plan_page(request, ctx, shown, errors=told, status=422)
    return redirect(f"/finance/plans/{plan_id}#prices", notice="saved")


@router.post("/{plan_id}/allowances")
def set_allowance(
    request: Request,
    ctx: Writing,
    plan_id: UUID,
    metric: Line = "",
    included: Line = "",
    most_beyond: Line = "",
    beyond_price: Line = "",
    currency: Line = "KES",
) -> Response:
    """Say how much the plan includes. A price in another currency is added to those there are."""
    plan = subscriptions.access_managed(ctx, plan_id)
    known = next((dict(each.beyond_prices) for each in plan.allowances if each.metric == metric), {})
    try:
        most = most_beyond.strip() or "0"
        prices = known if most != "0" else {}
        if beyond_price.strip() and most != "0":
            prices[Currency(currency)] = from_major(beyond_price.strip().replace(",", ""), Currency(currency)).amount
        given = {
            "metric": metric, "included": included.strip() or None, "most_beyond": most, "beyond_prices": prices,
        }  # fmt: skip
        subscriptions.set_allowance(ctx, plan_id, given=AllowanceIn.model_validate(given))
    except Refused as error:
        return _refused(request, ctx, plan_id, error)
    except ValueError:
        told = {"beyond_price": words(request, ctx.actor).gettext("Please write an amount such as 1500 or 1500.50.")}
        return _plan_page(request, ctx, plan, errors=told, status=422)
    return redirect(f"/finance/plans/{plan_id}#allowances", notice="saved")


@router.post("/{plan_id}/courses")
def change_courses(
    request: Request,
    ctx: Writing,
    plan_id: UUID,
    course: Annotated[UUID, Form()],
    action: Annotated[Literal["add", "remove"], Form()],
) -> Response:
    """Add a course to what the plan opens, or take one out."""
    plan = subscriptions.access_managed(ctx, plan_id)
    ids = [each.id for each in plan.courses if each.id != course] + ([course] if action == "add" else [])
    try:
        subscriptions.set_courses(ctx, plan_id, given=PlanCoursesIn(course_ids=ids))
    except Refused as error:
        return _refused(request, ctx, plan_id, error)
    return redirect(f"/finance/plans/{plan_id}#courses")


def _said(values: dict[str, str]) -> dict[str, Any]:
    """The form as a plan: a line a feature, VAT in percent."""
    try:
        tax_rate: Any = int((Decimal(values["vat"].strip() or "0") * 100).to_integral_exact())
    except (InvalidOperation, ValueError):
        tax_rate = values["vat"]
    return {
        "title": values["title"],
        "summary": values["summary"],
        "features": [line for line in values["features"].splitlines() if line.strip()],
        "scope": values["scope"],
        "trial_days": values["trial_days"] or "0",
        "position": values["position"] or "0",
        "tax_rate": tax_rate,
    }


def _named(told: Errors) -> Errors:
    """Errors by the fields of the form."""
    return {"vat" if name == "tax_rate" else name: text for name, text in told.items()}


def _refused(
    request: Request,
    ctx: ReadCtx,
    plan_id: UUID,
    error: ValidationError | DomainError,
    *,
    values: dict[str, str] | None = None,
) -> Response:
    told = _named(errors_told(words(request, ctx.actor), error))
    status = error.status if isinstance(error, DomainError) else 422
    plan = subscriptions.access_managed(ctx, plan_id)  # Forbidden and PlanNotFound end here again
    return _plan_page(request, ctx, plan, errors=told, values=values, status=status)


def _list_page(
    request: Request,
    ctx: ReadCtx,
    *,
    cursor: str = "",
    state: State | None = None,
    after: str = "",
    values: dict[str, str] | None = None,
    errors: Errors | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        ctx.actor,
        "finance/plans.html",
        status=status,
        tabs=TABS,
        found=subscriptions.manageable(ctx, cursor=cursor),
        figures=subscriptions.figures(ctx),
        people=subscriptions.subscribers(ctx, state=state, cursor=after),
        chosen=state.value if state else "",
        money=partial(amounts.written, language=language_of(request, ctx.actor)),
        values=values or {"scope": "courses", "trial_days": "0", "vat": "16", "position": "0"},
        errors=errors or {},
    )


def _plan_page(
    request: Request,
    ctx: ReadCtx,
    plan: PlanView,
    *,
    find: str = "",
    values: dict[str, str] | None = None,
    errors: Errors | None = None,
    status: int = 200,
) -> Response:
    shown = {
        "title": plan.title, "summary": plan.summary, "features": "\n".join(plan.features), "scope": plan.scope.value,
        "trial_days": str(plan.trial_days), "vat": f"{plan.tax_rate / 100:g}", "position": str(plan.position),
    }  # fmt: skip
    inside = {each.id for each in plan.courses}
    matching = courses.browse(ctx, q=find, limit=FOUND + len(inside)).items if plan.scope == Scope.COURSES else []
    return page(
        request,
        ctx.actor,
        "finance/plan.html",
        status=status,
        tabs=TABS,
        plan=plan,
        money=partial(amounts.written, language=language_of(request, ctx.actor)),
        values=values or shown,
        errors=errors or {},
        matching=[each for each in matching if each.id not in inside][:FOUND],
        find=find,
        currencies=[each.value for each in Currency],
    )
