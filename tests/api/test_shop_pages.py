"""The shop in a browser without scripts: the price on the course, the cart, the checkout in every state, finance."""

import re
from collections.abc import Callable
from urllib.parse import urljoin
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from lms_core.commerce.orders import service as orders
from lms_core.commerce.payments.gateways.port import State
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from tests.api.test_pages import IMPORTED, LINKED, Visitor
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, create_person, log_in
from tests.factories.shop import begin, coupon, open_sandbox, sell, succeed, tell
from workers.runtime import Runtime

KEY = re.compile(r'name="key" value="([\w-]+)"')


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
def learner(runtime: Runtime, buyer: Person) -> Visitor:
    return Visitor(runtime).log_in(buyer)


def to_checkout(learner: Visitor, course: Made) -> str:
    """The address of the checkout of an order of the course."""
    page = learner.get(f"/courses/{course.slug}")
    product = re.search(r'name="product_id" value="([\w-]+)"', page.text)
    assert product is not None
    learner.post("/cart/add", {"product_id": product[1]}, page=f"/courses/{course.slug}")
    key = KEY.search(learner.get("/cart").text)
    assert key is not None
    placed = learner.post("/cart/checkout", {"key": key[1]}, page="/cart")
    assert placed.url.path.startswith("/checkout/"), placed.text
    return placed.url.path


def test_from_the_course_to_the_course(
    runtime: Runtime, learner: Visitor, admin: Person, buyer: Person, course: Made, drain: Callable[[], int]
) -> None:
    sell(runtime.database, admin, course.id, 150_000)
    shown = Visitor(runtime).get(f"/courses/{course.slug}").text
    assert "1,500.00" in shown and "Log in and buy" in shown and f'action="/courses/{course.slug}/enroll"' not in shown
    assert "1,500.00" in learner.get("/pricing").text
    account = open_sandbox(runtime.database, admin)
    checkout = to_checkout(learner, course)
    order_id = checkout.rsplit("/", 1)[1]
    page = learner.get(checkout)
    assert str(account) in page.text and "How do you want to pay?" in page.text
    key = KEY.search(page.text)
    assert key is not None
    asked = learner.post(f"{checkout}/pay", {"account_id": str(account), "key": key[1]}, page=checkout)
    assert "Go on to pay" in asked.text and "/sandbox/pay/" in asked.text
    assert '<noscript><meta http-equiv="refresh"' in asked.text and 'data-step="redirect"' in asked.text
    with runtime.database.read(system_actor(buyer.tenant_id)) as ctx:
        [intent] = orders.payments_of(ctx, UUID(order_id))
    tell(runtime.database, buyer.tenant_id, intent.payments[-1].id, State.FAILED, "insufficient_funds")
    failed = learner.get(checkout).text
    assert "There is not enough money" in failed and "How do you want to pay?" in failed
    programme = TestClient(learner.client.app)
    payment = begin(programme, log_in(programme, buyer), order_id, account)
    succeed(runtime.database, buyer.tenant_id, payment)
    assert "Payment received, opening your course" in learner.get(checkout).text
    drain()
    done = learner.get(checkout).text
    assert f'href="/courses/{course.slug}"' in done and "http-equiv" not in done
    assert "complete" in learner.get("/orders").text
    assert "Start the first lesson" in learner.get(f"/courses/{course.slug}").text


def test_the_first_view_of_the_checkout_is_small(
    runtime: Runtime, learner: Visitor, admin: Person, course: Made
) -> None:
    sell(runtime.database, admin, course.id)
    open_sandbox(runtime.database, admin)
    page = learner.get(to_checkout(learner, course))
    waiting, fetched = sorted(set(LINKED.findall(page.text))), {}
    while waiting:
        path = waiting.pop()
        if path not in fetched:
            fetched[path] = learner.get(path)
            text = fetched[path].text if path.split("?")[0].endswith((".js", ".css")) else ""
            waiting += [urljoin(path, each) for each in IMPORTED.findall(text)]
    sent = [int(each.headers["content-length"]) for each in (page, *fetched.values())]
    assert sum(sent) < 100_000 and len(fetched) >= 3


def test_shop_pages_are_few_statements_and_hold_nothing_the_policy_forbids(
    runtime: Runtime, learner: Visitor, admin: Person, course: Made
) -> None:
    sell(runtime.database, admin, course.id)
    open_sandbox(runtime.database, admin)
    coupon(runtime.database, admin, "TENTH", basis_points=1000)
    checkout = to_checkout(learner, course)
    order_id = checkout.rsplit("/", 1)[1]
    finance = Visitor(runtime).log_in(admin)
    counts = {}
    for who, path in (
        (learner, "/pricing"),
        (learner, "/cart"),
        (learner, checkout),
        (learner, "/orders"),
        (learner, f"/orders/{order_id}"),
        (finance, "/finance/orders"),
        (finance, f"/finance/orders/{order_id}"),
        (finance, "/finance/products"),
        (finance, "/finance/coupons"),
        (finance, "/finance/taxes"),
    ):
        who.get(path)
        with statements(runtime.database) as sent:
            page = who.get(path)
        assert page.status_code == 200, (path, page.text[:300])
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", page.text), path
        counts[path] = len(sent)
    assert max(counts.values()) <= 16, counts
    for path in ("/finance/orders", "/finance/products", "/finance/coupons", "/finance/taxes"):
        assert learner.get(path).status_code == 403


def test_a_changed_price_is_shown_and_taken(runtime: Runtime, learner: Visitor, admin: Person, course: Made) -> None:
    product = sell(runtime.database, admin, course.id, 100_000)
    learner.post("/cart/add", {"product_id": str(product.id)}, page=f"/courses/{course.slug}")
    key = KEY.search(learner.get("/cart").text)
    assert key is not None
    finance = Visitor(runtime).log_in(admin)
    address = f"/finance/products/{product.id}"
    finance.post(f"{address}/price", {"amount": "2,000.50", "currency": "KES"}, page=address)
    refused = learner.post("/cart/checkout", {"key": key[1]}, page="/cart")
    assert refused.status_code == 409 and "1,000.00" in refused.text and "2,000.50" in refused.text
    accepted = learner.post("/cart/accept", page="/cart")
    assert "Go on with the new prices" not in accepted.text and "2,000.50" in accepted.text


def test_the_finances_arrange_what_is_sold(runtime: Runtime, admin: Person, course: Made) -> None:
    finance = Visitor(runtime).log_in(admin)
    taxed = finance.post("/finance/taxes", {"name": "VAT", "percent": "16", "country": "ke"}, page="/finance/taxes")
    assert "VAT 16" in taxed.text and "on top of the price" in taxed.text
    bad = finance.post("/finance/products", {"what": f"course:{course.id}", "amount": "-5"}, page="/finance/products")
    assert bad.status_code == 422
    made = finance.post(
        "/finance/products", {"what": f"course:{course.id}", "amount": "1500.50", "currency": "KES"},
        page="/finance/products",
    )  # fmt: skip
    assert made.url.path.startswith("/finance/products/") and "1,500.50" in made.text
    again = finance.post("/finance/products", {"what": f"course:{course.id}", "amount": "1"}, page="/finance/products")
    assert again.status_code == 409
    coupon_made = finance.post(
        "/finance/coupons", {"code": "SPRING", "off": "12.5", "unit": "percent"}, page="/finance/coupons"
    )
    assert "SPRING" in coupon_made.text and "12.5" in coupon_made.text
    sw = Visitor(runtime)
    sw.client.headers["accept-language"] = "sw"
    assert "Bei" in sw.get("/pricing").text


def test_a_link_of_an_affiliate_leads_on_and_nowhere_else(runtime: Runtime) -> None:
    visitor = Visitor(runtime)
    assert visitor.get("/via/nobody").url.path == "/pricing"
    assert visitor.get("/via/nobody?to=//evil.example").url.path == "/pricing"
