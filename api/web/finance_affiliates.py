"""Affiliates as the finances see them: whose link brings buyers, what came of it, and their terms."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.finance_amounts import basis_points
from api.web.finance_nav import TABS
from api.web.finance_tables import Refusal, refused
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from api.web.undoing import undo
from lms_core.commerce.products import service as products
from lms_core.commerce.products.schemas import AffiliateChange, AffiliateIn
from lms_core.commerce.revenue import service as revenue
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError, Invalid
from lms_core.kit.permissions import Permission
from lms_core.kit.settings import Settings

router = APIRouter(prefix="/finance/affiliates", include_in_schema=False)

Line = Annotated[str, Form(max_length=320)]


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


CODE = _("Please write 3 to 40 letters, digits, hyphens or underscores.")
NOBODY = _("Nobody here has this address.")


@router.get("")
def list_all(request: Request, ctx: Reading, cursor: Annotated[str, Query(max_length=600)] = "") -> Response:
    """Every affiliate with what came of their link, newest first, and the form for another one; five statements."""
    return _page(request, ctx, cursor=cursor)


@router.post("")
def add(
    request: Request, ctx: Writing, email: Line = "", code: Line = "", percent: Line = "", window_days: Line = ""
) -> Response:
    """Give somebody a link of their own."""
    values = {"email": email, "code": code, "percent": percent, "window_days": window_days}
    try:
        share = basis_points(percent, "percent")
        known = accounts.ids_of_emails(ctx, [email.strip()])
        if not known:
            raise Invalid(NOBODY, fields=[{"field": "email", "message": NOBODY}])
        given = {"user_id": next(iter(known.values())), "code": code, "share_bp": share, "window_days": window_days}
        products.add_affiliate(ctx, affiliate=AffiliateIn.model_validate(given))
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status in (403, 404):
            raise
        said = words(request, ctx.actor)
        told = errors_told(said, error)
        if isinstance(error, ValidationError) and "code" in told:
            told["code"] = said.gettext(CODE)
        undo(ctx)
        return _page(request, ctx, values=values, errors=told, status=getattr(error, "status", 422))
    return redirect(router.prefix, notice="saved")


@router.post("/{affiliate_id}")
def change(
    request: Request, ctx: Writing, affiliate_id: UUID, percent: Line = "", window_days: Line = "", active: Line = ""
) -> Response:
    """Change somebody's share and window, or let their link count no longer."""
    try:
        given = {"share_bp": basis_points(percent, "percent"), "window_days": window_days, "active": bool(active)}
        products.change_affiliate(ctx, affiliate_id, change=AffiliateChange.model_validate(given))
    except (ValidationError, DomainError) as error:
        return _page(request, ctx, refusal=refused(request, ctx, error, at=affiliate_id, written=percent))
    return redirect(router.prefix, notice="saved")


def _page(
    request: Request,
    ctx: ReadCtx,
    *,
    cursor: str = "",
    values: dict[str, str] | None = None,
    errors: Errors | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        ctx.actor,
        "finance/affiliates.html",
        status=refusal.status if refusal else status,
        tabs=TABS,
        found=revenue.affiliates(ctx, cursor=cursor),
        address=f"{ctx.resources.get(Settings).public_url.rstrip('/')}/via/",
        values={"window_days": "30", **(values or {})},
        errors=errors or {},
        refused=refusal,
        may_manage=ctx.actor.may(Permission.FINANCE_MANAGE),
    )
