"""One's invoices, receipts and credit notes, and what is printed about oneself on those to come."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing
from api.routes.commerce.documents import pdf
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.commerce.documents import service as documents
from lms_core.commerce.documents.schemas import BillingIn
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/invoices", include_in_schema=False)

Line = Annotated[str, Form(max_length=700)]
Cursor = Annotated[str, Query(max_length=600)]


@router.get("")
def mine(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """One's documents, newest first; two statements."""
    return _list(request, ctx, cursor=cursor, values=documents.billing(ctx).model_dump(), errors={})


@router.post("/details")
def set_details(request: Request, ctx: Writing, name: Line = "", address: Line = "", pin: Line = "") -> Response:
    """Say what is printed about oneself from the next document on."""
    values = {"name": name, "address": address.replace("\r\n", "\n"), "pin": pin}
    try:
        documents.set_billing(ctx, given=BillingIn.model_validate(values))
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        return _list(request, ctx, values=values, errors=told, status=getattr(error, "status", 422))
    return redirect("/invoices", notice="saved")


@router.get("/{document_id}")
def read(request: Request, ctx: Reading, document_id: UUID) -> Response:
    """A document whole; for who looks after the finances with what may be done to it. Three statements."""
    return shown(request, ctx, document_id, values={}, errors={})


@router.get("/{document_id}/document")
def download(ctx: Reading, runtime: RuntimeDep, document_id: UUID) -> Response:
    """The same as a PDF."""
    return pdf(ctx, runtime, document_id)


def _list(
    request: Request, ctx: ReadCtx, *, values: dict[str, str], errors: Errors, cursor: str = "", status: int = 200
) -> Response:
    found = documents.mine(ctx, cursor=cursor)
    return page(request, ctx.actor, "invoices.html", status=status, found=found, values=values, errors=errors)


def shown(
    request: Request, ctx: ReadCtx, document_id: UUID, *, values: dict[str, str], errors: Errors, status: int = 200
) -> Response:
    """The page of a document."""
    return page(
        request,
        ctx.actor,
        "invoice.html",
        status=status,
        doc=documents.access_document(ctx, document_id),
        manages=ctx.actor.may(Permission.FINANCE_MANAGE),
        values=values,
        errors=errors,
    )
