"""Stripe: pages, kept cards, refunds, disputes, fees, and signatures checked without the SDK."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.commerce.payments.gateways import stripe_words as words
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
from lms_core.commerce.payments.gateways.stripe_cards import StripeCards, signature, verify
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways.acting import REF, Acting, acting, shillings
from tests.simulators.payments.stripe import Stripe as Provider

BODY = b'{"id":"evt_test_webhook","object":"event"}'
SIGNED = "3c5817089d739023dd6190f70a3757e04f7a2fd8b5dab12c2e000f51970dccff"
AT = 1614265330


@pytest.fixture
def stripe(provider: Provider) -> Acting:
    return acting(StripeCards, provider)


def test_a_payment_from_page_to_receipt(stripe: Acting) -> None:
    begun = stripe.gateway.begin(stripe.account, stripe.charge())
    assert begun.url.startswith(stripe.provider.base_url)
    assert (begun.status.state, begun.status.reference, begun.status.live) == (State.PENDING, REF, False)
    known = stripe.known(provider_ref=begun.status.provider_ref)
    assert stripe.gateway.status(stripe.account, known).state is State.PENDING
    stripe.provider.pay(REF)
    paid = stripe.gateway.status(stripe.account, known)
    assert (paid.state, paid.amount, paid.reference, paid.live) == (State.SUCCEEDED, shillings(150_000), REF, False)
    assert paid.provider_ref == begun.status.provider_ref and paid.receipt.startswith("ch_")
    assert paid.fee == shillings(150_000 * 29 // 1000 + 30)
    assert paid.paid_at is not None and paid.saved is None
    assert "client_secret" not in paid.raw


def test_what_the_page_is_asked_for(stripe: Acting) -> None:
    stripe.gateway.begin(stripe.account, stripe.charge())
    (call,) = stripe.provider.requests_to("/v1/checkout/sessions")
    sent = call.body.decode()
    assert "payment_method_types[0]=card" in sent and "adaptive_pricing[enabled]=false" in sent
    assert "setup_future_usage" not in sent
    assert call.headers["idempotency-key"] == f"charge:key-{REF}"
    assert "x-stripe-client-telemetry" not in call.headers
    assert "telemetry_id" not in call.headers["x-stripe-client-user-agent"]


def test_a_card_that_is_declined_leaves_the_page_open(stripe: Acting) -> None:
    stripe.gateway.begin(stripe.account, stripe.charge())
    stripe.provider.fail(REF, "insufficient_funds")
    status = stripe.gateway.status(stripe.account, stripe.known())
    assert (status.state, status.reason) == (State.PENDING, "insufficient_funds")
    stripe.provider.pay(REF)
    assert stripe.gateway.status(stripe.account, stripe.known()).state is State.SUCCEEDED


def test_a_page_that_ran_out(stripe: Acting) -> None:
    stripe.gateway.begin(stripe.account, stripe.charge())
    stripe.provider.fail(REF, "timeout")
    status = stripe.gateway.status(stripe.account, stripe.known())
    assert (status.state, status.reason) == (State.FAILED, "expired")


@pytest.mark.parametrize("paid", [True, False])
def test_a_bank_that_takes_its_time(stripe: Acting, paid: bool) -> None:
    stripe.gateway.begin(stripe.account, stripe.charge())
    stripe.provider.pay_slowly(REF)
    assert stripe.heard(stripe.provider.callbacks(REF)[0]).status.state is State.PENDING
    assert stripe.gateway.status(stripe.account, stripe.known()).state is State.PENDING
    stripe.provider.bank_says(REF, paid=paid)
    status = stripe.gateway.status(stripe.account, stripe.known())
    assert status.state is (State.SUCCEEDED if paid else State.FAILED)
    assert status.reason == ("" if paid else "declined")


def test_fees_of_another_currency_are_not_taken_for_ours(stripe: Acting) -> None:
    stripe.provider.settles_in = "usd"
    stripe.gateway.begin(stripe.account, stripe.charge())
    stripe.provider.pay(REF)
    paid = stripe.gateway.status(stripe.account, stripe.known())
    assert paid.amount == shillings(150_000) and paid.fee is None


def test_what_was_really_paid_is_told(stripe: Acting) -> None:
    stripe.gateway.begin(stripe.account, stripe.charge())
    stripe.provider.pay(REF, amount=100, currency="USD")
    paid = stripe.gateway.status(stripe.account, stripe.known())
    assert paid.amount == Money(amount=100, currency=Currency.USD)


def test_a_currency_we_do_not_know_is_never_a_success(stripe: Acting) -> None:
    stripe.gateway.begin(stripe.account, stripe.charge())
    stripe.provider.pay(REF, currency="GBP")
    status = stripe.gateway.status(stripe.account, stripe.known())
    assert status.state is State.UNKNOWN and status.amount is None


@pytest.mark.parametrize("fault", ["cut", "500", "busy"])
def test_a_broken_beginning_is_repeated_under_the_same_key(stripe: Acting, fault: str) -> None:
    stripe.provider.faults.append(fault)
    begun = stripe.gateway.begin(stripe.account, stripe.charge())
    assert begun.url
    made = [each for each in stripe.provider.objects.values() if each["object"] == "checkout.session"]
    assert len(made) == 1 and len(stripe.provider.requests) == 2


@pytest.mark.parametrize("fault", ["cut", "500"])
def test_three_broken_beginnings_are_uncertain_and_found_by_reference(stripe: Acting, fault: str) -> None:
    stripe.provider.faults.extend([fault, fault, "cut"])
    with pytest.raises(Uncertain):
        stripe.gateway.begin(stripe.account, stripe.charge())
    status = stripe.gateway.status(stripe.account, stripe.known())
    assert (status.state, status.reference) == (State.PENDING, REF)
    assert status.provider_ref.startswith("cs_")


def test_a_reference_nobody_asked_for_is_unknown_not_failed(stripe: Acting) -> None:
    status = stripe.gateway.status(stripe.account, stripe.known())
    assert (status.state, status.code) == (State.UNKNOWN, "not_found")
    gone = stripe.gateway.status(stripe.account, stripe.known(provider_ref="cs_test_none"))
    assert (gone.state, gone.code) == (State.UNKNOWN, "resource_missing")


def test_the_reference_is_found_on_a_later_page(stripe: Acting) -> None:
    stripe.provider.page = 2
    for number in range(5):
        stripe.gateway.begin(stripe.account, stripe.charge(f"C{number}"))
    assert stripe.gateway.status(stripe.account, stripe.known("C0")).reference == "C0"


def test_a_provider_that_is_away_leaves_the_state_unknown(stripe: Acting) -> None:
    begun = stripe.gateway.begin(stripe.account, stripe.charge())
    stripe.provider.faults.extend(["500"] * 3)
    known = stripe.known(provider_ref=begun.status.provider_ref)
    assert stripe.gateway.status(stripe.account, known).state is State.UNKNOWN


def test_nobody_there_is_no_uncertainty(stripe: Acting) -> None:
    stripe.account = replace(stripe.account, base_url="http://127.0.0.1:9")
    stripe.gateway = StripeCards(acting(StripeCards, stripe.provider).gateway._wire)
    stripe.gateway._wire.allowed_hosts = frozenset({"127.0.0.1:9"})
    with pytest.raises(GatewayError) as refused:
        stripe.gateway.begin(stripe.account, stripe.charge())
    assert (refused.value.reason, refused.value.retryable) == ("unreachable", True)


def test_what_stripe_writes_about_people_stays_out_of_errors(stripe: Acting) -> None:
    payer = replace(stripe.charge().payer, email="nobody")
    with pytest.raises(GatewayError) as refused:
        stripe.gateway.begin(stripe.account, stripe.charge(payer=payer))
    assert refused.value.code == "email_invalid"
    assert "example.com" not in refused.value.detail


# Kept cards.


def _keep(stripe: Acting) -> Any:
    stripe.gateway.begin(stripe.account, stripe.charge(save=True))
    stripe.provider.pay(REF)
    return stripe.gateway.status(stripe.account, stripe.known()).saved


def test_a_kept_card_is_charged_again(stripe: Acting) -> None:
    saved = _keep(stripe)
    assert (saved.label, saved.expires) == ("Visa 4242", "2031-04")
    assert saved.token not in repr(saved)
    begun = stripe.gateway.charge_saved(stripe.account, stripe.kept(saved.token, customer=saved.customer))
    assert (begun.status.state, begun.status.amount) == (State.SUCCEEDED, shillings(90_000))
    assert begun.status.reference == "B1B2C3D4E5KB" and begun.status.fee
    again = stripe.known("B1B2C3D4E5KB", provider_ref=begun.status.provider_ref)
    assert stripe.gateway.status(stripe.account, again).state is State.SUCCEEDED
    crashed = stripe.gateway.status(stripe.account, stripe.known("B1B2C3D4E5KB"))
    assert crashed.provider_ref == begun.status.provider_ref


@pytest.mark.parametrize(
    ("said", "reason"),
    [("insufficient_funds", "insufficient_funds"), ("authentication_required", "authentication"), ("lost_card", "declined")],  # noqa: E501
)  # fmt: skip
def test_a_kept_card_that_is_declined_fails_at_once_and_stays_failed(stripe: Acting, said: str, reason: str) -> None:
    saved = _keep(stripe)
    stripe.provider.cards[saved.token] = said
    begun = stripe.gateway.charge_saved(stripe.account, stripe.kept(saved.token, customer=saved.customer))
    assert (begun.status.state, begun.status.reason, begun.status.code) == (State.FAILED, reason, said)
    known = stripe.known("B1B2C3D4E5KB", provider_ref=begun.status.provider_ref)
    after = stripe.gateway.status(stripe.account, known)
    assert (after.state, after.reason) == (State.FAILED, reason)


def test_a_kept_card_is_charged_once_however_often_it_is_sent(stripe: Acting) -> None:
    saved = _keep(stripe)
    stripe.provider.faults.extend(["cut", "cut", "cut"])
    ask = stripe.kept(saved.token, customer=saved.customer)
    with pytest.raises(Uncertain):
        stripe.gateway.charge_saved(stripe.account, ask)
    assert stripe.gateway.charge_saved(stripe.account, ask).status.state is State.SUCCEEDED
    assert stripe.provider.charged("B1B2C3D4E5KB") == 90_000
    with pytest.raises(GatewayError) as other:
        stripe.gateway.charge_saved(stripe.account, replace(ask, amount=shillings(1)))
    assert other.value.reason == "duplicate"


# Refunds and disputes.


def _paid(stripe: Acting) -> Any:
    stripe.gateway.begin(stripe.account, stripe.charge())
    stripe.provider.pay(REF)
    return stripe.gateway.status(stripe.account, stripe.known())


@pytest.mark.parametrize("by", ["receipt", "provider_ref"])
def test_a_part_is_given_back(stripe: Acting, by: str) -> None:
    ask = stripe.refund(50_000, **{by: getattr(_paid(stripe), by)})
    done = stripe.gateway.refund(stripe.account, ask)
    assert (done.state, done.amount) == (State.SUCCEEDED, shillings(50_000))
    assert stripe.provider.charged(REF) == 100_000
    assert stripe.gateway.status(stripe.account, stripe.known()).state is State.SUCCEEDED
    (sent,) = stripe.provider.refund_callbacks(REF)
    fact = stripe.heard(sent)
    assert (fact.about, fact.reference, fact.subject) == (About.REFUND, REF, done.provider_ref)


def test_a_refund_without_an_answer_is_found_and_not_given_twice(stripe: Acting) -> None:
    stripe.provider.slow_refunds = True
    ask = stripe.refund(50_000, receipt=_paid(stripe).receipt)
    stripe.provider.faults.extend(["cut"] * 3)
    with pytest.raises(Uncertain):
        stripe.gateway.refund(stripe.account, ask)
    found = stripe.gateway.refund_status(stripe.account, ask, "")
    assert found.state is State.PENDING
    assert stripe.gateway.refund(stripe.account, ask).provider_ref == found.provider_ref
    stripe.provider.settle_refunds()
    assert stripe.gateway.refund_status(stripe.account, ask, found.provider_ref).state is State.SUCCEEDED
    assert stripe.provider.charged(REF) == 100_000
    other = replace(ask, key="refund-2")
    assert stripe.gateway.refund_status(stripe.account, other, "").code == "not_found"
    with pytest.raises(GatewayError) as refused:
        stripe.gateway.refund(stripe.account, replace(other, amount=shillings(100_001)))
    assert refused.value.code == "charge_already_refunded"


def test_a_dispute_from_its_opening_to_its_end(stripe: Acting) -> None:
    paid = _paid(stripe)
    for said, hint, after in [
        ("needs_response", State.PENDING, State.SUCCEEDED),
        ("won", State.SUCCEEDED, State.SUCCEEDED),
        ("lost", State.REVERSED, State.REVERSED),
    ]:
        stripe.provider.dispute(REF, said)
        fact = stripe.heard(stripe.provider.callbacks(REF)[0])
        assert (fact.about, fact.status.state, fact.status.receipt) == (About.DISPUTE, hint, paid.receipt)
        assert stripe.gateway.status(stripe.account, stripe.known()).state is after
    assert stripe.provider.charged(REF) == 0


def test_the_list_of_transactions(stripe: Acting) -> None:
    stripe.provider.page = 2
    for number in range(5):
        stripe.gateway.begin(stripe.account, stripe.charge(f"C{number}"))
        stripe.provider.pay(f"C{number}")
    now = datetime.now(UTC)
    rows = stripe.gateway.transactions(stripe.account, now - timedelta(hours=1), now + timedelta(hours=1))
    assert sorted(each.reference for each in rows) == ["C0", "C1", "C2", "C3", "C4"]
    assert all(each.amount == shillings(150_000) and each.fee and each.receipt.startswith("ch_") for each in rows)
    assert stripe.gateway.transactions(stripe.account, now + timedelta(hours=1), now + timedelta(hours=2)) == []


# Callbacks.


def test_the_published_vector() -> None:
    assert signature("whsec_test_secret", str(AT), BODY) == SIGNED
    at = datetime.fromtimestamp(AT, UTC)
    verify(BODY, f"t={AT},v1={SIGNED}", ["whsec_test_secret"], at)
    verify(
        BODY, f"t={AT},v1={'0' * 64},v1={SIGNED},v0=x", ["whsec_new", "whsec_test_secret"], at + timedelta(seconds=300)
    )


@pytest.mark.parametrize(
    "header",
    ["", "t=", f"v1={SIGNED}", f"t={AT}", f"t={AT},v0={SIGNED}", f"t={AT + 1},v1={SIGNED}", f"t={AT},t={AT},v1={SIGNED}",  # noqa: E501
     f"t=²{AT},v1={SIGNED}", f"t={AT},v1=", f"t={AT},v1={SIGNED[:-1]}é", f"t=-{AT},v1={SIGNED}"],
)  # fmt: skip
def test_other_headers_are_forged(header: str) -> None:
    with pytest.raises(Forged):
        verify(BODY, header, ["whsec_test_secret"], datetime.fromtimestamp(AT, UTC))


def test_an_old_signature_and_no_secret_are_forged() -> None:
    at = datetime.fromtimestamp(AT, UTC)
    with pytest.raises(Forged, match="older"):
        verify(BODY, f"t={AT},v1={SIGNED}", ["whsec_test_secret"], at + timedelta(seconds=301))
    with pytest.raises(Forged):
        verify(BODY, f"t={AT},v1={signature('', str(AT), BODY)}", [], at)


@given(body=st.binary(max_size=200), header=st.text(max_size=120))
def test_no_header_that_was_guessed_passes(body: bytes, header: str) -> None:
    with pytest.raises(Forged):
        verify(body, header, ["whsec_test_secret"], datetime.fromtimestamp(AT, UTC))


def test_callbacks_of_a_payment_say_the_same_and_forgeries_nothing(stripe: Acting) -> None:
    begun = stripe.gateway.begin(stripe.account, stripe.charge())
    stripe.provider.pay(REF)
    first, second = (stripe.heard(sent) for sent in stripe.provider.callbacks(REF))
    assert first.reference == second.reference == REF and first.dedupe != second.dedupe
    assert second.provider_ref == begun.status.provider_ref
    assert second.status.amount == shillings(150_000) and not second.proof
    assert stripe.heard(stripe.provider.callbacks(REF)[0]).dedupe == first.dedupe
    for sent in stripe.provider.forged(REF):
        with pytest.raises(Forged):
            stripe.gateway.hear(stripe.account, stripe.told(sent))


def test_what_is_not_ours_says_nothing(stripe: Acting) -> None:
    other = {"id": "evt_1", "object": "event", "type": "payment_intent.succeeded",
             "data": {"object": {"id": "pi_1", "status": "succeeded", "metadata": {}}}}  # fmt: skip
    for event in (other, {**other, "type": "payout.paid"}, {"id": "evt_2", "object": "v2.core.event"}):
        assert stripe.gateway.hear(stripe.account, stripe.told(stripe.provider.signed(event))) == []
    for event in ({}, {"object": "event"}, {**other, "data": []}, {**other, "id": None}):
        with pytest.raises(Malformed):
            stripe.gateway.hear(stripe.account, stripe.told(stripe.provider.signed(event)))


def test_a_callback_is_heard_without_loading_the_sdk() -> None:
    program = f"""
import sys
from datetime import datetime, UTC
from lms_core.commerce.payments.gateways.port import Account, Callback, Mode
from lms_core.commerce.payments.gateways.stripe_cards import StripeCards
account = Account("1", "stripe", Mode.TEST, {{"webhook_secret": "whsec_test_secret"}}, {{}}, "")
body = {BODY!r}
header = {{"stripe-signature": "t={AT},v1={SIGNED}"}}
try:
    StripeCards(None).hear(account, Callback(body, header, {{}}, "", datetime.fromtimestamp({AT}, UTC)))
except Exception as error:
    print(type(error).__name__)
print("stripe" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["Malformed", "False"]


# Accounts.


def test_the_health_of_an_account(stripe: Acting) -> None:
    assert stripe.gateway.check(stripe.account).ok
    wrong = {**stripe.account.credentials, "secret_key": "sk_test_other"}
    health = stripe.gateway.check(replace(stripe.account, credentials=wrong))
    assert not health.ok and "key" in health.detail and "sk_test_other" not in health.detail
    unsigned = {**stripe.account.credentials, "webhook_secret": ""}
    assert "whsec_" in stripe.gateway.check(replace(stripe.account, credentials=unsigned)).detail


def test_keys_of_one_mode_are_not_used_for_the_other(stripe: Acting) -> None:
    live = replace(stripe.account, mode=Mode.LIVE)
    with pytest.raises(GatewayError, match="live") as refused:
        stripe.gateway.begin(live, stripe.charge())
    assert refused.value.reason == "misconfigured" and stripe.provider.requests == []
    assert not stripe.gateway.check(live).ok


def test_an_address_inside_the_network_is_not_called(stripe: Acting) -> None:
    with pytest.raises(GatewayError, match="MWALIMU_PAYMENT_HOSTS"):
        stripe.gateway.begin(replace(stripe.account, base_url="http://169.254.169.254"), stripe.charge())


_json = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "status", "metadata", "reference", "payment_intent", "latest_charge", "amount_received", "currency", "payment_status", "last_payment_error", "code"]), inner, max_size=6), max_leaves=12)  # fmt: skip # noqa: E501


@given(st.dictionaries(st.sampled_from(["id", "status", "payment_status", "payment_intent", "metadata", "currency", "amount_total", "amount_received", "latest_charge", "livemode"]), _json))  # fmt: skip # noqa: E501
def test_whatever_an_object_holds_it_is_read(found: dict[str, Any]) -> None:
    for status in (words.session(found), words.intent(found)):
        assert status.reason in REASONS | {""}
        assert (status.amount is not None) or status.state is not State.SUCCEEDED
    words.refund(found)
    words.entry(found)
    words.heard({"id": "evt", "type": "checkout.session.completed", "data": {"object": found}})
