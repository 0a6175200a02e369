"""Every POST below commerce that moves money asks for an Idempotency-Key, and keeps its word about it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from lms_core.commerce.orders import service as orders
from tests.factories.people import log_in
from tests.factories.shop import API, Headers
from tests.lms_core.commerce.till_shop import PRICE, TillShop, open_till
from workers.runtime import Runtime

# What each POST below commerce does: it moves money (or writes down that money moved), or it does not.
MOVES = {
    "/api/v1/cart/checkout",  # an order that costs nothing is settled at once
    "/api/v1/orders/{order_id}/payment",
    "/api/v1/finance/orders/{order_id}/refunds",
    "/api/v1/payments/intents/{intent_id}/pay",
    "/api/v1/payments/intents/{intent_id}/slips",
    "/api/v1/finance/payments/{payment_id}/refunds",
    "/api/v1/finance/refunds/{refund_id}/finish",
    "/api/v1/finance/deposits/{deposit_id}/match",
    "/api/v1/finance/deposits/{deposit_id}/return",
    "/api/v1/finance/slips/{slip_id}/decide",
    "/api/v1/finance/reconciliation",
    "/api/v1/finance/payouts",
    "/api/v1/finance/payouts/{batch_id}/approve",
    "/api/v1/finance/payouts/{batch_id}/paid",
    "/api/v1/finance/payouts/{batch_id}/items/{item_id}/paid",
    "/api/v1/finance/payouts/{batch_id}/items/{item_id}/returned",
}
WORDS = ("pay", "refund", "paid", "deposit", "slip", "checkout", "charge", "transfer", "order")
# These sound like it and move nothing: they open, close or ask.
STILL = {
    "/api/v1/orders/{order_id}/cancel": "an order nobody paid is given up",
    "/api/v1/payments/intents/{intent_id}/cancel": "nobody is asked any more",
    "/api/v1/finance/payments/{payment_id}/ask": "the provider is asked how it stands",
    "/api/v1/finance/payouts/holds": "somebody is not paid for a while",
    "/api/v1/finance/payouts/{batch_id}/hand-in": "asks for an approval",
    "/api/v1/finance/payouts/{batch_id}/cancel": "a batch that was not approved is given up",
    "/api/v1/finance/payouts/{batch_id}/bank-file": "a file is read",
    "/api/v1/subscription/checkout": "opens what is to be paid by the intent's own address",
}


def posts(client: TestClient) -> dict[str, dict[str, Any]]:
    """The POST routes of the JSON door by address."""
    found = client.get("/api/openapi.json").json()["paths"]
    return {path: each["post"] for path, each in found.items() if "post" in each}


def asks_for_key(route: dict[str, Any]) -> bool:
    """Whether a request without the key is refused."""
    given = [each for each in route.get("parameters", ()) if each["name"].lower() == "idempotency-key"]
    return any(each["required"] for each in given)


@pytest.fixture
def shop(runtime: Runtime) -> TillShop:
    return open_till(runtime.database)


def test_what_moves_money_asks_for_a_key(client: TestClient) -> None:
    known = posts(client)
    assert set(known) >= MOVES and set(known) >= set(STILL)
    assert {path for path in MOVES if not asks_for_key(known[path])} == set()


def test_no_new_route_sounds_like_money_and_was_not_thought_about(client: TestClient) -> None:
    tags = {"shop", "payments", "payouts", "reconciliation", "orders", "cart"}
    new = {
        path
        for path, route in posts(client).items()
        if (any(word in path.removeprefix("/api/v1/") for word in WORDS) or tags & set(route.get("tags", ())))
        and path.startswith(("/api/v1/orders", "/api/v1/cart/checkout", "/api/v1/payments", "/api/v1/finance"))
        and any(word in path for word in WORDS)
    }
    assert new - MOVES - set(STILL) == set()


def send(client: TestClient, path: str, headers: Headers, key: str, body: dict[str, Any]) -> Any:
    """A POST with its key."""
    return client.post(f"{API}{path}", json=body, headers={**headers, "Idempotency-Key": key})


def test_a_request_sent_again_is_answered_alike_and_another_one_is_refused(
    runtime: Runtime, client: TestClient, shop: TillShop, drain: Callable[[], int]
) -> None:
    buyer, finance = log_in(client, shop.buyer), log_in(client, shop.admin)
    client.post(f"{API}/cart/items", json={"product_id": str(shop.product_id)}, headers=buyer)
    placed = send(client, "/cart/checkout", buyer, "key-of-order", {})
    assert placed.status_code == 201
    assert send(client, "/cart/checkout", buyer, "key-of-order", {}).json() == placed.json()
    other = send(client, "/cart/checkout", buyer, "key-of-order", {"affiliate": "else"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")

    at = f"/orders/{placed.json()['id']}/payment"
    body = {"account_id": str(shop.account_id), "phone": "0712345678"}
    paying = send(client, at, buyer, "key-of-payment", body)
    assert paying.status_code == 200
    assert send(client, at, buyer, "key-of-payment", body).json() == paying.json()
    other = send(client, at, buyer, "key-of-payment", {**body, "phone": "0799999999"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len(shop.till.begun) == 1

    with shop.database.read(shop.actor) as view:
        order = orders.access_order(view, UUID(placed.json()["id"]))
    payment_id = shop.succeed(order)
    drain()
    for address in (f"/finance/orders/{order.id}/refunds", f"/finance/payments/{payment_id}/refunds"):
        body = {"amount": PRICE // 4, "reason": "A part"}
        first = send(client, address, finance, "key-of-refund", body)
        assert first.status_code == 201, first.text
        again = send(client, address, finance, "key-of-refund", body)
        assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
        other = send(client, address, finance, "key-of-refund", {**body, "amount": 1})
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict"), address
    assert client.post(f"{API}{address}", json=body, headers=finance).status_code == 422  # no key at all
