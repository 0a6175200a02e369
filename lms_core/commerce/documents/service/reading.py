"""Documents as their buyers and the institution see them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from lms_core.commerce.documents import queries
from lms_core.commerce.documents.errors import DocumentNotFound, DocumentPrepared
from lms_core.commerce.documents.models import Document, DocumentKind
from lms_core.commerce.documents.schemas import (
    Content,
    ControlUnit,
    DocumentRow,
    DocumentView,
    TaxView,
    VatLine,
    VatReport,
)
from lms_core.commerce.documents.service.details import as_printed, own, require
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.money import Currency, Money, to_major
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission
from lms_core.kit.spreadsheets import csv_lines

HEADER = (
    "Number", "Kind", "Issued at", "Order", "Buyer", "Buyer PIN", "Currency", "Net", "Tax", "Total",
    "Corrects", "Control unit number",
)  # fmt: skip
AT_ONCE = 500


def mine(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[DocumentRow]:
    """The actor's documents, newest first. One statement. Unauthenticated."""
    return _listed(ctx, select(Document).where(Document.buyer_id == own(ctx)), cursor=cursor, limit=limit)


def of_order(ctx: ReadCtx, order_id: UUID) -> list[DocumentRow]:
    """The documents of an order that the actor may see, oldest first. One statement."""
    wanted = select(Document).where(Document.order_id == order_id).order_by(Document.id)
    if not ctx.actor.may(Permission.FINANCE_READ):
        wanted = wanted.where(Document.buyer_id == own(ctx))
    return [_row(row) for row in ctx.session.execute(wanted).scalars()]


def issued(
    ctx: ReadCtx,
    *,
    kind: DocumentKind | None = None,
    q: str = "",
    month: str = "",
    waiting: bool = False,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[DocumentRow]:
    """Every document, newest first, of those wanted. Two statements at most. Forbidden, Invalid."""
    require(ctx, Permission.FINANCE_READ)
    since, until = _span(ctx, month)
    wanted = queries.chosen(kind=kind, q=q.strip(), since=since, until=until, waiting=waiting)
    return _listed(ctx, wanted, cursor=cursor, limit=limit)


def access_document(ctx: ReadCtx, document_id: UUID) -> DocumentView:
    """A document whole, for its buyer and for who reads the finances. Three statements. DocumentNotFound."""
    row = _access(ctx, document_id)
    corrected = select(Document.id).where(Document.corrects_id == row.id).order_by(Document.id)
    return DocumentView(
        **_row(row).model_dump(),
        content=Content.model_validate(row.content),
        language=row.language,
        taxes=tuple(
            TaxView(rate=each.rate, net=each.net, tax=each.tax) for each in queries.taxes(ctx, [row.id])[row.id]
        ),
        control=control_of(row),
        corrects_id=row.corrects_id,
        corrected_by=tuple(ctx.session.execute(corrected).scalars()),
    )


def pdf_of(ctx: ReadCtx, document_id: UUID) -> tuple[str, str]:
    """Where a document's PDF lies in storage, and a name for the file. DocumentNotFound, DocumentPrepared."""
    row = _access(ctx, document_id)
    if not row.pdf_key:
        raise DocumentPrepared()
    return row.pdf_key, f"{row.number}.pdf"


def vat_report(ctx: ReadCtx, *, month: str) -> VatReport:
    """What was invoiced and credited in a month, by currency and rate. Three statements at most. Forbidden, Invalid."""
    require(ctx, Permission.FINANCE_READ)
    since, until = queries.month_span(month, as_printed(ctx).time_zone)
    found: dict[tuple[str, int], dict[str, int]] = {}
    for currency, rate, kind, count, net, tax in queries.vat(ctx, since, until):
        sums = found.setdefault(
            (currency, rate), {"invoices": 0, "net": 0, "tax": 0, "credited_net": 0, "credited_tax": 0}
        )
        if kind == DocumentKind.INVOICE:
            sums |= {"invoices": int(count), "net": int(net), "tax": int(tax)}
        else:
            sums |= {"credited_net": int(net), "credited_tax": int(tax)}
    lines = tuple(VatLine(currency=Currency(key[0]), rate=key[1], **sums) for key, sums in sorted(found.items()))
    return VatReport(month=month, lines=lines)


def export_month(ctx: ReadCtx, *, month: str) -> Iterator[str]:
    """The documents of a month as CSV in pieces, oldest first; credit notes are negative. Forbidden, Invalid."""
    require(ctx, Permission.FINANCE_READ)
    since, until = queries.month_span(month, as_printed(ctx).time_zone)
    wanted = queries.chosen(kind=None, q="", since=since, until=until, waiting=False).order_by(Document.id)
    rows = ctx.session.execute(wanted.execution_options(yield_per=AT_ONCE)).scalars()
    return csv_lines(HEADER, (_cells(row) for row in rows))


def control_of(row: Document) -> ControlUnit:
    """What the control unit gave for a document."""
    return ControlUnit(
        state=row.control_state,
        number=row.control_number,
        serial=row.control_serial,
        url=row.control_url,
        at=row.control_at,
    )


def _cells(row: Document) -> list[object]:
    sign = -1 if row.kind == DocumentKind.CREDIT_NOTE else 1
    content = Content.model_validate(row.content)
    amounts = [
        to_major(Money(amount=sign * each, currency=Currency(row.currency)))
        for each in (row.net, row.tax, row.net + row.tax)
    ]
    return [
        row.number, str(row.kind), row.issued_at.isoformat(), row.order_number, row.buyer_name, content.buyer.pin,
        row.currency, *amounts, content.corrects, row.control_number,
    ]  # fmt: skip


def _access(ctx: ReadCtx, document_id: UUID) -> Document:
    row = queries.document(ctx, document_id)
    if row.buyer_id is not None and row.buyer_id == ctx.actor.user_id:
        return row
    if not ctx.actor.may(Permission.FINANCE_READ):
        raise DocumentNotFound()
    return row


def _span(ctx: ReadCtx, month: str) -> tuple[datetime | None, datetime | None]:
    return queries.month_span(month, as_printed(ctx).time_zone) if month else (None, None)


def _listed(ctx: ReadCtx, wanted: Select[Any], *, cursor: str, limit: int) -> Page[DocumentRow]:
    if cursor:
        last = parse_id(decode_cursor(cursor, (str,))[0])
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        wanted = wanted.where(Document.id < last)
    rows = ctx.session.execute(wanted.order_by(Document.id.desc()).limit(limit + 1)).scalars()
    return page([_row(row) for row in rows], limit, lambda each: [str(each.id)])


def _row(row: Document) -> DocumentRow:
    said = {name: getattr(row, name) for name in DocumentRow.model_fields if name not in ("ready", "total")}
    return DocumentRow(**said, total=row.net + row.tax, ready=bool(row.pdf_key))
