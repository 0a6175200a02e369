"""The phone of the provider in the house, and the routes of payments over HTTP."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from lms_core.commerce.payments.states import IntentState
from lms_core.commerce.payments.transitions import PaymentState
from tests.factories.people import create_person, log_in
from tests.lms_core.commerce.paying import Shop, open_shop
from workers.runtime import Runtime

API = "/api/v1"
Drain = Callable[[], int]


@pytest.fixture
def shop(runtime: Runtime) -> Shop:
    """A shop with an account at the sandbox."""
    return open_shop(runtime.database)


def test_a_buyer_pays_on_the_drawn_phone(shop: Shop, client: TestClient, drain: Drain) -> None:
    intent = shop.intent(150_050)
    headers = log_in(client, shop.buyer)
    client.cookies.clear()
    address = f"{API}/payments/intents/{intent.id}/pay"
    body = {"account_id": str(shop.account.id)}
    assert client.post(address, json=body, headers=headers).status_code == 422  # no key, no money
    keyed = {**headers, "Idempotency-Key": "one"}
    first = client.post(address, json=body, headers=keyed)
    assert first.status_code == 200, first.text
    again = client.post(address, json=body, headers=keyed).json()
    assert [each["id"] for each in again["payments"]] == [each["id"] for each in first.json()["payments"]]
    page = first.json()["payments"][0]["url"].removeprefix("http://localhost:8000")
    shown = client.get(page)
    assert shown.status_code == 200 and "1,500.50" in shown.text and intent.reference in shown.text
    assert "2547***678" in shown.text
    assert len(shown.content) < 60_000
    assert client.post(page, data={"act": "pay", "pin": "12"}).status_code == 422
    assert client.post(page, data={"act": "time_out"}, follow_redirects=False).status_code == 303
    drain()
    assert shop.see(intent).payments[0].state == PaymentState.FAILED
    assert client.post(page, data={"act": "cancel"}).status_code == 409
    client.post(page, data={"act": "pay", "pin": "1234"})  # late
    drain()
    seen = client.get(f"{API}/payments/intents/{intent.id}", headers=headers).json()
    assert (seen["state"], seen["payments"][0]["state"]) == ("paid", "succeeded")
    client.post(page, data={"act": "reverse"})
    drain()
    assert shop.see(intent).payments[0].state == PaymentState.REVERSED
    assert client.get("/sandbox/pay/nothing").status_code == 404


@pytest.mark.parametrize(("act", "state"), [("cancel", "failed"), ("decline", "failed"), ("approve", "succeeded")])
def test_every_button_ends_the_attempt(shop: Shop, client: TestClient, drain: Drain, act: str, state: str) -> None:
    intent = shop.intent()
    begun = shop.pay(intent)
    assert client.post(f"/sandbox/pay/{shop.charge_token(begun)}", data={"act": act}).status_code == 200
    drain()
    assert shop.see(intent).payments[0].state == state


def test_what_is_not_ones_own_is_not_there(shop: Shop, client: TestClient) -> None:
    intent = shop.intent()
    stranger = log_in(client, create_person(shop.database))
    keyed = {**stranger, "Idempotency-Key": "k"}
    body = {"account_id": str(shop.account.id)}
    assert client.get(f"{API}/payments/intents/{intent.id}", headers=stranger).status_code == 404
    assert client.post(f"{API}/payments/intents/{intent.id}/pay", json=body, headers=keyed).status_code == 404
    assert client.post(f"{API}/payments/intents/{intent.id}/cancel", headers=stranger).status_code == 404
    assert client.get(f"{API}/finance/payments", headers=stranger).status_code == 403
    assert client.get(f"{API}/finance/accounts", headers=stranger).status_code == 403
    assert shop.see(intent).state == IntentState.OPEN
