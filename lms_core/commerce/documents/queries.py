"""The selects of documents."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, or_, select

from lms_core.commerce.documents.errors import DocumentNotFound
from lms_core.commerce.documents.models import BillingDetails, Document, DocumentKind, DocumentTax, SellerSettings
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid


def seller(ctx: ReadCtx) -> SellerSettings | None:
    """The institution's settings, once somebody saved them."""
    found: SellerSettings | None = ctx.session.execute(select(SellerSettings)).scalar_one_or_none()
    return found


def billing(ctx: ReadCtx, user_id: UUID) -> BillingDetails | None:
    """What somebody wants on their invoices."""
    wanted = select(BillingDetails).where(BillingDetails.user_id == user_id)
    found: BillingDetails | None = ctx.session.execute(wanted).scalar_one_or_none()
    return found


def document(ctx: ReadCtx, document_id: UUID) -> Document:
    """The row; DocumentNotFound."""
    row: Document | None = ctx.session.execute(select(Document).where(Document.id == document_id)).scalar_one_or_none()
    if row is None:
        raise DocumentNotFound()
    return row


def of_source(ctx: ReadCtx, kind: DocumentKind, source_id: UUID) -> Document | None:
    """The document of this kind about an order or a refund."""
    wanted = select(Document).where(Document.kind == kind, Document.source_id == source_id)
    found: Document | None = ctx.session.execute(wanted).scalar_one_or_none()
    return found


def taxes(ctx: ReadCtx, document_ids: Sequence[UUID]) -> dict[UUID, list[DocumentTax]]:
    """The sums by rate of each document, lowest rate first. One statement."""
    found: dict[UUID, list[DocumentTax]] = {each: [] for each in document_ids}
    wanted = select(DocumentTax).where(DocumentTax.document_id.in_(document_ids)).order_by(DocumentTax.rate)
    for row in ctx.session.execute(wanted).scalars():
        found[row.document_id].append(row)
    return found


def chosen(
    *, kind: DocumentKind | None, q: str, since: datetime | None, until: datetime | None, waiting: bool
) -> Select[Any]:
    """Documents of a kind, in a span of time, with `q` in a number or the buyer's name; only those that wait."""
    wanted: Select[Any] = select(Document)
    if kind is not None:
        wanted = wanted.where(Document.kind == kind)
    if q:
        columns = (Document.number, Document.order_number, Document.buyer_name)
        wanted = wanted.where(or_(*(each.icontains(q, autoescape=True) for each in columns)))
    if since is not None:
        wanted = wanted.where(Document.issued_at >= since)
    if until is not None:
        wanted = wanted.where(Document.issued_at < until)
    return wanted.where(Document.control_state == "waiting") if waiting else wanted


def vat(ctx: ReadCtx, since: datetime, until: datetime) -> list[Any]:
    """Currency, rate, kind, number of documents, net and tax between two moments. One statement."""
    wanted = (
        select(
            Document.currency,
            DocumentTax.rate,
            Document.kind,
            func.count(),
            func.sum(DocumentTax.net),
            func.sum(DocumentTax.tax),
        )
        .join(DocumentTax, DocumentTax.document_id == Document.id)
        .where(Document.issued_at >= since, Document.issued_at < until, Document.kind != DocumentKind.RECEIPT)
        .group_by(Document.currency, DocumentTax.rate, Document.kind)
        .order_by(Document.currency, DocumentTax.rate)
    )
    return list(ctx.session.execute(wanted))


def month_span(month: str, time_zone: str) -> tuple[datetime, datetime]:
    """The first moment of `2026-01` in the seller's zone, and that of the month after. Invalid."""
    zone = ZoneInfo(time_zone)
    try:
        begins = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
        ends = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
        return begins.astimezone(UTC), ends.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("The month is not one such as 2026-01.") from error
