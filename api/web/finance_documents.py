"""Every document of the institution, the VAT of a month, the seller, and the data of control units."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web import finance_nav
from api.web.forms import Errors
from api.web.invoices import shown
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.commerce.documents import service as documents
from lms_core.commerce.documents.models import DocumentKind
from lms_core.commerce.documents.schemas import ControlUnitIn, SellerIn
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/finance/documents", include_in_schema=False)

Line = Annotated[str, Form(max_length=700)]
Search = Annotated[str, Query(max_length=100)]
Cursor = Annotated[str, Query(max_length=600)]


@router.get("")
def issued(
    request: Request,
    ctx: Reading,
    kind: Search = "",
    q: Search = "",
    month: Search = "",
    waiting: Search = "",
    cursor: Cursor = "",
) -> Response:
    """The documents of those wanted, newest first, and with a month its VAT; seven statements at most."""
    known = DocumentKind(kind) if kind in set(DocumentKind) else None
    chosen = {"kind": known or "", "q": q, "month": month, "waiting": "yes" if waiting else ""}
    found = documents.issued(ctx, kind=known, q=q, month=month, waiting=bool(waiting), cursor=cursor)
    return page(
        request,
        ctx.actor,
        "finance/documents.html",
        tabs=finance_nav.TABS,
        found=found,
        chosen=chosen,
        kinds=list(DocumentKind),
        vat=documents.vat_report(ctx, month=month) if month else None,
        seller=documents.seller(ctx),
        following=urlencode({**chosen, "cursor": found.next_cursor or ""}),
    )


@router.get("/seller")
def seller(request: Request, ctx: Reading) -> Response:
    """Who sells, as documents print it."""
    return _seller_page(request, ctx, values=documents.seller(ctx).model_dump(), errors={})


@router.post("/seller")
def set_seller(
    request: Request,
    ctx: Writing,
    legal_name: Line = "",
    address: Line = "",
    pin: Line = "",
    email: Line = "",
    phone: Line = "",
    note: Line = "",
    time_zone: Line = "Africa/Nairobi",
    vat_registered: Line = "",
    etims: Line = "",
    etims_serial: Line = "",
) -> Response:
    """Say who sells, from the next document on."""
    values: dict[str, object] = {
        "legal_name": legal_name,
        "address": address.replace("\r\n", "\n"),
        "pin": pin,
        "email": email,
        "phone": phone,
        "note": note.replace("\r\n", "\n"),
        "time_zone": time_zone,
        "vat_registered": bool(vat_registered),
        "etims": bool(etims),
        "etims_serial": etims_serial,
    }
    try:
        documents.set_seller(ctx, given=SellerIn.model_validate(values))
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        return _seller_page(request, ctx, values=values, errors=told, status=getattr(error, "status", 422))
    return redirect("/finance/documents/seller", notice="saved")


@router.post("/{document_id}/control-unit")
def record_control_unit(
    request: Request, ctx: Writing, document_id: UUID, number: Line = "", serial: Line = "", url: Line = ""
) -> Response:
    """Keep what the control unit gave."""
    values = {"number": number.strip(), "serial": serial.strip(), "url": url.strip()}
    try:
        documents.record_control_unit(ctx, document_id, given=ControlUnitIn.model_validate(values))
    except ValidationError as error:
        told = errors_told(words(request, ctx.actor), error)
        return shown(request, ctx, document_id, values=values, errors=told, status=422)
    return redirect(f"/invoices/{document_id}", notice="saved")


@router.post("/{document_id}/mail")
def mail_again(ctx: Writing, document_id: UUID) -> Response:
    """Mail a document to its buyer once more."""
    documents.mail_again(ctx, document_id)
    return redirect(f"/invoices/{document_id}", notice="document-mailed")


def _seller_page(
    request: Request, ctx: ReadCtx, *, values: dict[str, object], errors: Errors, status: int = 200
) -> Response:
    return page(
        request,
        ctx.actor,
        "finance/seller.html",
        status=status,
        tabs=finance_nav.TABS,
        values=values,
        errors=errors,
        now=documents.seller(ctx),
        manages=ctx.actor.may(Permission.FINANCE_MANAGE),
    )
