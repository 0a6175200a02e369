"""Flutterwave: several tries under one reference, both proofs of a callback, refunds, chargebacks."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.commerce.payments.gateways import flutterwave_words as words
from lms_core.commerce.payments.gateways.flutterwave import Flutterwave, signature
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
from tests.simulators.payments.flutterwave import Flutterwave as Provider


@pytest.fixture
def flutterwave(provider: Provider) -> Acting:
    return acting(Flutterwave, provider)


def test_a_payment_from_page_to_receipt(flutterwave: Acting) -> None:
    charge = flutterwave.charge(amount=shillings(150_050))
    begun = flutterwave.gateway.begin(flutterwave.account, charge)
    assert begun.url.startswith(flutterwave.provider.base_url)
    (call,) = flutterwave.provider.requests_to("/payments")
    assert call.json["amount"] == 1500.5 and "payment_options" not in call.json
    assert flutterwave.state().state is State.PENDING  # nobody tried yet, so there is nothing to find
    flutterwave.provider.pay(REF)
    paid = flutterwave.state()
    assert (paid.state, paid.amount, paid.reference) == (State.SUCCEEDED, shillings(150_050), REF)
    assert paid.receipt.isdigit() and paid.fee == shillings(4351) and paid.paid_at and paid.saved is None
    assert PAYER.email not in str(paid.raw) and "254712345126" not in str(paid.raw)


def test_whole_currencies_are_not_multiplied(flutterwave: Acting) -> None:
    flutterwave.gateway.begin(flutterwave.account, flutterwave.charge(amount=Money(amount=5000, currency=Currency.UGX)))
    assert flutterwave.provider.asked[REF]["amount"] == 5000
    flutterwave.provider.pay(REF)
    assert flutterwave.state().amount == Money(amount=5000, currency=Currency.UGX)


def test_fees_the_payer_bears_are_no_overpayment(flutterwave: Acting) -> None:
    flutterwave.provider.payer_bears_fees = True
    paid = flutterwave.paid()
    assert (paid.amount, paid.fee) == (shillings(150_000), shillings(0))


def test_a_part_and_another_currency_are_told(flutterwave: Acting) -> None:
    flutterwave.gateway.begin(flutterwave.account, flutterwave.charge())
    flutterwave.provider.pay(REF, amount=100, currency="NGN")
    assert flutterwave.state().amount == Money(amount=100, currency=Currency.NGN)
    part = {"status": "successful", "amount": 100, "charged_amount": 60, "currency": "KES", "tx_ref": REF, "id": 1}
    assert words.charge(part).amount == shillings(6000)
    for odd in ({"currency": "GHS"}, {"amount": Decimal("10.001")}, {"amount": None}, {"amount": True}):
        assert words.charge({**part, **odd}).state is State.UNKNOWN


def test_the_published_sample_of_a_phone_payment() -> None:
    sample = {"id": 4193428, "tx_ref": "test987", "flw_ref": "2993238342", "amount": 10, "charged_amount": 10,
              "app_fee": Decimal("0.29"), "auth_model": "LIPA_MPESA", "currency": "KES", "status": "pending",
              "payment_type": "mpesa"}  # fmt: skip
    assert words.charge(sample).state is State.PENDING
    paid = words.charge({**sample, "status": "successful"})
    assert (paid.amount, paid.fee, paid.receipt) == (shillings(1000), shillings(29), "4193428")


def test_a_failed_try_beside_one_that_succeeded(flutterwave: Acting) -> None:
    flutterwave.provider.page = 1
    flutterwave.gateway.begin(flutterwave.account, flutterwave.charge())
    flutterwave.provider.fail(REF, "insufficient_funds")
    failed = flutterwave.state()
    assert (failed.state, failed.reason) == (State.FAILED, "insufficient_funds")
    flutterwave.gateway.begin(flutterwave.account, flutterwave.charge(f"{REF}9"))
    flutterwave.provider.pay(f"{REF}9")
    assert flutterwave.state().state is State.FAILED  # another reference that begins alike is not ours
    flutterwave.provider.pay(REF)
    paid = flutterwave.state()
    assert (paid.state, paid.amount) == (State.SUCCEEDED, shillings(150_000))


def test_a_phone_is_asked_where_the_account_wants_it(flutterwave: Acting) -> None:
    flutterwave.account = replace(flutterwave.account, options={"phone_prompt": "yes"})
    begun = flutterwave.gateway.begin(flutterwave.account, flutterwave.charge())
    assert begun.url == "" and begun.status.state is State.PENDING
    (call,) = flutterwave.provider.requests_to("/charges")
    assert call.query == {"type": "mpesa"} and call.json["phone_number"] == "254712345126"
    flutterwave.provider.fail(REF, "cancelled")
    assert (flutterwave.state().state, flutterwave.state().reason) == (State.FAILED, "cancelled")
    flutterwave.provider.faults.append("cut")
    with pytest.raises(Uncertain):
        flutterwave.gateway.begin(flutterwave.account, flutterwave.charge("P2"))
    assert len(flutterwave.provider.requests_to("/charges")) == 2  # never two prompts for one charge
    assert flutterwave.state("P2").state is State.PENDING


@pytest.mark.parametrize("fault", ["cut", "500", "busy"])
def test_a_page_may_be_asked_for_again(flutterwave: Acting, fault: str) -> None:
    flutterwave.provider.faults.append(fault)
    assert flutterwave.gateway.begin(flutterwave.account, flutterwave.charge()).url
    flutterwave.provider.faults.extend(["cut"] * 3)
    with pytest.raises(Uncertain):
        flutterwave.gateway.begin(flutterwave.account, flutterwave.charge("P2"))


def test_a_provider_that_is_away_leaves_the_state_unknown(flutterwave: Acting) -> None:
    flutterwave.gateway.begin(flutterwave.account, flutterwave.charge())
    flutterwave.provider.faults.extend(["500"] * 3)
    assert flutterwave.state().state is State.UNKNOWN


def test_what_flutterwave_writes_about_people_stays_out_of_errors(flutterwave: Acting) -> None:
    with pytest.raises(GatewayError) as refused:
        flutterwave.gateway.begin(flutterwave.account, flutterwave.charge(payer=replace(PAYER, email="nobody")))
    assert refused.value.code == "400" and "example.com" not in refused.value.detail


def test_a_kept_card_is_charged_again_and_never_twice(flutterwave: Acting) -> None:
    saved = flutterwave.paid(save=True).saved
    assert (saved.label, saved.expires, saved.customer) == ("Visa 4081", "2031-04", PAYER.email)
    ask = flutterwave.kept(saved.token, customer=saved.customer)
    done = flutterwave.gateway.charge_saved(flutterwave.account, ask)
    assert (done.status.state, done.status.amount) == (State.SUCCEEDED, shillings(90_000))
    flutterwave.provider.faults.append("cut")
    with pytest.raises(Uncertain):
        flutterwave.gateway.charge_saved(flutterwave.account, replace(ask, reference="C1"))
    assert flutterwave.provider.charged("C1") == 90_000
    assert flutterwave.state("C1").amount == shillings(90_000)
    flutterwave.provider.declines[saved.token] = "Insufficient Funds"
    declined = flutterwave.gateway.charge_saved(flutterwave.account, replace(ask, reference="C2")).status
    assert (declined.state, declined.reason) == (State.FAILED, "insufficient_funds")
    with pytest.raises(GatewayError):
        flutterwave.gateway.charge_saved(flutterwave.account, replace(ask, token="other", reference="C3"))


@pytest.mark.parametrize("known", [True, False])
def test_a_refund_from_asking_to_done(flutterwave: Acting, known: bool) -> None:
    receipt = flutterwave.paid().receipt
    ask = flutterwave.refund(50_050, receipt=receipt if known else "")
    asked = flutterwave.gateway.refund(flutterwave.account, ask)
    assert (asked.state, asked.amount) == (State.PENDING, shillings(50_050))
    flutterwave.provider.settle_refunds()
    done = flutterwave.gateway.refund_status(flutterwave.account, ask, asked.provider_ref)
    assert done.state is State.SUCCEEDED and flutterwave.provider.charged(REF) == 99_950
    with pytest.raises(GatewayError):
        flutterwave.gateway.refund(flutterwave.account, flutterwave.refund(99_951, "refund-2", receipt=receipt))


def test_a_refund_without_an_answer_is_found_by_our_key(flutterwave: Acting) -> None:
    flutterwave.provider.page = 1
    receipt = flutterwave.paid().receipt
    flutterwave.gateway.refund(flutterwave.account, flutterwave.refund(10_000, "refund-11", receipt=receipt))
    ask = flutterwave.refund(50_000, receipt=receipt)
    assert flutterwave.gateway.refund_status(flutterwave.account, ask, "").code == "not_found"
    flutterwave.provider.faults.append("cut")
    with pytest.raises(Uncertain):
        flutterwave.gateway.refund(flutterwave.account, ask)
    found = flutterwave.gateway.refund_status(flutterwave.account, ask, "")
    assert (found.state, found.amount) == (State.PENDING, shillings(50_000))
    assert len(flutterwave.provider.refunds) == 2


@pytest.mark.parametrize(
    ("said", "state"),
    [("completed", State.SUCCEEDED), ("completed-mpgs", State.SUCCEEDED), ("completed_bank_transfer", State.SUCCEEDED),
     ("pending-momo", State.PENDING), ("failed", State.FAILED), ("", State.UNKNOWN), ("strange", State.UNKNOWN)],
)  # fmt: skip
def test_kinds_of_refund_states(said: str, state: State) -> None:
    assert words.refund_state(said) is state


def test_a_chargeback_reverses_only_its_own_charge(flutterwave: Acting) -> None:
    flutterwave.paid()
    flutterwave.gateway.begin(flutterwave.account, flutterwave.charge("D1"))
    flutterwave.provider.pay("D1")
    flutterwave.provider.reverse("D1")
    assert flutterwave.state().state is State.SUCCEEDED
    assert (flutterwave.state("D1").state, flutterwave.state("D1").code) == (State.REVERSED, "chargeback_lost")
    flutterwave.provider.chargebacks[0]["status"] = "initiated"
    assert (flutterwave.state("D1").state, flutterwave.state("D1").code) == (State.SUCCEEDED, "disputed")


def test_the_list_of_transactions(flutterwave: Acting) -> None:
    for number in range(12):
        flutterwave.gateway.begin(flutterwave.account, flutterwave.charge(f"C{number}"))
        flutterwave.provider.pay(f"C{number}")
    flutterwave.provider.fail("C0", "insufficient_funds")
    now = datetime.now(UTC)
    rows = flutterwave.gateway.transactions(flutterwave.account, now - timedelta(hours=1), now + timedelta(hours=1))
    assert {each.reference for each in rows} == {f"C{number}" for number in range(12)} and len(rows) == 12
    assert all(each.amount == shillings(150_000) and each.fee == shillings(4350) for each in rows)
    assert (
        flutterwave.gateway.transactions(flutterwave.account, now - timedelta(hours=2), now - timedelta(hours=1)) == []
    )


def test_the_published_vector_and_both_proofs(flutterwave: Acting) -> None:
    body = b'{"type":"charge.completed","data":{"id":"chg_1"}}'
    expected = "x1zYOxaoV2PW64jSJyMIo2s/rv3U3MdJ1v6YUot6j5M="
    assert signature("secret-hash", body) == expected
    account = replace(flutterwave.account, credentials={"secret_hash": "secret-hash"})
    for headers in ({"flutterwave-signature": expected}, {"verif-hash": "secret-hash"}):
        assert flutterwave.gateway.hear(account, flutterwave.told(Sent("", body, headers))) == []  # it names no charge
    for headers in (
        {"flutterwave-signature": expected[:-2] + "A="}, {"verif-hash": "secret-hasH"}, {"verif-hash": "sécret"},
        {"flutterwave-signature": "x", "verif-hash": "secret-hash"}, {},
    ):  # fmt: skip
        with pytest.raises(Forged):
            flutterwave.gateway.hear(account, flutterwave.told(Sent("", body, headers)))
    with pytest.raises(Forged):
        nobody = replace(account, credentials={"secret_hash": ""})
        flutterwave.gateway.hear(
            nobody, flutterwave.told(Sent("", body, {"flutterwave-signature": signature("", body)}))
        )


@pytest.mark.parametrize("signs", [True, False])
def test_callbacks_and_forgeries(flutterwave: Acting, signs: bool) -> None:
    flutterwave.provider.signs = signs
    flutterwave.gateway.begin(flutterwave.account, flutterwave.charge())
    flutterwave.provider.fail(REF, "insufficient_funds")
    failed = flutterwave.heard(flutterwave.provider.callbacks(REF)[0])
    assert failed.status.state is State.FAILED  # "charge.completed" is sent for these too
    flutterwave.provider.pay(REF)
    (sent,) = flutterwave.provider.callbacks(REF)
    fact = flutterwave.heard(sent)
    assert (fact.about, fact.reference, fact.status.amount) == (About.CHARGE, REF, shillings(150_000))
    assert not fact.proof and fact.dedupe != failed.dedupe and fact.dedupe == flutterwave.heard(sent).dedupe
    for forged in flutterwave.provider.forged(REF):
        with pytest.raises(Forged):
            flutterwave.gateway.hear(flutterwave.account, flutterwave.told(forged))


def test_other_shapes_of_callbacks(flutterwave: Acting) -> None:
    old = {"txRef": REF, "flwRef": "FLW1", "id": 7, "status": "successful", "amount": 1500, "currency": "KES"}
    new = {"type": "charge.completed", "data": {"id": "chg_1", "reference": REF, "status": "succeeded", "amount": 1500,
                                                "currency": "KES"}}  # fmt: skip
    for event in (old, new):
        fact = flutterwave.heard(flutterwave.provider.sent(event))
        assert (fact.reference, fact.status.state, fact.status.amount) == (REF, State.SUCCEEDED, shillings(150_000))
    given_back = {"event": "refund.completed", "data": {"id": 5, "status": "completed", "TransactionId": 7}}
    fact = flutterwave.heard(flutterwave.provider.sent(given_back))
    assert (fact.about, fact.subject, fact.status.receipt) == (About.REFUND, "5", "7")
    for event in ({"event": "test_assess"}, {"event": "transfer.completed", "data": {"id": 1}}, {}):
        assert flutterwave.gateway.hear(flutterwave.account, flutterwave.told(flutterwave.provider.sent(event))) == []
    with pytest.raises(Malformed):
        broken = Sent("", b"[1", {"verif-hash": flutterwave.provider.credentials["secret_hash"]})
        flutterwave.gateway.hear(flutterwave.account, flutterwave.told(broken))


def test_the_health_of_an_account(flutterwave: Acting) -> None:
    assert flutterwave.gateway.check(flutterwave.account).ok
    keys = flutterwave.account.credentials
    wrong = replace(flutterwave.account, credentials={**keys, "secret_key": "FLWSECK_TEST-other-X"})
    assert "key" in flutterwave.gateway.check(wrong).detail
    assert "hash" in flutterwave.gateway.check(replace(wrong, credentials={**keys, "secret_hash": ""})).detail
    with pytest.raises(GatewayError, match="live"):
        flutterwave.gateway.begin(replace(flutterwave.account, mode=Mode.LIVE), flutterwave.charge())
    with pytest.raises(GatewayError, match="test"):
        live = replace(flutterwave.account, credentials={**keys, "secret_key": "FLWSECK-real-X"})
        flutterwave.gateway.begin(live, flutterwave.charge())


@given(st.dictionaries(st.sampled_from(["id", "status", "amount", "currency", "app_fee", "charged_amount", "card", "meta", "customer", "created_at", "tx_ref", "txRef"]), st.none() | st.integers() | st.decimals() | st.text(max_size=9) | st.sampled_from(["successful", "KES", "UGX"]) | st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2)))  # fmt: skip # noqa: E501
def test_whatever_an_object_holds_it_is_read(data: dict[str, Any]) -> None:
    status = words.charge(data)
    assert status.reason in REASONS | {""}
    assert (status.amount is not None) == (status.state is State.SUCCEEDED)
    words.refund(data, "KES")
    words.entry(data)
    for fact in words.heard({"event": "charge.completed", "data": data}, json.dumps({}).encode()):
        assert fact.dedupe and fact.reference
