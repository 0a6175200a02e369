"""Paystack: pages, prompts, kept cards, refunds that also read as reversals, and its signature."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.commerce.payments.gateways import paystack_words as words
from lms_core.commerce.payments.gateways.paystack import Paystack, signature
from lms_core.commerce.payments.gateways.port import (
    REASONS,
    About,
    Forged,
    GatewayError,
    Malformed,
    Mode,
    State,
    Uncertain,
)
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways.acting import PAYER, REF, Acting, acting, shillings
from tests.simulators.payments.base import Sent
from tests.simulators.payments.paystack import Paystack as Provider


@pytest.fixture
def paystack(provider: Provider) -> Acting:
    return acting(Paystack, provider)


def test_a_payment_from_page_to_receipt(paystack: Acting) -> None:
    begun = paystack.gateway.begin(paystack.account, paystack.charge())
    assert begun.url.startswith(paystack.provider.base_url) and begun.status.state is State.PENDING
    (call,) = paystack.provider.requests_to("/transaction/initialize")
    assert (call.json["amount"], call.json["currency"], call.json["reference"]) == (150_000, "KES", REF)
    assert paystack.state().state is State.PENDING  # "abandoned" is a page nobody paid on yet
    paystack.provider.pay(REF)
    paid = paystack.state()
    assert (paid.state, paid.amount, paid.reference, paid.live) == (State.SUCCEEDED, shillings(150_000), REF, False)
    assert paid.fee == shillings(2250) and paid.receipt.isdigit() and paid.paid_at and paid.saved is None
    assert PAYER.email not in str(paid.raw)


def test_fees_the_payer_bears_are_no_overpayment(paystack: Acting) -> None:
    paystack.provider.payer_bears_fees = True
    paid = paystack.paid()
    assert (paid.amount, paid.fee) == (shillings(150_000), shillings(0))


def test_the_published_sample_of_fees_on_top() -> None:
    told = {"status": "success", "amount": 40333, "requested_amount": 30050, "fees": 10283, "currency": "NGN", "id": 1}
    assert words.charge(told).amount == Money(amount=30050, currency=Currency.NGN)
    assert words.charge({**told, "fees": 10282}).amount == Money(amount=40333, currency=Currency.NGN)


def test_what_was_really_paid_is_told(paystack: Acting) -> None:
    paystack.gateway.begin(paystack.account, paystack.charge())
    paystack.provider.pay(REF, amount=100, currency="NGN")
    assert paystack.state().amount == Money(amount=100, currency=Currency.NGN)
    paystack.provider.pay(REF, currency="GHS")
    unknown = paystack.state()
    assert unknown.state is State.UNKNOWN and "GHS" in unknown.code


@pytest.mark.parametrize(
    ("why", "state", "reason"),
    [("insufficient_funds", State.FAILED, "insufficient_funds"), ("cancelled", State.PENDING, ""),
     ("timeout", State.PENDING, "")],
)  # fmt: skip
def test_a_page_that_was_not_paid_on(paystack: Acting, why: str, state: State, reason: str) -> None:
    paystack.gateway.begin(paystack.account, paystack.charge())
    paystack.provider.fail(REF, why)
    status = paystack.state()
    assert (status.state, status.reason) == (state, reason)
    paystack.provider.pay(REF)
    assert paystack.state().state is State.SUCCEEDED


def test_a_phone_is_asked_where_the_account_wants_it(paystack: Acting) -> None:
    paystack.account = replace(paystack.account, options={"phone_prompt": "yes"})
    begun = paystack.gateway.begin(paystack.account, paystack.charge())
    assert begun.url == "" and "phone" in begun.message and begun.status.state is State.PENDING
    (call,) = paystack.provider.requests_to("/charge")
    assert call.json["mobile_money"] == {"phone": "+254712345126", "provider": "mpesa"}
    paystack.provider.fail(REF, "cancelled")
    assert (paystack.state().state, paystack.state().reason) == (State.FAILED, "cancelled")
    dollars = paystack.charge("D1", amount=Money(amount=500, currency=Currency.USD))
    assert paystack.gateway.begin(paystack.account, dollars).url
    assert paystack.gateway.begin(paystack.account, paystack.charge("D2", payer=replace(PAYER, phone=""))).url


@pytest.mark.parametrize("fault", ["cut", "500"])
def test_a_beginning_without_an_answer_is_uncertain_and_sent_once(paystack: Acting, fault: str) -> None:
    paystack.provider.faults.append(fault)
    with pytest.raises(Uncertain):
        paystack.gateway.begin(paystack.account, paystack.charge())
    assert len(paystack.provider.requests) == 1
    status = paystack.state()
    assert (status.state, status.code) == (
        (State.PENDING, "abandoned") if fault == "cut" else (State.UNKNOWN, "not_found")
    )


def test_asking_twice_is_no_refusal(paystack: Acting) -> None:
    paystack.gateway.begin(paystack.account, paystack.charge())
    with pytest.raises(Uncertain, match="before"):
        paystack.gateway.begin(paystack.account, paystack.charge())


def test_too_many_calls_can_be_repeated_later(paystack: Acting) -> None:
    paystack.provider.faults.append("busy")
    with pytest.raises(GatewayError) as refused:
        paystack.gateway.begin(paystack.account, paystack.charge())
    assert (refused.value.reason, refused.value.retryable) == ("busy", True)


def test_what_paystack_writes_about_people_stays_out_of_errors(paystack: Acting) -> None:
    with pytest.raises(GatewayError) as refused:
        paystack.gateway.begin(paystack.account, paystack.charge(payer=replace(PAYER, email="nobody")))
    assert refused.value.code == "invalid_params" and "example.com" not in refused.value.detail


def test_a_kept_card_is_charged_again(paystack: Acting) -> None:
    saved = paystack.paid(save=True).saved
    assert (saved.label, saved.expires, saved.customer) == ("Visa 4081", "2031-04", PAYER.email)
    ask = paystack.kept(saved.token, customer=saved.customer)
    done = paystack.gateway.charge_saved(paystack.account, ask)
    assert (done.status.state, done.status.amount) == (State.SUCCEEDED, shillings(90_000))
    with pytest.raises(Uncertain):
        paystack.gateway.charge_saved(paystack.account, ask)
    assert paystack.provider.charged("B1B2C3D4E5KB") == 90_000
    paystack.provider.declines[saved.token] = "Insufficient Funds"
    declined = paystack.gateway.charge_saved(paystack.account, replace(ask, reference="C1")).status
    assert (declined.state, declined.reason) == (State.FAILED, "insufficient_funds")
    paystack.provider.challenges = True
    held = paystack.gateway.charge_saved(paystack.account, replace(ask, reference="C2"))
    assert held.status.state is State.PENDING and held.url
    with pytest.raises(GatewayError):
        paystack.gateway.charge_saved(paystack.account, replace(ask, reference="C3", customer="other@example.com"))


@pytest.mark.parametrize("metadata", ["", 0, None, "no json", '{"save":"0"}', {"save": "0"}])
def test_a_card_is_kept_only_where_its_holder_agreed(metadata: Any) -> None:
    granted = {"authorization_code": "AUTH_1", "reusable": True, "brand": "visa", "last4": "4081"}
    told = {"authorization": granted, "customer": {"email": "a@b.c"}}
    assert words.saved({**told, "metadata": metadata}) is None
    assert words.saved({**told, "metadata": '{"save":"1"}'}) is not None
    assert words.saved({**told, "metadata": {"save": "1"}, "authorization": {**granted, "reusable": False}}) is None


@pytest.mark.parametrize("by", ["receipt", ""])
def test_a_refund_from_asking_to_done(paystack: Acting, by: str) -> None:
    receipt = paystack.paid().receipt
    ask = paystack.refund(50_000, receipt=receipt if by else "")
    asked = paystack.gateway.refund(paystack.account, ask)
    assert (asked.state, asked.amount) == (State.PENDING, shillings(50_000))
    paystack.provider.settle_refunds()
    done = paystack.gateway.refund_status(paystack.account, ask, asked.provider_ref)
    assert done.state is State.SUCCEEDED and paystack.provider.charged(REF) == 100_000
    fact = paystack.heard(paystack.provider.refund_callbacks(REF)[0])
    assert (fact.about, fact.reference, fact.subject) == (About.REFUND, REF, asked.provider_ref)
    assert fact.status.amount == shillings(50_000)  # it comes as text
    assert paystack.state().state is State.SUCCEEDED


def test_a_refund_without_an_answer_is_found_by_our_key(paystack: Acting) -> None:
    ask = paystack.refund(50_000, receipt=paystack.paid().receipt)
    assert paystack.gateway.refund_status(paystack.account, ask, "").code == "not_found"
    paystack.provider.faults.append("cut")
    with pytest.raises(Uncertain):
        paystack.gateway.refund(paystack.account, ask)
    found = paystack.gateway.refund_status(paystack.account, replace(ask, receipt=""), "")
    assert found.state is State.PENDING and found.provider_ref
    assert len(paystack.provider.refunds) == 1
    other = paystack.gateway.refund_status(paystack.account, replace(ask, key="refund-11"), "")
    assert other.state is State.UNKNOWN


def test_all_given_back_is_no_reversal_and_a_lost_dispute_is(paystack: Acting) -> None:
    receipt = paystack.paid().receipt
    for key, amount in (("r1", 100_000), ("r2", 50_000)):
        paystack.gateway.refund(paystack.account, paystack.refund(amount, key, receipt=receipt))
    paystack.provider.settle_refunds()
    assert paystack.provider.charges[REF]["status"] == "reversed"
    assert (paystack.state().state, paystack.state().code) == (State.SUCCEEDED, "refunded")
    paystack.gateway.begin(paystack.account, paystack.charge("D1"))
    paystack.provider.pay("D1")
    for said, resolution, hint in [
        ("awaiting-merchant-feedback", None, State.PENDING),
        ("resolved", "declined", State.SUCCEEDED),
        ("resolved", "merchant-accepted", State.REVERSED),
    ]:
        paystack.provider.dispute("D1", said, resolution)
        fact = paystack.heard(paystack.provider.callbacks("D1")[0])
        assert (fact.about, fact.reference, fact.subject, fact.status.state) == (About.DISPUTE, "D1", "358950", hint)
    assert paystack.state("D1").state is State.REVERSED


def test_the_list_of_transactions(paystack: Acting) -> None:
    for number in range(101):
        paystack.gateway.begin(paystack.account, paystack.charge(f"C{number}"))
    for number in (0, 100):
        paystack.provider.pay(f"C{number}")
    now = datetime.now(UTC)
    rows = paystack.gateway.transactions(paystack.account, now - timedelta(hours=1), now + timedelta(hours=1))
    assert [(each.reference, each.amount, each.fee) for each in rows] == [
        ("C0", shillings(150_000), shillings(2250)), ("C100", shillings(150_000), shillings(2250)),
    ]  # fmt: skip
    assert paystack.gateway.transactions(paystack.account, now - timedelta(hours=2), now - timedelta(hours=1)) == []


def test_the_published_vector(paystack: Acting) -> None:
    body = b'{"event":"charge.success","data":{"reference":"R1"}}'
    expected = "5ed355c1b8e1585719f555edf616cdbc691576e43ea4586296cc9f73aeb5bb219e6dc3d1ce2c883013da5e098bb11623767ae28b089d8c207a7c80e4de96723b"  # noqa: E501
    assert signature("sk_test_x", body) == expected
    account = replace(paystack.account, credentials={"secret_key": "sk_test_x"})
    sent = Sent("", body, {"X-Paystack-Signature": expected})
    (fact,) = paystack.gateway.hear(account, paystack.told(sent))
    assert (fact.reference, fact.proof) == ("R1", False)
    with pytest.raises(Forged):
        paystack.gateway.hear(account, paystack.told(replace(sent, body=body + b" ")))


def test_callbacks_and_forgeries(paystack: Acting) -> None:
    paystack.paid()
    (sent,) = paystack.provider.callbacks(REF)
    fact = paystack.heard(sent)
    assert (fact.about, fact.reference, fact.status.amount) == (About.CHARGE, REF, shillings(150_000))
    assert paystack.heard(sent).dedupe == fact.dedupe
    for forged in paystack.provider.forged(REF):
        with pytest.raises(Forged):
            paystack.gateway.hear(paystack.account, paystack.told(forged))
    keyless = replace(paystack.account, credentials={})
    with pytest.raises(Forged):
        paystack.gateway.hear(keyless, paystack.told(Sent("", b"{}", {"x-paystack-signature": signature("", b"{}")})))
    with pytest.raises(Malformed):
        paystack.gateway.hear(paystack.account, paystack.told(paystack.provider.signed({"event": "charge.success"})))
    other = paystack.provider.signed({"event": "transfer.success", "data": {"id": 1}})
    assert paystack.gateway.hear(paystack.account, paystack.told(other)) == []


def test_the_health_of_an_account(paystack: Acting) -> None:
    assert paystack.gateway.check(paystack.account).ok
    wrong = replace(paystack.account, credentials={"secret_key": "sk_test_other"})
    assert "key" in paystack.gateway.check(wrong).detail
    live = replace(paystack.account, mode=Mode.LIVE)
    with pytest.raises(GatewayError, match="live"):
        paystack.gateway.begin(live, paystack.charge())


@given(st.text(max_size=40))
def test_a_signature_that_was_guessed_is_forged(guess: str) -> None:
    gateway = Paystack(None)  # type: ignore[arg-type]
    account = acting_account()
    with pytest.raises(Forged):
        gateway.hear(account, _callback(b"{}", guess))


@given(st.dictionaries(st.sampled_from(["id", "status", "amount", "currency", "fees", "requested_amount", "metadata", "authorization", "customer", "paid_at", "reference", "transaction"]), st.none() | st.integers() | st.text(max_size=9) | st.sampled_from(["success", "KES", "reversed"]) | st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2)))  # fmt: skip # noqa: E501
def test_whatever_an_object_holds_it_is_read(data: dict[str, Any]) -> None:
    status = words.charge(data)
    assert status.reason in REASONS | {""}
    assert status.amount is not None or status.state not in {State.SUCCEEDED, State.REVERSED}
    words.refund(data)
    words.entry(data)
    for event in ("charge.success", "refund.processed", "charge.dispute.create"):
        assert words.heard(event, data, json.dumps(data).encode())[0].dedupe


def acting_account() -> Any:
    from lms_core.commerce.payments.gateways.port import Account

    return Account("1", "paystack", Mode.TEST, {"secret_key": "sk_test_simulator"}, {}, "")


def _callback(body: bytes, guess: str) -> Any:
    from lms_core.commerce.payments.gateways.port import Callback

    return Callback(body, {"x-paystack-signature": guess}, {}, "", datetime.now(UTC))
