"""Documents made of what happened to an order: numbers taken, contents frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lms_core.commerce.documents import numbers, queries
from lms_core.commerce.documents.events import DocumentIssued
from lms_core.commerce.documents.models import ControlState, Document, DocumentKind, DocumentTax
from lms_core.commerce.documents.paid import paid_by
from lms_core.commerce.documents.schemas import Content, ContentLine, PaidBy, Party, SellerView
from lms_core.commerce.documents.service.details import as_printed
from lms_core.commerce.orders.events import OrderPaid, OrderRefunded, PaidLine, PeriodPaid, PeriodRefunded
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.events import Notice
from lms_core.kit.money import Currency

DELIVER = "documents.deliver"
NAMELESS = "—"


class InvoiceMissing(LookupError):
    """A refund was told of before the payment it is of: trying again in a moment is right."""


@dataclass(frozen=True, slots=True)
class _Sale:
    """What was sold, whatever it was. `source`: what it is invoiced for once. `purpose`: payments' name for it."""

    source: UUID
    purpose: tuple[str, UUID]
    number: str
    buyer_id: UUID | None
    currency: Currency
    lines: tuple[PaidLine, ...]
    at: datetime


def for_order(ctx: WriteCtx, event: OrderPaid) -> list[UUID]:
    """The invoice and the receipt of a paid order, once; a free order has none. Their ids."""
    purpose = ("order", event.order_id)
    return _sold(
        ctx, _Sale(event.order_id, purpose, event.number, event.buyer_id, event.currency, event.lines, event.at)
    )


def for_period(ctx: WriteCtx, event: PeriodPaid) -> list[UUID]:
    """The same of a payment of a period of a subscription, which stands where an order does: two payments of one
    period, of which one is kept as credit, have an invoice each. The number is made of the period's id.
    """
    number = f"S-{event.period_id.hex[-10:].upper()}"
    purpose = ("subscription_period", event.period_id)
    return _sold(ctx, _Sale(event.payment_id, purpose, number, event.user_id, event.currency, event.lines, event.at))


def _sold(ctx: WriteCtx, sale: _Sale) -> list[UUID]:
    source = sale.source
    if sum(line.total for line in sale.lines) <= 0:
        return []
    if queries.of_source(ctx, DocumentKind.INVOICE, source) is not None:
        return []
    seller = as_printed(ctx)
    buyer, language = _buyer(ctx, sale.buyer_id)
    lines = tuple(ContentLine(**line.model_dump(include=set(ContentLine.model_fields))) for line in sale.lines)
    content = _content(seller, buyer, lines, supplied_at=sale.at, paid=paid_by(ctx, sale.purpose))
    made = [
        _issue(
            ctx,
            kind,
            content,
            seller=seller,
            source_id=source,
            order=(source, sale.number),
            buyer_id=sale.buyer_id,
            language=language,
            currency=sale.currency,
        )
        for kind in (DocumentKind.INVOICE, DocumentKind.RECEIPT)
    ]
    _hand_on(ctx, made, buyer_id=sale.buyer_id, kind="documents.invoiced")
    return [each.id for each in made]


def for_refund(ctx: WriteCtx, event: OrderRefunded) -> UUID | None:
    """The credit note of what went back, once, to the order's invoice. InvoiceMissing while there is none."""
    return _given_back(ctx, event, source=event.order_id)


def for_period_refund(ctx: WriteCtx, event: PeriodRefunded) -> UUID | None:
    """The same of a period of a subscription."""
    return _given_back(ctx, event, source=event.payment_id)


def _given_back(ctx: WriteCtx, event: OrderRefunded | PeriodRefunded, *, source: UUID) -> UUID | None:
    if sum(line.total for line in event.lines) <= 0:
        return None
    known = queries.of_source(ctx, DocumentKind.CREDIT_NOTE, event.refund_id)
    if known is not None:
        return known.id
    invoice = queries.of_source(ctx, DocumentKind.INVOICE, source)
    if invoice is None:
        raise InvoiceMissing(f"{source} has no invoice yet")
    seller = as_printed(ctx)
    invoiced = Content.model_validate(invoice.content)
    content = _content(
        seller,
        invoiced.buyer,  # the party that was invoiced is the one that is credited
        _credited(invoiced, event),
        supplied_at=event.at,
        corrects=(invoice.number, invoice.issued_at),
    )
    made = _issue(
        ctx,
        DocumentKind.CREDIT_NOTE,
        content,
        seller=seller,
        source_id=event.refund_id,
        order=(source, invoice.order_number),
        buyer_id=invoice.buyer_id,
        language=invoice.language,
        currency=event.currency,
        corrects_id=invoice.id,
    )
    _hand_on(ctx, [made], buyer_id=invoice.buyer_id, kind="documents.credited")
    return made.id


def _credited(invoiced: Content, event: OrderRefunded | PeriodRefunded) -> tuple[ContentLine, ...]:
    """The lines of a credit note: a line that went back whole as it was sold, else one piece of what went back."""
    sold = {line.line_id: line for line in invoiced.lines}
    lines = []
    for each in event.lines:
        line = sold[each.line_id]
        if (each.net, each.total) == (line.net, line.total):
            lines.append(line)
            continue
        part = {"quantity": 1, "unit": each.total, "discount": 0, "net": each.net, "tax": each.tax, "total": each.total}
        lines.append(line.model_copy(update=part))
    return tuple(lines)


def _content(
    seller: SellerView,
    buyer: Party,
    lines: tuple[ContentLine, ...],
    *,
    supplied_at: datetime,
    corrects: tuple[str, datetime] | None = None,
    paid: tuple[PaidBy, ...] = (),
) -> Content:
    return Content(
        seller=Party(
            name=seller.legal_name, address=seller.address, pin=seller.pin, email=seller.email, phone=seller.phone
        ),
        buyer=buyer,
        lines=lines,
        supplied_at=supplied_at,
        time_zone=seller.time_zone,
        note=seller.note,
        vat_registered=seller.vat_registered,
        etims=seller.etims,
        corrects=corrects[0] if corrects else "",
        corrects_at=corrects[1] if corrects else None,
        paid_by=paid,
    )


def _buyer(ctx: ReadCtx, buyer_id: UUID | None) -> tuple[Party, str]:
    """Who is invoiced, and in which language."""
    if buyer_id is None:
        return Party(name=NAMELESS), "en"
    person = next(iter(accounts.addressees(ctx, [buyer_id])), None)
    told = queries.billing(ctx, buyer_id)
    name = (told.name if told is not None else "") or (person.full_name if person is not None else "") or NAMELESS
    language = "sw" if person is not None and person.language == "sw" else "en"
    if told is None:
        return Party(name=name), language
    return Party(name=name, address=told.address, pin=told.pin), language


def _issue(
    ctx: WriteCtx,
    kind: DocumentKind,
    content: Content,
    *,
    seller: SellerView,
    source_id: UUID,
    order: tuple[UUID, str],
    buyer_id: UUID | None,
    language: str,
    currency: str,
    corrects_id: UUID | None = None,
) -> Document:
    year = numbers.year_of(ctx.now, seller.time_zone)
    sequence = numbers.take(ctx, kind=kind, year=year)
    waits = seller.etims and kind != DocumentKind.RECEIPT
    net, tax = sum(line.net for line in content.lines), sum(line.tax for line in content.lines)
    row = ctx.add(
        Document(
            kind=kind,
            number=numbers.written(kind, year, sequence),
            year=year,
            sequence=sequence,
            source_id=source_id,
            order_id=order[0],
            order_number=order[1],
            buyer_id=buyer_id,
            buyer_name=content.buyer.name,
            corrects_id=corrects_id,
            currency=currency,
            net=net,
            tax=tax,
            content=content.model_dump(mode="json"),
            language=language,
            issued_at=ctx.now,
            control_state=ControlState.WAITING if waits else ControlState.NONE,
        )
    )
    for rate in sorted({line.tax_rate for line in content.lines}):
        of_rate = [line for line in content.lines if line.tax_rate == rate]
        sums = {"net": sum(line.net for line in of_rate), "tax": sum(line.tax for line in of_rate)}
        ctx.add(DocumentTax(document_id=row.id, rate=rate, **sums))
    return row


def _hand_on(ctx: WriteCtx, made: Sequence[Document], *, buyer_id: UUID | None, kind: str) -> None:
    """Tell of the documents and have them printed and mailed; the buyer is told once, of the first."""
    for place, row in enumerate(made):
        notice = None
        if place == 0 and buyer_id is not None:
            variables = {"number": row.number, "document_id": str(row.id)}
            notice = Notice(recipients=(buyer_id,), kind=kind, variables=variables)
        ctx.emit(
            DocumentIssued(document_id=row.id, kind=row.kind, number=row.number, order_id=row.order_id, notice=notice)
        )
    ctx.enqueue(DELIVER, document_ids=[str(row.id) for row in made])
