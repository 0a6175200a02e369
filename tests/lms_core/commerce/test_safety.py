"""What must not be found: card numbers, phone numbers, tokens and credentials, in logs and in dumps of the database."""

import json
import logging
import re
import sqlite3
import subprocess
from glob import glob
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.transitions import OrderState
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.models import ProviderAccount
from lms_core.kit import log as logs
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from tests.factories.people import create_person, create_tenant, log_in
from tests.factories.shop import API
from tests.flows.conftest import scaled_settings as scaled_settings  # the fixture
from tests.lms_core.commerce.scripted import PASSWORD
from tests.lms_core.commerce.till_shop import TillShop, open_till
from tests.serving import app_of
from workers import runtime as runtimes
from workers.runtime import Runtime

CARD = "4242424242424242"
PHONE = "254712345678"
DIGITS = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.-])")


def is_card(text: str) -> bool:
    """Whether digits pass the check that every card number passes (Luhn)."""
    digits = [int(each) for each in reversed(re.sub(r"\D", "", text))]
    doubled = [each if at % 2 == 0 else (2 * each - 9 if each > 4 else 2 * each) for at, each in enumerate(digits)]
    return sum(doubled) % 10 == 0


def cards_in(text: str) -> list[str]:
    """What looks like a card number."""
    return [each for each in DIGITS.findall(text) if is_card(each) and each[0] in "3456"]


@pytest.fixture
def shop(runtime: Runtime) -> TillShop:
    return open_till(runtime.database)


def test_a_card_number_is_known_when_it_is_seen() -> None:
    assert cards_in(f"paid with {CARD}, or 4000-0566-5566-5556") == [CARD, "4000-0566-5566-5556"]
    assert cards_in("4242424242424241 and 1767600000000") == []


def test_no_door_has_room_for_a_card(client: TestClient) -> None:
    """Card numbers are typed on providers' pages: no input of ours has a field for one."""
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]
    fields = {f"{name}.{field}" for name, schema in schemas.items() for field in schema.get("properties", {})}
    assert len(fields) > 500
    named = re.compile(r"(?i)(^|_)(pan|cvc|cvv|card_?(no|number|holder)|security_code|expir\w*_(month|year))($|_)")
    assert [each for each in fields if named.search(each.split(".")[1])] == []


def purchase(runtime: Runtime, client: TestClient, shop: TillShop) -> UUID:
    """A whole purchase over HTTP, with a provider that tells more than it should; the payment."""
    buyer = log_in(client, shop.buyer)
    client.post(f"{API}/cart/items", json={"product_id": str(shop.product_id)}, headers=buyer)
    placed = client.post(f"{API}/cart/checkout", json={}, headers={**buyer, "Idempotency-Key": "the-order"}).json()
    paying = {"account_id": str(shop.account_id), "phone": "0712 345 678"}
    asked = client.post(
        f"{API}/orders/{placed['id']}/payment", json=paying, headers={**buyer, "Idempotency-Key": "the-payment"}
    )
    assert asked.status_code == 200, asked.text
    with shop.database.read(shop.actor) as view:
        order = orders.access_order(view, UUID(placed["id"]))
    [attempt] = shop.attempts(order)
    said: dict[str, Any] = {
        "about": "charge", "dedupe": "one", "reference": attempt.reference, "phone": PHONE,
        "card": {"number": CARD, "cvc": "123"}, "note": f"card {CARD}",
    }  # fmt: skip
    for body, word in ((json.dumps(said), PASSWORD), (json.dumps(said), "forged"), (f"{{ {CARD} {PHONE}", PASSWORD)):
        client.post(callback_path(shop), content=body, headers={"x-word": word, "x-card": CARD})
    shop.drain()
    payment_id = shop.succeed(order)
    shop.drain()
    assert shop.see(order).state == OrderState.FULFILLED
    return payment_id


def callback_path(shop: TillShop) -> str:
    """Where the till calls back."""
    with shop.database.read(shop.finance) as view:
        url = payments.access_account(view, shop.account_id).callback_url
    return url[url.index("/api/") :]


def test_logs_of_a_whole_purchase_tell_no_secret(
    runtime: Runtime, client: TestClient, shop: TillShop, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(level="DEBUG", json=True)
    capfd.readouterr()
    try:
        purchase(runtime, client, shop)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    said = "".join(capfd.readouterr())
    assert "\n" in said  # something was logged
    for secret in (CARD, PHONE, PHONE[3:], PASSWORD, callback_path(shop).rsplit("/", 1)[1], shop.buyer.email):
        assert secret not in said, secret
    assert cards_in(said) == []


def check_dump(dump: str, shop: TillShop) -> None:
    """A dump that has the order in it and none of what only the operator may know."""
    assert "Play" in dump or "The till" in dump
    for secret in (CARD, PHONE, PHONE[3:], PASSWORD, callback_path(shop).rsplit("/", 1)[1]):
        assert secret not in dump, secret
    assert cards_in(dump) == []


def test_a_dump_of_sqlite_tells_no_secret(
    runtime: Runtime, client: TestClient, shop: TillShop, settings: Settings
) -> None:
    purchase(runtime, client, shop)
    [file] = [each for each in Path(settings.data_dir).glob("**/*.sqlite3") if each.stat().st_size > 100_000]
    with sqlite3.connect(file) as connection:
        check_dump("\n".join(connection.iterdump()), shop)
    for part in file.parent.glob(f"{file.name}*"):  # the file itself and its journal, deleted pages included
        raw = part.read_bytes()
        assert CARD.encode() not in raw and PHONE.encode() not in raw and PASSWORD.encode() not in raw


@pytest.mark.scaled
def test_a_dump_of_postgresql_tells_no_secret(scaled_settings: Settings) -> None:
    runtime = runtimes.build(scaled_settings, run_jobs=False)
    try:
        shop = open_till(runtime.database)
        with TestClient(app_of(runtime), raise_server_exceptions=False) as client:
            purchase(runtime, client, shop)
        program = sorted(glob("/usr/lib/postgresql/*/bin/pg_dump"))[-1]
        url = scaled_settings.database_url.replace("postgresql+psycopg://", "postgresql://")
        dump = subprocess.run([program, url], capture_output=True, text=True, check=True).stdout
        assert "COPY public.purchase_order" in dump
        check_dump(dump, shop)
    finally:
        runtime.stop()


@pytest.mark.parametrize(
    ("door", "body"),
    [
        ("cart/items", {"product_id": "{product}", "quantity": -3, "for_others": True}),
        ("cart/items", {"product_id": "{product}", "quantity": 10**18, "for_others": True}),
        ("finance/payments/{payment}/refunds", {"amount": -1, "reason": "less than nothing"}),
        ("finance/payments/{payment}/refunds", {"amount": 0, "reason": "nothing"}),
        ("finance/payments/{payment}/refunds", {"amount": 10**18, "reason": "all there is"}),
        ("finance/payments/{payment}/refunds", {"amount": 150_001, "reason": "a cent more than was paid"}),
        ("finance/orders/{order}/refunds", {"amount": 150_001, "reason": "a cent more than was paid"}),
        ("finance/orders/{order}/refunds", {"amount": 10**18, "reason": "all there is"}),
        ("finance/coupons", {"code": "BIG", "amount": 10**18, "currency": "KES"}),
    ],
)
def test_amounts_that_are_none_move_nothing(
    runtime: Runtime, client: TestClient, shop: TillShop, door: str, body: dict[str, object]
) -> None:
    order = shop.order()
    shop.pay(order)
    payment = shop.succeed(order)
    shop.drain()
    told = {"payment": payment, "order": order.id, "product": shop.product_id}
    sent = {name: each.format(**told) if isinstance(each, str) else each for name, each in body.items()}
    headers = {**log_in(client, shop.admin), "Idempotency-Key": "a-bad-request"}
    answer = client.post(f"{API}/{door.format(**told)}", json=sent, headers=headers)
    assert answer.status_code in (409, 422), answer.text
    shop.drain()
    assert shop.till.refunds == [] and shop.see(order).refundable == 150_000


def test_ids_of_another_institution_open_nothing(runtime: Runtime, client: TestClient, shop: TillShop) -> None:
    order = shop.order()
    shop.pay(order)
    payment = shop.succeed(order)
    shop.drain()
    elsewhere = create_tenant(runtime.database, host="other.example.org")
    stranger = create_person(runtime.database, role=Role.ADMIN, tenant_id=elsewhere)
    foreign = TestClient(client.app, base_url="http://other.example.org", raise_server_exceptions=False)
    headers = {**log_in(foreign, stranger), "Idempotency-Key": "not-mine-at-all"}
    doors = [
        f"finance/payments/{payment}", f"finance/orders/{order.id}", f"orders/{order.id}",
        f"finance/accounts/{shop.account_id}", f"payments/accounts/{shop.account_id}", f"products/{shop.product_id}",
    ]  # fmt: skip
    for each in doors:
        assert foreign.get(f"{API}/{each}", headers=headers).status_code in (404, 405), each
    acts: list[tuple[str, dict[str, object]]] = [
        (f"finance/payments/{payment}/refunds", {"amount": 1, "reason": "mine now"}),
        (f"finance/payments/{payment}/ask", {}),
        (f"finance/orders/{order.id}/refunds", {"reason": "mine now"}),
        (f"finance/products/{shop.product_id}/prices", {"amount": 1, "currency": "KES"}),
    ]
    for each, body in acts:
        assert foreign.post(f"{API}/{each}", json=body, headers=headers).status_code == 404, each
    for path in ("payments", "refunds", "orders", "mismatches", "callbacks", "deposits"):
        assert foreign.get(f"{API}/finance/{path}", headers=headers).json()["items"] == [], path
    with runtime.database.read(shop.system) as view:
        assert view.session.get(ProviderAccount, shop.account_id) is not None
    assert shop.see(order).refunded == 0
