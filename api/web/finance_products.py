"""What is sold, as the finances arrange it: products and prices, coupons, rates of tax."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.finance_amounts import basis_points, minor
from api.web.finance_nav import TABS
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from api.web.undoing import undo
from lms_core.commerce.products import service as products
from lms_core.commerce.products.models import OnReversal, ProductKind
from lms_core.commerce.products.schemas import CouponChange, CouponIn, PriceIn, ProductChange, ProductIn, TaxRateIn
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError, Invalid
from lms_core.kit.money import Currency
from lms_core.kit.permissions import Permission
from lms_core.learning.paths import service as paths

router = APIRouter(prefix="/finance", include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]
Line = Annotated[str, Form(max_length=3000)]
Refused = ValidationError | DomainError
CHOICES = 100


@router.get("/products")
def list_products(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """Every product, newest first, and a form for another one; ten statements at most."""
    return _products_page(request, ctx, cursor=cursor)


@router.post("/products")
def create(
    request: Request,
    ctx: Writing,
    what: Line = "",
    title: Line = "",
    summary: Line = "",
    amount: Line = "",
    currency: Annotated[Currency, Form()] = Currency.KES,
    tax_rate_id: Line = "",
    items: Annotated[list[UUID] | None, Form()] = None,
) -> Response:
    """Put something up for sale; `what` is “kind:id”, or “bundle”."""
    kind, _, subject = what.partition(":")
    try:
        prices = [PriceIn(amount=minor(amount, currency, "amount"), currency=currency)]
        given = {"kind": kind, "subject_id": subject or None, "title": title or None, "summary": summary}
        more = {"tax_rate_id": tax_rate_id or None, "items": items or [] if kind == "bundle" else []}
        made = products.create(ctx, product=ProductIn.model_validate({**given, **more, "prices": prices}))
    except (ValidationError, DomainError) as error:
        return _products_page(request, ctx, error=error, values={"title": title, "summary": summary, "amount": amount})
    return redirect(f"/finance/products/{made.id}", notice="saved")


@router.get("/products/{product_id}")
def product(request: Request, ctx: Reading, product_id: UUID) -> Response:
    """A product with its prices; five statements at most."""
    return _product_page(request, ctx, product_id)


@router.post("/products/{product_id}")
def change(
    request: Request,
    ctx: Writing,
    product_id: UUID,
    title: Line = "",
    summary: Line = "",
    active: Line = "",
    on_reversal: Annotated[OnReversal, Form()] = OnReversal.REVOKE,
    tax_rate_id: Line = "",
) -> Response:
    """Keep what a product says of itself."""
    try:
        given = {"title": title, "summary": summary, "active": bool(active), "on_reversal": on_reversal}
        rate = {"tax_rate_id": tax_rate_id or None, "untaxed": not tax_rate_id}
        products.change(ctx, product_id, change=ProductChange.model_validate({**given, **rate}))
    except (ValidationError, DomainError) as error:
        return _product_page(request, ctx, product_id, error=error)
    return redirect(f"/finance/products/{product_id}", notice="saved")


@router.post("/products/{product_id}/price")
def set_price(
    request: Request,
    ctx: Writing,
    product_id: UUID,
    amount: Line = "",
    currency: Annotated[Currency, Form()] = Currency.KES,
) -> Response:
    """Give a product a new price from now on."""
    try:
        products.set_price(ctx, product_id, price=PriceIn(amount=minor(amount, currency, "amount"), currency=currency))
    except (ValidationError, DomainError) as error:
        return _product_page(request, ctx, product_id, error=error)
    return redirect(f"/finance/products/{product_id}", notice="saved")


@router.get("/coupons")
def list_coupons(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """Every coupon, newest first, and a form for another one; two statements."""
    return _coupons_page(request, ctx, cursor=cursor)


@router.post("/coupons")
def add_coupon(
    request: Request,
    ctx: Writing,
    code: Line = "",
    off: Line = "",
    unit: Line = "percent",
    ends_at: Line = "",
    uses_allowed: Line = "",
    uses_per_person: Line = "",
    first_purchase: Line = "",
) -> Response:
    """A new coupon; `unit` is “percent” or a currency."""
    values = {"code": code, "off": off, "uses_allowed": uses_allowed, "uses_per_person": uses_per_person}
    try:
        given: dict[str, Any] = {"code": code, "first_purchase": bool(first_purchase), "ends_at": _moment(ends_at)}
        if unit == "percent":
            given["basis_points"] = basis_points(off, "off")
        else:
            given |= {"amount": minor(off, Currency(unit), "off"), "currency": unit}
        limits = {"uses_allowed": uses_allowed or None, "uses_per_person": uses_per_person or None}
        products.add_coupon(ctx, coupon=CouponIn.model_validate({**given, **limits}))
    except (ValidationError, DomainError) as error:
        return _coupons_page(request, ctx, error=error, values=values)
    return redirect("/finance/coupons", notice="saved")


@router.post("/coupons/{coupon_id}")
def change_coupon(ctx: Writing, coupon_id: UUID, active: Line = "") -> Response:
    """Stop a coupon, or let it work again."""
    products.change_coupon(ctx, coupon_id, change=CouponChange(active=bool(active)))
    return redirect("/finance/coupons", notice="saved")


@router.get("/taxes")
def list_taxes(request: Request, ctx: Reading) -> Response:
    """Rates of tax, and a form for another one; one statement."""
    return _taxes_page(request, ctx)


@router.post("/taxes")
def add_rate(
    request: Request, ctx: Writing, name: Line = "", percent: Line = "", country: Line = "KE", inclusive: Line = ""
) -> Response:
    """A new rate of tax."""
    try:
        given = {"name": name, "basis_points": basis_points(percent, "percent"), "country": country.upper()}
        products.add_rate(ctx, rate=TaxRateIn.model_validate({**given, "inclusive": bool(inclusive)}))
    except (ValidationError, DomainError) as error:
        values = {"name": name, "percent": percent, "country": country}
        return _taxes_page(request, ctx, error=error, values=values)
    return redirect("/finance/taxes", notice="saved")


@router.post("/taxes/{rate_id}")
def offer_rate(ctx: Writing, rate_id: UUID, active: Line = "") -> Response:
    """Offer a rate for products, or offer it no longer."""
    products.set_rate_active(ctx, rate_id, active=bool(active))
    return redirect("/finance/taxes", notice="saved")


def _page(request: Request, ctx: ReadCtx, template: str, error: Refused | None, **values: Any) -> Response:
    if isinstance(error, DomainError) and error.status in (403, 404):
        raise error
    told = errors_told(words(request, ctx.actor), error) if error is not None else {}
    if error is not None:
        undo(ctx)
    return page(
        request,
        ctx.actor,
        template,
        status=getattr(error, "status", 422) if error is not None else 200,
        tabs=TABS,
        errors=told,
        currencies=list(Currency),
        may_manage=ctx.actor.may(Permission.FINANCE_MANAGE),
        **values,
    )


def _products_page(
    request: Request,
    ctx: ReadCtx,
    *,
    cursor: str = "",
    error: Refused | None = None,
    values: dict[str, str] | None = None,
) -> Response:
    if error is not None:
        undo(ctx)
    found = products.manageable(ctx, cursor=cursor)
    return _page(
        request,
        ctx,
        "finance/products.html",
        error,
        found=found,
        rates=[each for each in products.rates(ctx) if each.active],
        courses=courses.browse(ctx, limit=CHOICES).items,
        paths=paths.browse(ctx, limit=CHOICES).items,
        kinds=[each.value for each in ProductKind],
        values=values or {},
    )


def _product_page(request: Request, ctx: ReadCtx, product_id: UUID, *, error: Refused | None = None) -> Response:
    if error is not None:
        undo(ctx)
    seen = products.managed(ctx, product_id)
    rates = [each for each in products.rates(ctx) if each.active or each.id == seen.tax_rate_id]
    values = {"title": seen.title, "summary": seen.summary}
    return _page(request, ctx, "finance/product.html", error, product=seen, rates=rates, values=values)


def _coupons_page(
    request: Request,
    ctx: ReadCtx,
    *,
    cursor: str = "",
    error: Refused | None = None,
    values: dict[str, str] | None = None,
) -> Response:
    if error is not None:
        undo(ctx)
    found = products.coupons(ctx, cursor=cursor)
    return _page(request, ctx, "finance/coupons.html", error, found=found, values=values or {})


def _taxes_page(
    request: Request, ctx: ReadCtx, *, error: Refused | None = None, values: dict[str, str] | None = None
) -> Response:
    return _page(request, ctx, "finance/taxes.html", error, rates=products.rates(ctx), values=values or {})


def _moment(written: str) -> datetime | None:
    """A `datetime-local` field in UTC, which the page says."""
    if not written.strip():
        return None
    try:
        return datetime.fromisoformat(written.strip()).replace(tzinfo=UTC)
    except ValueError as error:
        raise Invalid(fields=[{"field": "ends_at", "message": "give a date and time"}]) from error
