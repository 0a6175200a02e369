"""`/invoices`, one's own documents; `/finance/documents`, all of them, the seller and the VAT return."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from api.answers import as_json
from api.deps import Reading, RuntimeDep, Writing
from api.errors import errors
from lms_core.commerce.documents import service as documents
from lms_core.commerce.documents.errors import ControlUnitNotUsed, DocumentNotFound, DocumentPrepared
from lms_core.commerce.documents.models import DocumentKind
from lms_core.commerce.documents.schemas import (
    BillingIn,
    BillingView,
    ControlUnitIn,
    DocumentRow,
    DocumentView,
    SellerIn,
    SellerView,
    VatReport,
)
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page
from lms_core.kit.storage import Storage
from workers.runtime import Runtime

router = APIRouter(tags=["invoices"])
finance = APIRouter(prefix="/finance", tags=["finance documents"])

Cursor = Annotated[str, Query(max_length=600)]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)]
Search = Annotated[str, Query(max_length=100)]
Month = Annotated[str, Query(max_length=7, description="A month of the institution's calendar, such as 2026-01")]
PDF = {200: {"content": {"application/pdf": {}}}}
CSV = {200: {"content": {"text/csv": {}}}}


@router.get("/invoices", response_model=Page[DocumentRow], responses=errors(Unauthenticated, Invalid))
def list_mine(ctx: Reading, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Response:
    """The caller's invoices, receipts and credit notes, newest first."""
    return as_json(documents.mine(ctx, cursor=cursor, limit=limit))


@router.get("/invoices/{document_id}", response_model=DocumentView, responses=errors(Unauthenticated, DocumentNotFound))
def read(ctx: Reading, document_id: UUID) -> Response:
    """A document whole, for its buyer and for who reads the finances."""
    return as_json(documents.access_document(ctx, document_id))


@router.get(
    "/invoices/{document_id}/document",
    response_model=None,
    responses={**PDF, **errors(Unauthenticated, DocumentNotFound, DocumentPrepared, NotFound)},
)
def download(ctx: Reading, runtime: RuntimeDep, document_id: UUID) -> Response:
    """The same as a PDF."""
    return pdf(ctx, runtime, document_id)


@router.get("/billing-details", response_model=BillingView, responses=errors(Unauthenticated))
def read_billing(ctx: Reading) -> BillingView:
    """What is printed about the caller as a buyer."""
    return documents.billing(ctx)


@router.put("/billing-details", response_model=BillingView, responses=errors(Unauthenticated, Conflict))
def set_billing(ctx: Writing, given: BillingIn) -> BillingView:
    """Say what is printed about the caller from the next document on."""
    return documents.set_billing(ctx, given=given)


@finance.get("/documents", response_model=Page[DocumentRow], responses=errors(Unauthenticated, Forbidden, Invalid))
def list_issued(
    ctx: Reading,
    kind: DocumentKind | None = None,
    q: Search = "",
    month: Month = "",
    waiting: bool = False,
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Response:
    """Every document, newest first; `waiting` for those without the data of the control unit."""
    found = documents.issued(ctx, kind=kind, q=q, month=month, waiting=waiting, cursor=cursor, limit=limit)
    return as_json(found)


@finance.get("/documents.csv", response_model=None, responses={**CSV, **errors(Unauthenticated, Forbidden, Invalid)})
def export(ctx: Reading, month: Month) -> Response:
    """The documents of a month for a spreadsheet; credit notes are negative."""
    text = "".join(documents.export_month(ctx, month=month))
    headers = {"Content-Disposition": f'attachment; filename="documents-{month}.csv"', "Cache-Control": "no-store"}
    return Response(text, media_type="text/csv", headers=headers)


@finance.get("/vat", response_model=VatReport, responses=errors(Unauthenticated, Forbidden, Invalid))
def read_vat(ctx: Reading, month: Month) -> VatReport:
    """What was invoiced and credited in a month, by currency and rate."""
    return documents.vat_report(ctx, month=month)


@finance.get("/seller", response_model=SellerView, responses=errors(Unauthenticated, Forbidden))
def read_seller(ctx: Reading) -> SellerView:
    """Who sells, as documents print it."""
    return documents.seller(ctx)


@finance.put("/seller", response_model=SellerView, responses=errors(Unauthenticated, Forbidden, Conflict))
def set_seller(ctx: Writing, given: SellerIn) -> SellerView:
    """Say who sells, from the next document on."""
    return documents.set_seller(ctx, given=given)


@finance.put(
    "/documents/{document_id}/control-unit",
    response_model=DocumentView,
    responses=errors(Unauthenticated, Forbidden, DocumentNotFound, ControlUnitNotUsed),
)
def record_control_unit(ctx: Writing, document_id: UUID, given: ControlUnitIn) -> DocumentView:
    """Keep what the tax authority's control unit gave; the document is printed and mailed anew."""
    return documents.record_control_unit(ctx, document_id, given=given)


@finance.post(
    "/documents/{document_id}/mail",
    response_model=DocumentView,
    responses=errors(Unauthenticated, Forbidden, DocumentNotFound),
)
def mail_again(ctx: Writing, document_id: UUID) -> DocumentView:
    """Mail a document to its buyer once more."""
    return documents.mail_again(ctx, document_id)


def pdf(ctx: ReadCtx, runtime: Runtime, document_id: UUID) -> Response:
    """A document's PDF in pieces, for who may see it."""
    key, name = documents.pdf_of(ctx, document_id)
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Content-Length": str(storage.size(key)),
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(storage.stream(key), media_type="application/pdf", headers=headers)
