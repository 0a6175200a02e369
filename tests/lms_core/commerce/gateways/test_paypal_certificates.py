"""PayPal's certificates: only one that leads to a trusted root, in PayPal's name and in force, verifies a webhook."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from lms_core.commerce.payments.gateways.paypal import PayPal
from lms_core.commerce.payments.gateways.paypal_certificate import Incomplete, key_of
from lms_core.commerce.payments.gateways.paypal_webhook import question
from lms_core.commerce.payments.gateways.port import Account, Forged, GatewayError, Malformed, Mode
from lms_core.commerce.payments.gateways.wire import Wire
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways import bench
from tests.simulators.payments import certificates
from tests.simulators.payments.base import Sent
from tests.simulators.payments.certificates import BEGIN, BETWEEN, LIFE, NAME, ROOTS, chain, key, made, pem
from tests.simulators.payments.paypal import CERTIFICATE
from tests.simulators.payments.paypal import PayPal as Provider

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
OWN = key("PayPal")
SANDBOX_NAME = "messageverificationcerts.sandbox.paypal.com"


def test_a_chain_to_a_trusted_root_is_believed() -> None:
    assert key_of(chain(OWN), Mode.LIVE, NOW, ROOTS).public_numbers() == OWN.public_key().public_numbers()


def test_the_roots_of_this_machine_are_those_of_tls() -> None:
    with bench_wire() as wire:
        names = {each.subject.rfc4514_string() for each in wire.roots()}
        assert len(names) > 50 and any("DigiCert" in name for name in names)
        with pytest.raises(Forged, match="trusted root"):
            key_of(chain(OWN), Mode.LIVE, NOW, wire.roots())


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (pem(made("leaf", "leaf", OWN, name=NAME)), "trusted root"),  # signed by itself
        (pem(made("leaf", "Other", OWN, name=NAME), made("Other", "Other", key("Other"), authority=True)), "root"),
        (
            pem(made("leaf", "Between", OWN, name=NAME), made("Between", "Other", key("Between"), authority=True)),
            "root",
        ),
        (pem(made("leaf", "Between", OWN, name=NAME), made("Between", "Root", key("Between"))), "root"),  # no authority
        (chain(OWN, life=timedelta(days=30)), "not valid now"),
        (chain(OWN, begin=NOW + timedelta(days=1), life=LIFE), "not valid now"),
        (chain(OWN, "evil.example"), "not PayPal's"),
        (chain(OWN, NAME + ".evil.example"), "not PayPal's"),
        (chain(OWN, "messageverificationcertsX.paypal.com"), "not PayPal's"),
        (chain(OWN, "www.paypal.com"), "not PayPal's"),
        (pem(BETWEEN), "not PayPal's"),
        (pem(*ROOTS), "not PayPal's"),
        (chain(OWN) + pem(*[BETWEEN] * 6), "too many"),
        ("", "no certificate"),
        ("<html>not here</html>", "no certificate"),
        ("\u00e9", "no certificate"),
    ],
)
def test_every_other_is_forged(shown: str, said: str) -> None:
    with pytest.raises(Forged, match=said):
        key_of(shown, Mode.LIVE, NOW, ROOTS)


@pytest.mark.parametrize("away", [timedelta(seconds=-1), LIFE + timedelta(seconds=1)])
def test_the_moment_is_that_of_the_delivery(away: timedelta) -> None:
    key_of(chain(OWN), Mode.LIVE, BEGIN + timedelta(seconds=1), ROOTS)
    with pytest.raises(Forged):
        key_of(chain(OWN), Mode.LIVE, BEGIN + away, ROOTS)


def test_an_intermediate_out_of_force_leads_nowhere() -> None:
    old = made("Between", "Root", key("Between"), authority=True, life=timedelta(days=365))
    with pytest.raises(Forged, match="trusted root"):
        key_of(pem(made("leaf", "Between", OWN, name=NAME), old), Mode.LIVE, NOW, ROOTS)


def test_the_sandboxs_name_is_no_live_name() -> None:
    assert key_of(chain(OWN, SANDBOX_NAME), Mode.TEST, NOW, ROOTS) and key_of(chain(OWN), Mode.TEST, NOW, ROOTS)
    with pytest.raises(Forged, match="not PayPal's"):
        key_of(chain(OWN, SANDBOX_NAME), Mode.LIVE, NOW, ROOTS)


def test_another_kind_of_key_is_refused() -> None:
    odd = made("leaf", "Between", generate_private_key(SECP256R1()), name=NAME)
    with pytest.raises(Forged, match="RSA"):
        key_of(pem(odd, BETWEEN), Mode.LIVE, NOW, ROOTS)


def test_a_certificate_alone_says_not_whose_it_is() -> None:
    with pytest.raises(Incomplete):
        key_of(pem(made("leaf", "Between", OWN, name=NAME)), Mode.LIVE, NOW, ROOTS)


# In a delivery.


class bench_wire:
    """A wire that speaks to nobody."""

    def __enter__(self) -> Wire:
        self.wire = bench.wire()
        return self.wire

    def __exit__(self, *_: object) -> None:
        self.wire.close()


@pytest.fixture
def gateway(provider: Provider) -> PayPal:
    return PayPal(bench.wire(provider))


def _delivered(
    provider: Provider, gateway: PayPal, shown: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[Account, Sent]:
    """A delivery to an account at PayPal's own address, whose certificate is `shown`."""
    here = bench.account(provider)
    gateway.begin(here, bench.charge("CHAIN1", Money(amount=2_599, currency=Currency.USD)))
    provider.pay("CHAIN1")
    monkeypatch.setattr(gateway._wire, "roots", lambda: certificates.ROOTS)
    monkeypatch.setattr(gateway._wire, "read", lambda url: shown.encode())
    monkeypatch.setattr(gateway._wire, "base", lambda account, own: provider.base_url)
    provider.address = f"https://api.sandbox.paypal.com{CERTIFICATE}"
    (sent,) = provider.callbacks("CHAIN1")
    return bench.account(provider, base_url=""), sent


def test_a_delivery_is_believed_for_its_chain(
    provider: Provider, gateway: PayPal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, sent = _delivered(provider, gateway, chain(provider.key), monkeypatch)
    assert gateway.hear(account, bench.callback(sent))[0].reference == "CHAIN1"
    assert not provider.requests_to("verify-webhook-signature")


def test_a_delivery_signed_by_a_stranger_is_forged(
    provider: Provider, gateway: PayPal, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = made("leaf", "leaf", provider.key, name=NAME)
    account, sent = _delivered(provider, gateway, pem(own), monkeypatch)
    with pytest.raises(Forged, match="trusted root"):
        gateway.hear(account, bench.callback(sent))
    other, sent = _delivered(provider, gateway, chain(OWN), monkeypatch)
    with pytest.raises(Forged, match="signature"):
        gateway.hear(other, bench.callback(sent))


def test_of_a_certificate_alone_paypal_is_asked(
    provider: Provider, gateway: PayPal, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = pem(made("leaf", "Between", provider.key, name=NAME))
    account, sent = _delivered(provider, gateway, shown, monkeypatch)
    assert gateway.hear(account, bench.callback(sent))[0].reference == "CHAIN1"
    (asked,) = provider.requests_to("verify-webhook-signature")
    assert sent.body in asked.body and asked.json["webhook_id"] == provider.credentials["webhook_id"]
    altered = sent.body.replace(b"CHAIN1", b"CHAIN2")
    with pytest.raises(Forged, match="did not send"):
        gateway.hear(account, bench.callback(sent, body=altered))
    provider.faults.extend(["500"] * 3)
    with pytest.raises(GatewayError) as refused:
        gateway.hear(account, bench.callback(sent))
    assert refused.value.retryable


@pytest.mark.parametrize("body", [b"[]", b"", b'{}, "webhook_id": "another"', b'{} "x"', b"1"])
def test_a_body_cannot_change_the_question(body: bytes) -> None:
    given = {f"{name}": "x" for name in ("auth-algo", "cert-url", "transmission-id", "transmission-sig")}
    with pytest.raises(Malformed):
        question(given | {"transmission-time": "x"}, "hook", body)
