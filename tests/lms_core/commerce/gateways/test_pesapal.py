"""Pesapal: what is particular to it. What every gateway owes is in test_conformance."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.commerce.payments.gateways import reading
from lms_core.commerce.payments.gateways.pesapal import NAIROBI, Pesapal
from lms_core.commerce.payments.gateways.port import Account, Callback, GatewayError, Malformed, Mode, State, Uncertain
from lms_core.kit.money import Currency, Money, to_major
from tests.lms_core.commerce.gateways import bench
from tests.simulators.payments.base import Reply, Request, Sent
from tests.simulators.payments.pesapal import Pesapal as Provider

SHILLINGS = Money(amount=150_050, currency=Currency.KES)


@pytest.fixture
def gateway(provider: Provider) -> Pesapal:
    return Pesapal(bench.wire(provider))


def test_our_address_is_registered_once_and_found_again(provider: Provider, gateway: Pesapal) -> None:
    account = bench.account(provider)
    gateway.begin(account, bench.charge("PES1"))
    gateway.begin(account, bench.charge("PES2"))
    assert provider.ipns.keys() == {bench.SECRET_CALLBACK}
    assert len(provider.requests_to("RegisterIPN")) == len(provider.requests_to("GetIpnList")) == 1
    Pesapal(bench.wire(provider)).begin(account, bench.charge("PES3"))  # after a restart without its cache
    assert len(provider.requests_to("RegisterIPN")) == 1 and len(provider.requests_to("GetIpnList")) == 2


def test_an_address_that_pesapal_no_longer_knows_is_registered_anew(provider: Provider, gateway: Pesapal) -> None:
    account = bench.account(provider)
    gateway.begin(account, bench.charge("PES4"))
    provider.ipns.clear()
    assert gateway.begin(account, bench.charge("PES5")).status.state is State.PENDING
    assert len(provider.requests_to("RegisterIPN")) == 2


def test_the_order_is_in_major_units_with_its_cents(provider: Provider, gateway: Pesapal) -> None:
    begun = gateway.begin(bench.account(provider), bench.charge("PES6", SHILLINGS))
    asked = provider.orders["PES6"].asked
    assert (asked["id"], asked["currency"], asked["amount"]) == ("PES6", "KES", 1500.5)
    assert asked["billing_address"]["first_name"] == "Asha" and asked["billing_address"]["last_name"] == "Otieno"
    assert asked["cancellation_url"].endswith("?cancelled=1") and begun.url.startswith("https://cybqa.pesapal.com/")


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=10**11))
def test_the_number_on_the_wire_is_the_amount_to_the_cent(amount: int) -> None:
    written = json.dumps(float(to_major(Money(amount=amount, currency=Currency.KES))))
    assert reading.major(written, "KES") == Money(amount=amount, currency=Currency.KES)


@pytest.mark.parametrize("bare", [False, True])
def test_both_answers_for_an_unpaid_order_are_pending(provider: Provider, gateway: Pesapal, bare: bool) -> None:
    account, made = bench.account(provider), bench.charge("PES7", SHILLINGS)
    provider.bare_pending = bare
    begun = gateway.begin(account, made)
    assert gateway.status(account, bench.known(made, begun.status)).state is State.PENDING
    provider.pay("PES7")
    paid = gateway.status(account, bench.known(made, begun.status))
    assert (paid.state, paid.amount, paid.reference) == (State.SUCCEEDED, SHILLINGS, "PES7") and paid.receipt
    assert paid.paid_at == datetime(2026, 9, 1, 9, 0, 9, 763_000, tzinfo=UTC)  # told in the time of Nairobi


def test_a_failed_card_and_then_mpesa_on_the_same_page_are_two_notifications(
    provider: Provider, gateway: Pesapal
) -> None:
    account, made = bench.account(provider), bench.charge("PES8", SHILLINGS)
    begun = gateway.begin(account, made)
    provider.fail("PES8", "insufficient_funds")
    sent, at = provider.sent("PES8"), datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
    (first,) = gateway.hear(account, bench.callback(sent, at=at))
    told = gateway.status(account, bench.known(made, begun.status))
    assert (told.state, told.reason) == (State.FAILED, "insufficient_funds")
    provider.pay("PES8")
    (second,) = gateway.hear(account, bench.callback(provider.sent("PES8"), at=at + timedelta(seconds=40)))
    assert provider.sent("PES8") == sent and first.dedupe != second.dedupe
    assert gateway.status(account, bench.known(made, begun.status)).state is State.SUCCEEDED


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_notification_is_read_by_query_and_as_json_and_answered_in_its_words(
    provider: Provider, gateway: Pesapal, method: str
) -> None:
    account = bench.account(provider)
    begun = gateway.begin(account, bench.charge("PES9"))
    callback = bench.callback(provider.sent("PES9", method=method))
    (heard,) = gateway.hear(account, callback)
    assert (heard.reference, heard.provider_ref) == ("PES9", begun.status.provider_ref)
    assert heard.status is None and not heard.proof
    for accepted, status in ((True, 200), (False, 500)):
        said = json.loads(gateway.answer(account, callback, accepted=accepted).body)
        assert said == {
            "orderNotificationType": "IPNCHANGE",
            "orderTrackingId": begun.status.provider_ref,
            "orderMerchantReference": "PES9",
            "status": status,
        }


DEAF = Pesapal(bench.wire())  # it hears, and speaks to nobody


@settings(deadline=None)
@given(st.binary(max_size=80), st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=4))
def test_whatever_arrives_is_malformed_or_a_mere_hint(body: bytes, query: dict[str, str]) -> None:
    account = Account("a", "pesapal", Mode.TEST, {}, {}, "https://school.example/x")
    gateway, at = DEAF, datetime(2026, 9, 1, tzinfo=UTC)
    callback = Callback(body, {}, query, "", at)
    assert isinstance(json.loads(gateway.answer(account, callback, accepted=True).body), dict)
    try:
        heard = gateway.hear(account, callback)
    except Malformed:
        return
    assert all(each.status is None and not each.proof for each in heard)


@pytest.mark.parametrize("tracking", ["", "../../Auth/RequestToken", "a b", "é" * 10, "x" * 65])
def test_only_an_id_of_pesapals_is_asked_for(provider: Provider, gateway: Pesapal, tracking: str) -> None:
    account, made = bench.account(provider), bench.charge("PESA")
    told = gateway.status(account, replace(bench.known(made), provider_ref=tracking))
    assert told.state is State.UNKNOWN and not provider.requests


def test_an_answer_about_another_order_is_uncertain(
    provider: Provider, gateway: Pesapal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, truth = bench.account(provider), provider.answer

    def crossed(request: Request) -> Reply:
        reply = truth(request)
        return Reply(reply.data | {"merchant_reference": "OTHER"}) if "SubmitOrder" in request.path else reply

    monkeypatch.setattr(provider, "answer", crossed)
    with pytest.raises(Uncertain):
        gateway.begin(account, bench.charge("PESB"))


def test_one_refund_of_the_whole_payment_decided_by_pesapal(provider: Provider, gateway: Pesapal) -> None:
    account, made = bench.account(provider, refund_user="Mhasibu"), bench.charge("PESC", SHILLINGS)
    begun = gateway.begin(account, made)
    provider.pay("PESC")
    paid = gateway.status(account, bench.known(made, begun.status))
    ask = bench.refund(made, paid)
    with pytest.raises(GatewayError, match="whole payments only"):
        gateway.refund(account, bench.refund(made, paid, 100))
    waiting = gateway.refund(account, ask)
    sent = provider.requests_to("RefundRequest")[0].json
    assert (sent["confirmation_code"], sent["amount"], sent["username"]) == (paid.receipt, "1500.50", "Mhasibu")
    assert waiting.state is gateway.refund_status(account, ask, waiting.provider_ref).state is State.PENDING
    assert gateway.refund_status(account, ask, "").state is State.UNKNOWN  # whether it was taken cannot be told
    with pytest.raises(GatewayError):
        gateway.refund(account, ask)  # only one
    provider.settle_refunds()
    assert gateway.refund_status(account, ask, waiting.provider_ref).state is State.SUCCEEDED


def test_an_error_inside_a_good_answer_is_an_error(provider: Provider, gateway: Pesapal) -> None:
    account = bench.account(provider)
    gateway.begin(account, bench.charge("PESD"))
    with pytest.raises(GatewayError) as refused:
        gateway.begin(account, bench.charge("PESD"))
    assert (refused.value.code, refused.value.reason) == ("duplicate_merchant_reference", "duplicate")


def test_the_check_tells_wrong_keys_and_registers_our_address(provider: Provider, gateway: Pesapal) -> None:
    assert gateway.check(bench.account(provider)).ok and bench.SECRET_CALLBACK in provider.ipns
    told = gateway.check(bench.account(provider, consumer_secret="wrong"))
    assert not told.ok and told.detail


def test_moments_with_seven_digits_of_a_second_are_read() -> None:
    assert reading.moment("2021-08-26T12:29:30.5177702Z") == datetime(2021, 8, 26, 12, 29, 30, 517_770, tzinfo=UTC)
    assert reading.moment("2022-04-30T07:41:09.763", NAIROBI) == datetime(2022, 4, 30, 4, 41, 9, 763_000, tzinfo=UTC)
    assert reading.moment("soon") is None and reading.moment(None) is None


def test_a_notification_forged_changes_nothing(provider: Provider, gateway: Pesapal) -> None:
    account, made = bench.account(provider), bench.charge("PESE")
    begun = gateway.begin(account, made)
    for sent in provider.forged("PESE"):
        assert gateway.hear(account, bench.callback(sent))[0].status is None
    assert gateway.status(account, bench.known(made, begun.status)).state is State.PENDING
    with pytest.raises(Malformed):
        gateway.hear(account, bench.callback(Sent("", b"{}")))
