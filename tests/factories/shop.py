"""Things for sale, and money for them: made through the product's own verbs."""

from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways.port import Mode, State, Status
from lms_core.commerce.payments.gateways.sandbox import Sandbox
from lms_core.commerce.payments.models import Payment
from lms_core.commerce.payments.schemas import AccountIn
from lms_core.commerce.payments.service import settling
from lms_core.commerce.payments.service.accounts import gateways_of
from lms_core.commerce.products import service as products
from lms_core.commerce.products.schemas import CouponIn, PriceIn, ProductIn, ProductView
from lms_core.commerce.sandbox.schemas import Act
from lms_core.kit.context import Database, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency, Money
from tests.factories.people import Person, actor_of

API = "/api/v1"
Headers = dict[str, str]


def sell(
    database: Database,
    admin: Person,
    subject: UUID | None,
    amount: int = 150_000,
    *,
    kind: str = "course",
    **more: object,
) -> ProductView:
    """Something for sale in shillings (`amount` in cents)."""
    prices = [PriceIn(amount=amount, currency=Currency.KES)]
    given = {"kind": kind, "subject_id": subject, "prices": prices, **more}
    with database.write(actor_of(database, admin)) as ctx:
        return products.create(ctx, product=ProductIn.model_validate(given))


def coupon(database: Database, admin: Person, code: str, **more: object) -> UUID:
    """A coupon."""
    with database.write(actor_of(database, admin)) as ctx:
        return products.add_coupon(ctx, coupon=CouponIn.model_validate({"code": code, **more})).id


def open_sandbox(database: Database, admin: Person) -> UUID:
    """An account at the provider in the house."""
    given = AccountIn(
        gateway="sandbox", mode=Mode.TEST, name="Play money", values={"secret": "x" * 32}, is_default=True
    )
    return payments.save_account(database, actor_of(database, admin), account=given).id


def order(client: TestClient, headers: Headers, *product_ids: UUID, **more: object) -> dict[str, object]:
    """An open order of these products."""
    for product_id in product_ids:
        put = client.post(f"{API}/cart/items", json={"product_id": str(product_id), **more}, headers=headers)
        assert put.status_code == 200, put.text
    placed = client.post(f"{API}/cart/checkout", json={}, headers={**headers, "Idempotency-Key": str(new_id())})
    assert placed.status_code == 201, placed.text
    found: dict[str, object] = placed.json()
    return found


def begin(client: TestClient, headers: Headers, order_id: object, account_id: UUID) -> UUID:
    """Ask for an order's money; the payment's id."""
    asked = client.post(
        f"{API}/orders/{order_id}/payment",
        json={"account_id": str(account_id), "phone": "0712345678"},
        headers={**headers, "Idempotency-Key": str(new_id())},
    )
    assert asked.status_code == 200, asked.text
    return UUID(asked.json()["payment_id"])


def succeed(database: Database, tenant_id: UUID, payment_id: UUID) -> None:
    """The payer pays at the provider in the house, and its word that the money is here counts at once."""
    with database.read(system_actor(tenant_id)) as view:
        line = view.session.execute(select(Payment).where(Payment.id == payment_id)).scalar_one()
        paid = Money(amount=line.amount, currency=Currency(line.currency))
        token = line.url.rsplit("/", 1)[1]
    bank = gateways_of(database.resources)["sandbox"]
    assert isinstance(bank, Sandbox)
    done = bank.bank.act(token, Act.PAY, pin="1234")
    with database.write(system_actor(tenant_id)) as ctx:
        settling.apply(ctx, payment_id, Status(State.SUCCEEDED, amount=paid, receipt=done.receipt))


def tell(database: Database, tenant_id: UUID, payment_id: UUID, state: State, reason: str = "") -> None:
    """Another word of the provider."""
    with database.write(system_actor(tenant_id)) as ctx:
        settling.apply(ctx, payment_id, Status(state, reason=reason))
