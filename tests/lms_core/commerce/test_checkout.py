"""From the cart to an open course over HTTP: what an order asks for, pays, opens, and gives back."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.commerce.orders.jobs import expire
from lms_core.commerce.orders.models import Order
from lms_core.commerce.orders.service import refunding, settling
from lms_core.commerce.orders.transitions import TRANSITIONS, IllegalTransition, OrderState, may, require
from lms_core.commerce.payments.gateways.port import State
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Work, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.jobs import Job
from lms_core.kit.money import Currency
from lms_core.kit.permissions import Role
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, create_person, create_tenant, log_in
from tests.factories.shop import API, Headers, begin, coupon, open_sandbox, order, sell, succeed, tell
from workers.runtime import Runtime


@pytest.fixture
def admin(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.ADMIN)


@pytest.fixture
def course(runtime: Runtime) -> Made:
    return create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR))


@pytest.fixture
def buyer(runtime: Runtime) -> Person:
    return create_person(runtime.database)


@pytest.fixture
def headers(client: TestClient, buyer: Person) -> Headers:
    return log_in(client, buyer)


def rate(client: TestClient, admin_headers: Headers) -> str:
    made = client.post(f"{API}/finance/taxes", json={"name": "VAT", "basis_points": 1600}, headers=admin_headers)
    return str(made.json()["id"])


def balance(runtime: Runtime, kind: AccountKind, tenant_id: UUID) -> int:
    with runtime.database.read(system_actor(tenant_id)) as ctx:
        return ledger.balance(ctx, kind, Currency.KES)


def enrolled(client: TestClient, headers: Headers, course: Made) -> bool:
    return bool(client.get(f"{API}/courses/{course.slug}", headers=headers).json()["enrolled"])


def test_from_the_cart_to_the_course_and_back(
    runtime: Runtime, client: TestClient, admin: Person, buyer: Person, headers: Headers, course: Made,
    drain: Callable[[], int],
) -> None:  # fmt: skip
    managing = log_in(client, admin)
    product = sell(runtime.database, admin, course.id, 116_000, tax_rate_id=rate(client, managing))
    refused = client.post(f"{API}/courses/{course.slug}/enroll", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "course_for_sale")

    placed = order(client, headers, product.id)
    assert (placed["state"], placed["net"], placed["tax"], placed["total"]) == ("open", 100_000, 16_000, 116_000)
    assert client.get(f"{API}/cart", headers=headers).json()["lines"] == []
    account = open_sandbox(runtime.database, admin)
    payment = begin(client, headers, placed["id"], account)
    assert client.get(f"{API}/orders/{placed['id']}/payment", headers=headers).json()["step"] == "redirect"
    assert not enrolled(client, headers, course)
    succeed(runtime.database, buyer.tenant_id, payment)
    assert client.get(f"{API}/orders/{placed['id']}/payment", headers=headers).json()["step"] == "paid"
    drain()
    assert client.get(f"{API}/orders/{placed['id']}/payment", headers=headers).json()["step"] == "opened"
    seen = client.get(f"{API}/orders/{placed['id']}", headers=headers).json()
    assert seen["state"] == "fulfilled" and seen["opened"][0]["path"] == f"/courses/{course.slug}"
    assert enrolled(client, headers, course)
    told = {kind: balance(runtime, kind, buyer.tenant_id) for kind in (AccountKind.REVENUE, AccountKind.VAT)}
    assert told == {AccountKind.REVENUE: -100_000, AccountKind.VAT: -16_000}
    assert balance(runtime, AccountKind.RECEIPTS, buyer.tenant_id) == 0

    with runtime.database.write(system_actor(buyer.tenant_id)) as ctx:  # told a second time
        paid_for = UUID(str(placed["id"]))
        settling.settle(ctx, paid_for, payment_id=payment, amount=116_000, currency=Currency.KES)
    drain()
    assert balance(runtime, AccountKind.REVENUE, buyer.tenant_id) == -100_000

    address = f"{API}/finance/orders/{placed['id']}/refunds"
    too_much = {"amount": 116_001, "reason": "All and more"}
    key = {"Idempotency-Key": "refund-number-one"}
    answer = client.post(address, json=too_much, headers={**managing, **key})
    assert (answer.status_code, answer.json()["code"]) == (409, "refund_too_large")
    part = {"amount": 58_000, "reason": "Half of it"}
    first = client.post(address, json=part, headers={**managing, **key})
    again = client.post(address, json=part, headers={**managing, **key})
    assert first.status_code == again.status_code == 201 and first.json()["id"] == again.json()["id"]
    drain()
    seen = client.get(f"{API}/orders/{placed['id']}", headers=headers).json()
    assert (seen["state"], seen["refunded"], seen["refundable"]) == ("partially_refunded", 58_000, 58_000)
    assert enrolled(client, headers, course)
    rest = client.post(address, json={"reason": "The rest"}, headers={**managing, "Idempotency-Key": "refund-two"})
    assert rest.status_code == 201, rest.text
    drain()
    assert client.get(f"{API}/orders/{placed['id']}", headers=headers).json()["state"] == "refunded"
    assert not enrolled(client, headers, course)
    assert balance(runtime, AccountKind.VAT, buyer.tenant_id) == 0
    assert balance(runtime, AccountKind.REFUNDS, buyer.tenant_id) == 100_000
    assert balance(runtime, AccountKind.RECEIPTS, buyer.tenant_id) == 0


def test_a_price_that_changed_is_asked_about(
    runtime: Runtime, client: TestClient, admin: Person, headers: Headers, course: Made, clock: MovingClock
) -> None:
    product, managing = sell(runtime.database, admin, course.id, 100), log_in(client, admin)
    client.post(f"{API}/cart/items", json={"product_id": str(product.id)}, headers=headers)
    clock.move(timedelta(minutes=1))
    raised = {"amount": 200, "currency": "KES"}
    client.post(f"{API}/finance/products/{product.id}/prices", json=raised, headers=managing)
    key = {"Idempotency-Key": "the-first-order"}
    refused = client.post(f"{API}/cart/checkout", json={}, headers={**headers, **key})
    assert (refused.status_code, refused.json()["code"]) == (409, "price_changed")
    [change] = refused.json()["changes"]
    assert (change["old"]["amount"], change["new"]["amount"]) == (100, 200)
    assert client.get(f"{API}/orders", headers=headers).json()["items"] == []
    assert client.post(f"{API}/cart/accept", headers=headers).json()["changed"] is False
    placed = client.post(f"{API}/cart/checkout", json={}, headers={**headers, **key})
    assert placed.json()["total"] == 200
    again = client.post(f"{API}/cart/checkout", json={}, headers={**headers, **key})
    assert again.json()["id"] == placed.json()["id"]
    other = client.post(f"{API}/cart/checkout", json={"affiliate": "somebody"}, headers={**headers, **key})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize("quantity", [-1, 0, 1001, 10**18, 1.5, "many"])
def test_quantities_that_are_none(
    runtime: Runtime, client: TestClient, admin: Person, headers: Headers, course: Made, quantity: object
) -> None:
    product = sell(runtime.database, admin, course.id)
    item = {"product_id": str(product.id), "quantity": quantity, "for_others": True}
    assert client.post(f"{API}/cart/items", json=item, headers=headers).status_code == 422
    assert client.get(f"{API}/cart", headers=headers).json()["total"] == 0


@pytest.mark.parametrize("amount", [-1, 10**18, 10**13 + 1, 1.5, "1e3"])
def test_prices_that_are_none(client: TestClient, admin: Person, course: Made, amount: object) -> None:
    price = {"amount": amount, "currency": "KES"}
    given = {"kind": "course", "subject_id": str(course.id), "prices": [price]}
    answer = client.post(f"{API}/finance/products", json=given, headers=log_in(client, admin))
    assert answer.status_code == 422, answer.text


def test_more_than_an_order_can_hold(
    runtime: Runtime, client: TestClient, admin: Person, headers: Headers, course: Made
) -> None:
    product = sell(runtime.database, admin, course.id, 10**13)
    item = {"product_id": str(product.id), "quantity": 1000, "for_others": True}
    refused = client.post(f"{API}/cart/items", json=item, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "too_much")


def test_what_is_free_opens_at_once(
    runtime: Runtime, client: TestClient, admin: Person, headers: Headers, course: Made, drain: Callable[[], int]
) -> None:
    product = sell(runtime.database, admin, course.id, 5_000)
    coupon(runtime.database, admin, "ALL-OFF", basis_points=10_000)
    client.post(f"{API}/cart/items", json={"product_id": str(product.id)}, headers=headers)
    client.patch(f"{API}/cart", json={"coupon": "all-off"}, headers=headers)
    placed = client.post(f"{API}/cart/checkout", json={}, headers={**headers, "Idempotency-Key": "for-nothing"})
    assert (placed.json()["state"], placed.json()["total"], placed.json()["discount"]) == ("paid", 0, 5_000)
    drain()
    assert enrolled(client, headers, course)
    client.post(f"{API}/cart/items", json={"product_id": str(product.id)}, headers=headers)
    twice = client.post(f"{API}/cart/checkout", json={}, headers={**headers, "Idempotency-Key": "once-more"})
    assert twice.json()["code"] == "already_yours"


def test_another_amount_settles_nothing(
    runtime: Runtime, client: TestClient, admin: Person, buyer: Person, headers: Headers, course: Made,
    drain: Callable[[], int],
) -> None:  # fmt: skip
    placed = order(client, headers, sell(runtime.database, admin, course.id).id)
    order_id = UUID(str(placed["id"]))
    for amount, currency in ((1, Currency.KES), (150_000, Currency.USD)):
        with runtime.database.write(system_actor(buyer.tenant_id)) as ctx:
            settling.settle(ctx, order_id, payment_id=new_id(), amount=amount, currency=currency)
    drain()
    assert client.get(f"{API}/orders/{order_id}", headers=headers).json()["state"] == "open"
    assert not enrolled(client, headers, course)


def test_money_that_comes_after_the_order_was_cancelled_still_pays(
    runtime: Runtime, client: TestClient, admin: Person, buyer: Person, headers: Headers, course: Made,
    drain: Callable[[], int],
) -> None:  # fmt: skip
    placed = order(client, headers, sell(runtime.database, admin, course.id).id)
    payment = begin(client, headers, placed["id"], open_sandbox(runtime.database, admin))
    cancelled = client.post(f"{API}/orders/{placed['id']}/cancel", headers=headers)
    assert cancelled.json()["state"] == "cancelled"
    assert client.post(f"{API}/orders/{placed['id']}/cancel", headers=headers).status_code == 409
    succeed(runtime.database, buyer.tenant_id, payment)
    drain()
    assert client.get(f"{API}/orders/{placed['id']}", headers=headers).json()["state"] == "fulfilled"
    assert enrolled(client, headers, course)


def test_a_bank_that_takes_its_money_back(
    runtime: Runtime, client: TestClient, admin: Person, buyer: Person, headers: Headers, course: Made,
    drain: Callable[[], int],
) -> None:  # fmt: skip
    kept = create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR), title="Kept")
    first = sell(runtime.database, admin, course.id)
    second = sell(runtime.database, admin, kept.id, on_reversal="keep")
    placed = order(client, headers, first.id, second.id)
    payment = begin(client, headers, placed["id"], open_sandbox(runtime.database, admin))
    succeed(runtime.database, buyer.tenant_id, payment)
    drain()
    tell(runtime.database, buyer.tenant_id, payment, State.REVERSED)
    drain()
    assert client.get(f"{API}/orders/{placed['id']}", headers=headers).json()["state"] == "refunded"
    assert (enrolled(client, headers, course), enrolled(client, headers, kept)) == (False, True)
    assert balance(runtime, AccountKind.REFUNDS, buyer.tenant_id) == 300_000
    with runtime.database.write(system_actor(buyer.tenant_id)) as ctx:
        order_id = UUID(str(placed["id"]))
        refunding.reversed_by_bank(ctx, order_id, payment_id=payment, amount=300_000)
    assert balance(runtime, AccountKind.REFUNDS, buyer.tenant_id) == 300_000


def test_orders_and_carts_are_their_owners(
    runtime: Runtime, client: TestClient, admin: Person, headers: Headers, course: Made
) -> None:
    product = sell(runtime.database, admin, course.id)
    placed = order(client, headers, product.id)
    client.post(f"{API}/cart/items", json={"product_id": str(product.id)}, headers=headers)
    [item] = client.get(f"{API}/cart", headers=headers).json()["lines"]
    elsewhere = create_tenant(runtime.database, host="other.example.org")
    stranger = log_in(client, create_person(runtime.database))
    foreign_admin = create_person(runtime.database, role=Role.ADMIN, tenant_id=elsewhere)
    foreign = TestClient(client.app, base_url="http://other.example.org", raise_server_exceptions=False)
    abroad = log_in(foreign, foreign_admin)
    key = {"Idempotency-Key": "somebody-elses"}
    for asking, who in ((client, stranger), (foreign, abroad)):
        assert asking.get(f"{API}/orders/{placed['id']}", headers=who).status_code == 404
        assert asking.post(f"{API}/orders/{placed['id']}/cancel", headers=who).status_code == 404
        pay = {"account_id": str(new_id())}
        assert asking.post(f"{API}/orders/{placed['id']}/payment", json=pay, headers={**who, **key}).status_code == 404
        assert asking.delete(f"{API}/cart/items/{item['id']}", headers=who).status_code == 404
    put = {"product_id": str(product.id)}
    assert foreign.post(f"{API}/cart/items", json=put, headers=abroad).status_code == 404
    assert foreign.get(f"{API}/finance/orders/{placed['id']}", headers=abroad).status_code == 404
    refund = {"reason": "Not mine"}
    address = f"{API}/finance/orders/{placed['id']}/refunds"
    assert foreign.post(address, json=refund, headers={**abroad, **key}).status_code == 404
    assert client.post(address, json=refund, headers={**stranger, **key}).status_code == 403


def test_nobody_pays_in_time(
    runtime: Runtime, client: TestClient, admin: Person, headers: Headers, course: Made, clock: MovingClock,
    drain: Callable[[], int],
) -> None:  # fmt: skip
    product = sell(runtime.database, admin, course.id)
    code = coupon(runtime.database, admin, "ONE-USE", basis_points=1000, uses_allowed=1)
    client.post(f"{API}/cart/items", json={"product_id": str(product.id)}, headers=headers)
    client.patch(f"{API}/cart", json={"coupon": "one-use"}, headers=headers)
    placed = client.post(f"{API}/cart/checkout", json={}, headers={**headers, "Idempotency-Key": "too-late-1"}).json()
    with runtime.database.write(system_actor()) as ctx:
        row = ctx.session.execute(select(Order).where(Order.id == UUID(placed["id"]))).scalar_one()
        row.expires_at = ctx.now
    expire(Work(runtime.database, Job(name="orders.expire", queue="fast", run_at=clock.now(), created_at=clock.now())))
    assert client.get(f"{API}/orders/{placed['id']}", headers=headers).json()["state"] == "expired"
    managing = log_in(client, admin)
    [seen] = client.get(f"{API}/finance/coupons", headers=managing).json()["items"]
    assert (seen["id"], seen["used"]) == (str(code), 0)


def test_lists_take_few_statements(
    runtime: Runtime, client: TestClient, admin: Person, headers: Headers, course: Made
) -> None:
    product = sell(runtime.database, admin, course.id)
    managing = log_in(client, admin)

    def counts() -> list[int]:
        found = []
        for path, who in (("/orders", headers), ("/finance/orders", managing), ("/products", headers)):
            client.get(f"{API}{path}", headers=who)
            with statements(runtime.database) as sent:
                assert client.get(f"{API}{path}", headers=who).status_code == 200
            found.append(len(sent))
        return found

    order(client, headers, product.id)
    one = counts()
    for _ in range(4):
        order(client, headers, product.id)
    assert counts() == one and max(one) <= 6


def test_states_go_forward_only() -> None:
    reached = {OrderState.OPEN}
    for _ in OrderState:
        reached |= {after for before in reached for after in TRANSITIONS[before]}
    assert reached == set(OrderState)
    assert not TRANSITIONS[OrderState.REFUNDED] and not may(OrderState.PAID, OrderState.OPEN)
    with pytest.raises(IllegalTransition):
        require(OrderState.FULFILLED, OrderState.CANCELLED)
