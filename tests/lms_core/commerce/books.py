"""Books to test on: an institution's verbs, and transactions as the slices above post them."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.service import AccountKind, Line
from lms_core.kit.context import Database, WriteCtx, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency, share, tax_within
from tests.factories.people import default_tenant

KES, USD = Currency.KES, Currency.USD
TILL = "till"


def line(kind: AccountKind, amount: int, currency: Currency = KES, owner: str = "") -> Line:
    """A line in shillings, unless it says otherwise."""
    return Line(kind=kind, amount=amount, currency=currency, owner=owner)


def received(amount: int, *, currency: Currency = KES, till: str = TILL) -> list[Line]:
    """A payment that arrived at a provider."""
    return [line(AccountKind.CLEARING, amount, currency, till), line(AccountKind.RECEIPTS, -amount, currency)]


def sold(amount: int, *, currency: Currency = KES) -> list[Line]:
    """What was received becomes revenue and 16 % of tax that is in it."""
    tax = tax_within(amount, 1600)
    lines = [line(AccountKind.RECEIPTS, amount, currency), line(AccountKind.REVENUE, -(amount - tax), currency)]
    return [*lines, line(AccountKind.VAT, -tax, currency)] if tax else lines


def shared(amount: int, *, owner: str, currency: Currency = KES) -> list[Line]:
    """Seventy of a hundred are an instructor's."""
    part = share(amount, 7000)
    return [line(AccountKind.SHARES, part, currency), line(AccountKind.INSTRUCTOR, -part, currency, owner)]


@contextmanager
def writing(database: Database, tenant_id: UUID | None = None) -> Iterator[WriteCtx]:
    """A transaction of the system in an institution: the default one."""
    with database.write(system_actor(tenant_id or default_tenant(database))) as ctx:
        yield ctx


def put(
    database: Database, lines: list[Line], *, key: str = "", kind: str = "payment.settled",
    subject: tuple[str, UUID] | None = None, tenant_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """Post in a transaction of its own, under a new key unless one is given."""
    with writing(database, tenant_id) as ctx:
        return ledger.post(
            ctx, key=key or f"test:{new_id()}", kind=kind, subject=subject or ("payment", new_id()),
            description="A payment", lines=lines,
        )  # fmt: skip
