"""What subscriptions write into the ledger: a term's money from RECEIPTS to REVENUE and VAT, and back."""

from uuid import UUID

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind, Line
from lms_core.commerce.orders.events import PaidLine, RefundedLine
from lms_core.commerce.subscriptions.models import Term, TermPayment
from lms_core.kit.context import WriteCtx
from lms_core.kit.money import Currency, tax_within


def earned(ctx: WriteCtx, term: Term, *, payment_id: UUID, amount: int, title: str) -> None:
    """Money for a term (or kept as credit): +RECEIPTS -REVENUE -VAT. Once a payment."""
    tax = tax_within(amount, term.tax_rate)
    _post(
        ctx, term, f"term:{term.id}:paid:{payment_id}", title,
        [(AccountKind.RECEIPTS, amount), (AccountKind.REVENUE, tax - amount), (AccountKind.VAT, -tax)],
    )  # fmt: skip


def given_back(ctx: WriteCtx, term: Term, *, cause_id: UUID, amount: int, tax: int, title: str) -> None:
    """Money of a term went back: +REFUNDS +VAT -RECEIPTS. Once a refund or reversal."""
    _post(
        ctx, term, f"term:{term.id}:back:{cause_id}", title,
        [(AccountKind.REFUNDS, amount - tax), (AccountKind.VAT, tax), (AccountKind.RECEIPTS, -amount)],
    )  # fmt: skip


def _post(ctx: WriteCtx, term: Term, key: str, title: str, moved: list[tuple[AccountKind, int]]) -> None:
    ledger.post(
        ctx,
        key=key,
        kind="subscriptions.back" if ":back:" in key else "subscriptions.paid",
        subject=("subscription_term", term.id),
        description=title,
        lines=[Line(kind, amount, Currency(term.currency)) for kind, amount in moved if amount],
    )


def paid_line(term: Term, *, amount: int, course_ids: tuple[UUID, ...], title: str) -> PaidLine:
    """A payment as a line of an invoice. `line_id` is the term's id, `product_id` its plan's."""
    tax = tax_within(amount, term.tax_rate)
    whole = term.price == term.full_price and amount <= term.price  # all of a term's seats, and nothing else
    return PaidLine(
        line_id=term.id,
        product_id=term.plan_id,
        kind="plan",
        course_ids=course_ids,
        title=title,
        quantity=term.seats if whole else 1,
        unit=term.price // term.seats if whole else term.price,
        discount=term.price - amount if term.price > amount else 0,
        net=amount - tax,
        tax=tax,
        tax_rate=term.tax_rate,
        total=amount,
    )


def refunded_line(term: Term, *, amount: int, tax: int) -> RefundedLine:
    """What of a term went back, as a line of a credit note."""
    return RefundedLine(line_id=term.id, net=amount - tax, tax=tax, total=amount)


def tax_back(received: TermPayment, tax_rate: int, amount: int) -> int:
    """The tax in a part that goes back now: all parts together give exactly the tax of their sum."""
    return tax_within(received.given_back + amount, tax_rate) - tax_within(received.given_back, tax_rate)
