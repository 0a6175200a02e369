"""Sales as orders tell of them, for tests of what listens: documents and revenue."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pypdfium2

from lms_core.commerce.orders.events import OrderPaid, OrderRefunded, PaidLine, RefundedLine
from lms_core.kit.context import Database, system_actor
from lms_core.kit.events import Event
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency, share
from tests.conftest import START
from tests.factories.people import Person

VAT = 1600


def line(
    net: int, *, courses: Sequence[UUID] = (), rate: int = VAT, title: str = "Heat and water", quantity: int = 1
) -> PaidLine:
    """A line of this price without tax, in minor units, for the whole quantity."""
    tax = share(net, rate)
    return PaidLine(
        line_id=new_id(), product_id=new_id(), kind="course", course_ids=tuple(courses), title=title, quantity=quantity,
        unit=(net + tax) // quantity, discount=0, net=net, tax=tax, tax_rate=rate, total=net + tax,
    )  # fmt: skip


def sale(
    buyer: Person,
    *lines: PaidLine,
    number: str = "A-1001",
    at: datetime = START,
    affiliate_id: UUID | None = None,
    currency: Currency = Currency.KES,
) -> OrderPaid:
    """That somebody paid an order."""
    return OrderPaid(
        order_id=new_id(), number=number, buyer_id=buyer.id, currency=currency, lines=lines, affiliate_id=affiliate_id,
        at=at,
    )  # fmt: skip


def refund(paid: OrderPaid, *parts: tuple[int, int], at: datetime | None = None) -> OrderRefunded:
    """That of the lines at these places so much of the price without tax went back; without parts, all of it."""
    given = []
    for place, net in parts or [(place, each.net) for place, each in enumerate(paid.lines)]:
        of = paid.lines[place]
        tax = of.tax if net == of.net else share(net, of.tax_rate)
        given.append(RefundedLine(line_id=of.line_id, net=net, tax=tax, total=net + tax))
    return OrderRefunded(
        order_id=paid.order_id, refund_id=new_id(), currency=paid.currency, lines=tuple(given), at=at or paid.at
    )


def tell(database: Database, tenant_id: UUID, *facts: Event) -> None:
    """Emit facts, each in a transaction of its own."""
    for fact in facts:
        with database.write(system_actor(tenant_id)) as ctx:
            ctx.emit(fact)


def text_of(pdf: bytes) -> str:
    """The words of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)
