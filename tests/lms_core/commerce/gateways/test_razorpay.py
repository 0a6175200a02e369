"""Razorpay: what is particular to it. What every gateway owes is in test_conformance."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.commerce.payments.gateways.port import (
    About,
    Account,
    Forged,
    GatewayError,
    Malformed,
    Mode,
    State,
    Uncertain,
)
from lms_core.commerce.payments.gateways.razorpay import Razorpay, signature
from lms_core.commerce.payments.gateways.reading import same
from lms_core.kit.clock import MovingClock
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways import bench
from tests.simulators.payments.base import Reply, Sent
from tests.simulators.payments.razorpay import NOW
from tests.simulators.payments.razorpay import Razorpay as Provider

RUPEES = Money(amount=50_000, currency=Currency.INR)
CLOCK = datetime(2026, 8, 29, 9, 0, tzinfo=UTC)

# Razorpay's own fixture: tests/mocks/fake_payment_authorized_webhook.json of razorpay-python.
FIXTURE = (
    b'{\n  "event": "payment.authorized",\n  "entity": "event",\n  "contains": [\n    "payment"\n  ],\n  "payload": {\n'
    b'    "payment": {\n      "entity": {\n        "id": "pay_6koWN7bvxujzxM",\n        "entity": "payment",\n'
    b'        "amount": 1000000,\n        "currency": "INR",\n        "status": "captured",\n'
    b'        "order_id": "order_100000000order",\n        "international": false,\n        "method": "card",\n'
    b'        "amount_refunded": 0,\n        "refund_status": null,\n        "captured": true,\n'
    b'        "description": "random description",\n        "card_id": "card_6koWNAT6LASUqy",\n        "bank": null,\n'
    b'        "wallet": null,\n        "vpa": null,\n        "email": "a@b.com",\n        "contact": "+919999999999",\n'
    b'        "notes": {\n          "merchant_order_id": "random order id"\n        },\n        "fee": 23000,\n'
    b'        "service_tax": 3000,\n        "error_code": null,\n        "error_description": null,\n'
    b'        "created_at": 1479978483\n      }\n    }\n  },\n  "created_at": 1400826760\n}\n'
)


@pytest.fixture
def gateway(provider: Provider) -> Razorpay:
    return Razorpay(bench.wire(provider), MovingClock(CLOCK))


def test_signatures_are_those_of_razorpays_own_fixtures() -> None:
    told = signature("key_secret", b"fake_order_id|fake_payment_id")
    assert told == "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"
    assert signature("key_secret", FIXTURE) == "d60e67fd884556c045e9be7dad57903e33efc7172c17c6e3ef77db42d2b366e9"


@settings(deadline=None)
@given(st.text(max_size=70))
def test_a_signature_equals_itself_alone(guess: str) -> None:
    right = signature("secret", b"body")
    assert same(right, right) and same(right, guess) == (right == guess)


def test_a_payment_of_somebody_elses_is_heard_and_does_not_concern_us(provider: Provider, gateway: Razorpay) -> None:
    account = bench.account(provider, webhook_secret="key_secret")
    sent = Sent("", FIXTURE, {"X-Razorpay-Signature": signature("key_secret", FIXTURE)})
    assert gateway.hear(account, bench.callback(sent)) == []


def test_the_link_asks_for_exactly_what_is_owed_and_ends_in_an_hour(provider: Provider, gateway: Razorpay) -> None:
    begun = gateway.begin(bench.account(provider), bench.charge("RZP1", RUPEES))
    asked = provider.requests_to("/payment_links")[0].json
    assert begun.url.startswith("https://rzp.io/i/") and begun.status.live is False
    assert (asked["amount"], asked["currency"], asked["accept_partial"]) == (50_000, "INR", False)
    assert asked["expire_by"] == int((CLOCK + timedelta(hours=1)).timestamp())
    assert asked["notify"] == {"sms": False, "email": False}  # we write to our learners ourselves
    assert asked["callback_url"] == "https://school.example/checkout/RZP1"


def test_a_link_made_by_a_call_that_was_cut_is_found_and_used(provider: Provider, gateway: Razorpay) -> None:
    provider.faults.append("cut")
    begun = gateway.begin(bench.account(provider), bench.charge("RZP2", RUPEES))
    assert begun.status.provider_ref == provider.links["RZP2"].id and len(provider.links) == 1


def test_a_reference_used_for_another_amount_is_refused(provider: Provider, gateway: Razorpay) -> None:
    account = bench.account(provider)
    gateway.begin(account, bench.charge("RZP3", RUPEES))
    with pytest.raises(GatewayError) as refused:
        gateway.begin(account, bench.charge("RZP3", Money(amount=1_000, currency=Currency.INR)))
    assert refused.value.reason == "duplicate"


def test_a_failed_attempt_leaves_the_link_open_and_tells_why(provider: Provider, gateway: Razorpay) -> None:
    account, made = bench.account(provider), bench.charge("RZP4", RUPEES)
    begun = gateway.begin(account, made)
    provider.fail("RZP4", "insufficient_funds")
    told = gateway.status(account, bench.known(made, begun.status))
    assert (told.state, told.reason, told.code) == (State.PENDING, "insufficient_funds", "insufficient_funds")
    provider.pay("RZP4")  # the payer tries again on the same page
    paid = gateway.status(account, bench.known(made, begun.status))
    assert (paid.state, paid.amount, paid.reference) == (State.SUCCEEDED, RUPEES, "RZP4")
    assert paid.receipt.startswith("pay_") and paid.fee == Money(amount=1_000, currency=Currency.INR)


def test_money_that_is_only_authorised_is_not_paid(provider: Provider, gateway: Razorpay) -> None:
    account, made = bench.account(provider), bench.charge("RZP5", RUPEES)
    begun = gateway.begin(account, made)
    provider.authorize("RZP5")
    assert gateway.status(account, bench.known(made, begun.status)).state is State.PENDING


def test_an_expired_link_is_failed_and_a_late_payment_still_counts(provider: Provider, gateway: Razorpay) -> None:
    account, made = bench.account(provider), bench.charge("RZP6", RUPEES)
    begun = gateway.begin(account, made)
    provider.fail("RZP6", "timeout")
    told = gateway.status(account, bench.known(made, begun.status))
    assert (told.state, told.reason) == (State.FAILED, "expired")
    provider.pay("RZP6")
    assert gateway.status(account, bench.known(made, begun.status)).state is State.SUCCEEDED


def test_a_currency_nobody_here_trades_in_is_for_a_person_to_look_at(provider: Provider, gateway: Razorpay) -> None:
    account, made = bench.account(provider), bench.charge("RZP7", RUPEES)
    begun = gateway.begin(account, made)
    provider.pay("RZP7", currency="GBP")
    told = gateway.status(account, bench.known(made, begun.status))
    assert (told.state, told.code, told.amount) == (State.UNKNOWN, "GBP", None)


def test_a_key_of_the_other_mode_is_refused_before_anything_is_sent(provider: Provider, gateway: Razorpay) -> None:
    account = bench.account(provider, key_id=provider.live_key)
    with pytest.raises(GatewayError, match="rzp_test_") as refused:
        gateway.begin(account, bench.charge("RZP8", RUPEES))
    assert refused.value.reason == "misconfigured" and not provider.requests
    live = replace(account, mode=Mode.LIVE)
    assert gateway.begin(live, bench.charge("RZP8", RUPEES)).status.live is True


def test_deliveries_repeated_after_a_change_of_secret_are_heard(provider: Provider, gateway: Razorpay) -> None:
    account = bench.account(provider)
    gateway.begin(account, bench.charge("RZP9", RUPEES))
    provider.pay("RZP9")
    sent = provider.callbacks("RZP9")[-1]
    changed = bench.account(provider, webhook_secret="new", old_webhook_secret=provider.credentials["webhook_secret"])
    assert gateway.hear(changed, bench.callback(sent))[0].reference == "RZP9"
    with pytest.raises(Forged):
        gateway.hear(bench.account(provider, webhook_secret="new"), bench.callback(sent))


def test_an_account_without_a_webhook_secret_hears_nobody(provider: Provider, gateway: Razorpay) -> None:
    body = json.dumps({"event": "payment_link.paid", "payload": {}}).encode()
    account = bench.account(provider, webhook_secret="", old_webhook_secret="")
    with pytest.raises(Forged):
        gateway.hear(account, bench.callback(Sent("", body, {"x-razorpay-signature": signature("", body)})))


def test_every_event_of_a_payment_leads_to_its_reference(provider: Provider, gateway: Razorpay) -> None:
    account = bench.account(provider)
    gateway.begin(account, bench.charge("RZPA", RUPEES))
    provider.pay("RZPA")
    heard = [each for sent in provider.callbacks("RZPA") for each in gateway.hear(account, bench.callback(sent))]
    assert [each.reference for each in heard] == ["RZPA", "RZPA"] and len({each.dedupe for each in heard}) == 2
    assert all(each.status and each.status.amount == RUPEES and not each.proof for each in heard)


def test_a_lost_dispute_is_proof_of_a_reversal(provider: Provider, gateway: Razorpay) -> None:
    account = bench.account(provider)
    gateway.begin(account, bench.charge("RZPB", RUPEES))
    provider.pay("RZPB")
    provider.reverse("RZPB")
    (heard,) = gateway.hear(account, bench.callback(provider.callbacks("RZPB")[0]))
    assert heard.about is About.DISPUTE and heard.proof and heard.reference == "RZPB"
    assert heard.status and heard.status.state is State.REVERSED and heard.status.amount == RUPEES


def test_refunds_carry_a_key_that_razorpay_takes(provider: Provider, gateway: Razorpay) -> None:
    account, made = bench.account(provider), bench.charge("RZPC", RUPEES)
    begun = gateway.begin(account, made)
    provider.pay("RZPC")
    paid = gateway.status(account, bench.known(made, begun.status))
    first = gateway.refund(account, bench.refund(made, paid, 20_000, key="a key: with/odd characters ✓"))
    again = gateway.refund(account, bench.refund(made, paid, 20_000, key="a key: with/odd characters ✓"))
    assert first.provider_ref == again.provider_ref and len(provider.links["RZPC"].refunds) == 1
    sent = provider.requests_to("/refund")[0].headers["x-refund-idempotency"]
    assert len(sent) >= 10 and sent.isalnum()
    heard = gateway.hear(account, bench.callback(provider.refund_callbacks("RZPC")[0]))[0]
    assert (heard.about, heard.subject, heard.reference) == (About.REFUND, first.provider_ref, "RZPC")


def test_a_refund_that_another_call_is_making_is_uncertain(
    provider: Provider, gateway: Razorpay, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, made = bench.account(provider), bench.charge("RZPD", RUPEES)
    begun = gateway.begin(account, made)
    provider.pay("RZPD")
    paid = gateway.status(account, bench.known(made, begun.status))
    monkeypatch.setattr(provider, "answer", lambda request: Reply({"error": {"code": "BAD_REQUEST_ERROR"}}, 409))
    with pytest.raises(Uncertain):
        gateway.refund(account, bench.refund(made, paid))


def test_ids_cannot_climb_out_of_the_address(provider: Provider, gateway: Razorpay) -> None:
    account, made = bench.account(provider), bench.charge("RZPE", RUPEES)
    begun = gateway.begin(account, made)
    for odd in ("plink_../payments", "payments?count=1", "plink_x%2f..", "plink_ü"):
        told = gateway.status(account, bench.known(made, replace(begun.status, provider_ref=odd)))
        assert told.state is State.UNKNOWN
    assert len(provider.requests) == 1


def test_the_list_goes_on_over_all_pages(provider: Provider, gateway: Razorpay) -> None:
    account = bench.account(provider)
    for number in range(103):
        gateway.begin(account, bench.charge(f"PAGE{number}", RUPEES))
        provider.pay(f"PAGE{number}")
    provider.fail("PAGE7")  # an attempt that failed is no transaction
    since = datetime.fromtimestamp(NOW, UTC)
    entries = gateway.transactions(account, since, since + timedelta(days=1))
    assert {each.reference for each in entries} == {f"PAGE{number}" for number in range(103)} and len(entries) == 103
    assert all(each.amount == RUPEES and each.fee and each.fee.amount == 1_000 for each in entries)


_WORDS = ["event", "payload", "payment", "entity", "id", "notes", "reference", "amount", "refund", "payment_link"]
_ANYTHING = st.recursive(
    st.none() | st.integers() | st.text(max_size=8) | st.sampled_from(["payment.captured", "refund.processed"]),
    lambda inner: st.dictionaries(st.sampled_from(_WORDS), inner) | st.lists(inner, max_size=3),
    max_leaves=12,
)


DEAF = Razorpay(bench.wire())  # it hears, and speaks to nobody


@settings(deadline=None)
@given(_ANYTHING)
def test_whatever_is_signed_is_read_or_refused(said: object) -> None:
    body = json.dumps(said).encode()
    account = Account("a", "razorpay", Mode.TEST, {"webhook_secret": "s"}, {}, "https://school.example/x")
    sent = Sent("", body, {"x-razorpay-signature": signature("s", body)})
    try:
        heard = DEAF.hear(account, bench.callback(sent))
    except Malformed:
        return
    assert all(isinstance(each.reference, str) and isinstance(each.dedupe, str) for each in heard)


def test_decimals_are_not_minor_units(provider: Provider, gateway: Razorpay) -> None:
    account, made = bench.account(provider), bench.charge("RZPF", RUPEES)
    begun = gateway.begin(account, made)
    provider.pay("RZPF")
    provider.links["RZPF"].payments[0]["amount"] = float(Decimal("500.5"))
    assert gateway.status(account, bench.known(made, begun.status)).state is State.UNKNOWN
