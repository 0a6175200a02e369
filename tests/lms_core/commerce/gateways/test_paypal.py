"""PayPal: what is particular to it. What every gateway owes is in test_conformance."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lms_core.commerce.payments.gateways import paypal_webhook
from lms_core.commerce.payments.gateways.paypal import PayPal
from lms_core.commerce.payments.gateways.paypal_orders import judged
from lms_core.commerce.payments.gateways.port import About, Forged, GatewayError, Malformed, Mode, State
from lms_core.kit.clock import MovingClock
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways import bench
from tests.simulators.payments import certificates
from tests.simulators.payments.base import Sent
from tests.simulators.payments.paypal import CERTIFICATE, NOW, issued
from tests.simulators.payments.paypal import PayPal as Provider

DOLLARS = Money(amount=2_599, currency=Currency.USD)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock(NOW + timedelta(minutes=5))


@pytest.fixture
def gateway(provider: Provider, clock: MovingClock) -> PayPal:
    return PayPal(bench.wire(provider), clock)


def test_the_checksum_is_written_as_paypal_writes_it() -> None:
    told = paypal_webhook.signed_text("id", "2026-09-01T09:00:00Z", "hook", b'{"id":"WH-1"}')
    assert told == b"id|2026-09-01T09:00:00Z|hook|838965618"


def test_the_order_asks_for_decimal_text_under_a_key_of_ours(provider: Provider, gateway: PayPal) -> None:
    begun = gateway.begin(bench.account(provider, brand="Chuo cha Mfano"), bench.charge("PP1", DOLLARS))
    sent = provider.requests_to("/v2/checkout/orders")[0]
    unit = sent.json["purchase_units"][0]
    assert unit["amount"] == {"currency_code": "USD", "value": "25.99"}
    assert (unit["custom_id"], unit["invoice_id"]) == ("PP1", "PP1")
    assert sent.json["payment_source"]["paypal"]["experience_context"]["brand_name"] == "Chuo cha Mfano"
    assert len(sent.headers["paypal-request-id"]) == 40
    assert begun.url == f"https://www.sandbox.paypal.com/checkoutnow?token={begun.status.provider_ref}"
    assert begun.status.live is False  # told by the host in the order's own address


def test_shillings_are_refused_before_anything_is_sent(provider: Provider, gateway: PayPal) -> None:
    with pytest.raises(GatewayError, match="does not take KES") as refused:
        gateway.begin(bench.account(provider), bench.charge("PP2"))
    assert refused.value.reason == "misconfigured" and not provider.requests


def test_a_repeated_beginning_is_one_order(provider: Provider, gateway: PayPal) -> None:
    provider.faults.extend(["", "cut"])  # the token, then the order
    account = bench.account(provider)
    begun = gateway.begin(account, bench.charge("PP3", DOLLARS))
    again = gateway.begin(account, bench.charge("PP3", DOLLARS))
    assert begun.status.provider_ref == again.status.provider_ref == provider.orders["PP3"].id


def test_approval_moves_nothing_until_the_capture_which_is_asked_once(provider: Provider, gateway: PayPal) -> None:
    account, made = bench.account(provider), bench.charge("PP4", DOLLARS)
    begun = gateway.begin(account, made)
    provider.pay("PP4")
    assert provider.charged("PP4") == 0
    paid = gateway.status(account, bench.known(made, begun.status))
    assert (paid.state, paid.amount, paid.reference, provider.charged("PP4")) == (
        State.SUCCEEDED,
        DOLLARS,
        "PP4",
        2_599,
    )
    assert paid.fee == Money(amount=59, currency=Currency.USD) and paid.receipt
    assert gateway.status(account, bench.known(made, begun.status)) == paid
    assert len(provider.requests_to("/capture")) == 1


@pytest.mark.parametrize("changed", [{"amount": Money(amount=2_600, currency=Currency.USD)}, {"reference": "PP5B"}])
def test_an_order_that_is_not_what_was_asked_is_never_captured(
    provider: Provider, gateway: PayPal, changed: dict[str, object]
) -> None:
    account, made = bench.account(provider), bench.charge("PP5", DOLLARS)
    begun = gateway.begin(account, made)
    provider.pay("PP5")
    told = gateway.status(account, replace(bench.known(made, begun.status), **changed))
    assert (told.state, told.code) == (State.FAILED, "NOT_AS_ASKED") and provider.charged("PP5") == 0
    assert not provider.requests_to("/capture")


def test_a_capture_that_was_cut_is_never_made_twice(provider: Provider, gateway: PayPal) -> None:
    account, made = bench.account(provider), bench.charge("PP6", DOLLARS)
    begun = gateway.begin(account, made)
    provider.pay("PP6")
    provider.faults.extend(["", "cut", "cut", "cut"])  # the order is read, then the capture is cut three times
    assert gateway.status(account, bench.known(made, begun.status)).state is State.UNKNOWN
    assert gateway.status(account, bench.known(made, begun.status)).state is State.SUCCEEDED
    assert len(provider.orders["PP6"].captures) == 1 and provider.charged("PP6") == 2_599


def test_a_declined_instrument_fails_and_a_second_approval_is_captured(provider: Provider, gateway: PayPal) -> None:
    account, made = bench.account(provider), bench.charge("PP7", DOLLARS)
    begun = gateway.begin(account, made)
    provider.fail("PP7", "insufficient_funds")
    told = gateway.status(account, bench.known(made, begun.status))
    assert (told.state, told.code, told.reason) == (State.FAILED, "INSTRUMENT_DECLINED", "declined")
    provider.pay("PP7")
    assert gateway.status(account, bench.known(made, begun.status)).state is State.SUCCEEDED
    keys = {each.headers["paypal-request-id"] for each in provider.requests_to("/capture")}
    assert len(keys) == 2


def test_a_completed_order_whose_capture_waits_is_not_paid(provider: Provider, gateway: PayPal) -> None:
    account, made = bench.account(provider), bench.charge("PP8", DOLLARS)
    begun = gateway.begin(account, made)
    provider.hold("PP8")
    told = gateway.status(account, bench.known(made, begun.status))
    assert (told.state, told.code) == (State.PENDING, "PENDING_REVIEW") and provider.orders["PP8"].status == "COMPLETED"


def test_a_forgotten_order_is_expired_only_after_six_hours(
    provider: Provider, gateway: PayPal, clock: MovingClock
) -> None:
    account, made = bench.account(provider), bench.charge("PP9", DOLLARS)
    begun = gateway.begin(account, made)
    provider.fail("PP9", "timeout")
    asked = bench.known(made, begun.status, begun_at=clock.now())
    assert gateway.status(account, asked).state is State.UNKNOWN
    clock.move(timedelta(hours=6, seconds=1))
    told = gateway.status(account, asked)
    assert (told.state, told.reason) == (State.FAILED, "expired")


def test_without_its_id_a_payment_is_found_in_the_reports(
    provider: Provider, gateway: PayPal, clock: MovingClock
) -> None:
    account, made = bench.account(provider), bench.charge("PPA", DOLLARS)
    begun = gateway.begin(account, made)
    clock.move(timedelta(days=70))  # over three reports
    assert gateway.status(account, bench.known(made, begun_at=NOW)).state is State.UNKNOWN
    provider.pay("PPA")
    gateway.status(account, bench.known(made, begun.status))
    told = gateway.status(account, bench.known(made, begun_at=NOW))
    assert (told.state, told.amount, told.provider_ref) == (State.SUCCEEDED, DOLLARS, begun.status.provider_ref)
    assert told.fee == Money(amount=59, currency=Currency.USD)
    # Three reports each time: no report spans more than 31 days.
    assert len(provider.requests_to("/v1/reporting")) == 6


def _approved(provider: Provider, gateway: PayPal, reference: str) -> tuple[dict[str, str], bytes]:
    gateway.begin(bench.account(provider), bench.charge(reference, DOLLARS))
    provider.pay(reference)
    (sent,) = provider.callbacks(reference)
    return dict(sent.headers), sent.body


@pytest.mark.parametrize(
    "address",
    [
        "https://api.paypal.com.evil.example" + CERTIFICATE,
        "https://api.paypal.com@evil.example" + CERTIFICATE,
        "http://api.sandbox.paypal.com" + CERTIFICATE,
        "https://api.sandbox.paypal.com:8443" + CERTIFICATE,
        "https://api.sandbox.paypal.com:x" + CERTIFICATE,
        "https://api.sandbox.paypal.com/elsewhere/cert",
        "https://api.sandbox.paypal.com/v1/notifications/certs/../../../evil",
        "https://www.paypal.com" + CERTIFICATE,
        "https://api.paypal.com" + CERTIFICATE,  # of the other mode
        "file:///etc/passwd",
        "http://169.254.169.254" + CERTIFICATE,
    ],
)
def test_a_certificate_is_fetched_from_paypal_alone(
    provider: Provider, gateway: PayPal, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, body = _approved(provider, gateway, "PPB")
    fetched: list[str] = []
    monkeypatch.setattr(gateway._wire, "read", lambda url: fetched.append(url) or b"")
    sent = Sent("", body, headers | {"paypal-cert-url": address})
    for account in (bench.account(provider), bench.account(provider, base_url="")):
        with pytest.raises(Forged, match="strange host"):
            gateway.hear(account, bench.callback(sent))
    assert fetched == []


@pytest.mark.parametrize(("mode", "host"), [(Mode.TEST, "api.sandbox.paypal.com"), (Mode.LIVE, "api.paypal.com")])
def test_each_mode_has_its_own_host_for_certificates(
    provider: Provider, gateway: PayPal, mode: Mode, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, body = _approved(provider, gateway, "PPC")
    fetched: list[str] = []
    monkeypatch.setattr(gateway._wire, "read", lambda url: fetched.append(url) or provider.certificate.encode())
    sent = Sent("", body, headers | {"paypal-cert-url": f"https://{host}{CERTIFICATE}"})
    monkeypatch.setattr(gateway._wire, "roots", lambda: certificates.ROOTS)
    provider.certificate = certificates.chain(provider.key)
    account = bench.account(provider, mode=mode, base_url="")
    assert gateway.hear(account, bench.callback(sent))[0].reference == "PPC"
    gateway.hear(account, bench.callback(sent))
    assert fetched == [f"https://{host}{CERTIFICATE}"]  # and it is kept


@pytest.mark.parametrize("name", ["evil.example", "messageverificationcerts.paypal.com.evil.example", "www.paypal.com"])
def test_a_certificate_of_another_name_verifies_nothing(provider: Provider, gateway: PayPal, name: str) -> None:
    provider.certificate, provider.key = issued(name)
    headers, body = _approved(provider, gateway, "PPD")
    with pytest.raises(Forged, match="not PayPal's"):
        gateway.hear(bench.account(provider), bench.callback(Sent("", body, headers)))


def test_an_expired_certificate_verifies_nothing(provider: Provider, gateway: PayPal) -> None:
    provider.certificate, provider.key = issued("messageverificationcerts.paypal.com", 30)
    headers, body = _approved(provider, gateway, "PPE")
    with pytest.raises(Forged, match="not valid now"):
        gateway.hear(bench.account(provider), bench.callback(Sent("", body, headers)))


def test_what_is_no_certificate_verifies_nothing(provider: Provider, gateway: PayPal) -> None:
    headers, body = _approved(provider, gateway, "PPF")
    provider.certificate = "<html>not here</html>"
    with pytest.raises(Forged, match="no certificate"):
        gateway.hear(bench.account(provider), bench.callback(Sent("", body, headers)))


@pytest.mark.parametrize(
    "broken",
    [
        {"paypal-auth-algo": "SHA1withRSA"},
        {"paypal-transmission-sig": "not base64!"},
        {"paypal-transmission-id": "another"},
        {"paypal-transmission-time": "yesterday"},
        {"paypal-cert-url": ""},
        {"paypal-auth-algo": ""},
    ],
)
def test_every_part_of_the_signature_counts(provider: Provider, gateway: PayPal, broken: dict[str, str]) -> None:
    headers, body = _approved(provider, gateway, "PPG")
    gateway.hear(bench.account(provider), bench.callback(Sent("", body, headers)))  # it is good as it came
    with pytest.raises(Forged):
        gateway.hear(bench.account(provider), bench.callback(Sent("", body, headers | broken)))


@pytest.mark.parametrize("away", [timedelta(days=4, minutes=1), timedelta(minutes=-11)])
def test_a_delivery_out_of_its_time_is_refused(provider: Provider, gateway: PayPal, away: timedelta) -> None:
    headers, body = _approved(provider, gateway, "PPH")
    sent_at = datetime.fromisoformat(headers["paypal-transmission-time"])
    with pytest.raises(Forged, match="too long ago"):
        gateway.hear(bench.account(provider), bench.callback(Sent("", body, headers), at=sent_at + away))


def test_without_a_webhook_id_nobody_is_believed(provider: Provider, gateway: PayPal) -> None:
    headers, body = _approved(provider, gateway, "PPI")
    with pytest.raises(Forged, match="no webhook id"):
        gateway.hear(bench.account(provider, webhook_id=""), bench.callback(Sent("", body, headers)))


def test_a_reversal_is_proof_and_a_dispute_tells_its_outcome(provider: Provider, gateway: PayPal) -> None:
    account, made = bench.account(provider), bench.charge("PPJ", DOLLARS)
    begun = gateway.begin(account, made)
    provider.pay("PPJ")
    paid = gateway.status(account, bench.known(made, begun.status))
    provider.reverse("PPJ")
    (heard,) = gateway.hear(account, bench.callback(provider.callbacks("PPJ")[0]))
    assert heard.about is About.CHARGE and heard.proof and heard.status and heard.status.state is State.REVERSED
    assert (heard.reference, heard.status.receipt, heard.status.amount) == ("PPJ", paid.receipt, DOLLARS)
    for outcome, state in (("RESOLVED_BUYER_FAVOUR", State.REVERSED), ("RESOLVED_SELLER_FAVOUR", State.SUCCEEDED)):
        resource = {
            "dispute_id": "PP-D-4012",
            "dispute_amount": {"currency_code": "USD", "value": "25.99"},
            "disputed_transactions": [{"seller_transaction_id": paid.receipt, "custom": "PPJ"}],
            "dispute_outcome": {"outcome_code": outcome},
        }
        event = {"id": f"WH-{outcome}", "event_type": "CUSTOMER.DISPUTE.RESOLVED", "resource": resource}
        (told,) = gateway.hear(account, bench.callback(provider.signed(event)))
        assert told.about is About.DISPUTE and told.subject == "PP-D-4012" and told.reference == "PPJ"
        assert told.status and told.status.state is state and told.status.amount == DOLLARS


@pytest.mark.parametrize("body", ["[]", '"x"', "{}", '{"id": 1, "event_type": "X"}', '{"id": "WH-1"}'])
def test_a_signed_body_that_is_no_event_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        paypal_webhook.read(body.encode())


def test_an_event_of_no_concern_is_nothing() -> None:
    assert paypal_webhook.read(json.dumps({"id": "WH-1", "event_type": "INVOICING.INVOICE.PAID"}).encode()) == []


def test_an_order_in_a_currency_nobody_here_trades_in_is_unknown() -> None:
    capture = {"id": "C1", "status": "COMPLETED", "amount": {"currency_code": "GBP", "value": "1.00"}}
    order = {"id": "O1", "status": "COMPLETED", "purchase_units": [{"payments": {"captures": [capture]}}]}
    told = judged(order)
    assert (told.state, told.amount, told.code) == (State.UNKNOWN, None, "GBP")


def test_the_check_tells_which_thing_is_wrong(provider: Provider, gateway: PayPal) -> None:
    assert gateway.check(bench.account(provider)).ok
    strange = gateway.check(bench.account(provider, webhook_id="OTHER"))
    assert not strange.ok and "webhook id" in strange.detail
    refused = gateway.check(bench.account(provider, client_secret="wrong"))
    assert not refused.ok and "keys" in refused.detail


def test_live_and_test_speak_to_different_hosts(provider: Provider, gateway: PayPal) -> None:
    order = {"purchase_units": [{}], "links": [{"rel": "self", "href": "https://api.paypal.com/v2/checkout/orders/1"}]}
    assert judged(order).live is True
    order["links"][0]["href"] = "https://api-m.sandbox.paypal.com/v2/checkout/orders/1"
    assert judged(order).live is False
    order["links"][0]["href"] = "https://paypal.com.evil.example/v2/checkout/orders/1"
    assert judged(order).live is None
