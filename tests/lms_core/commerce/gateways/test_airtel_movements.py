"""Airtel Money: full refunds, payouts, signed messages, and the look at an account."""

import base64
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from lms_core.commerce.payments.gateways.airtel import Airtel
from lms_core.commerce.payments.gateways.airtel_sealing import sealed_pin
from lms_core.commerce.payments.gateways.port import (
    Account,
    GatewayError,
    Payer,
    PayoutAsk,
    RefundAsk,
    SavedCharge,
    State,
    Uncertain,
)
from tests.lms_core.commerce.gateways.phone_bench import NOW, REFERENCE, came, charge, known, shillings
from tests.simulators.payments.airtel import KEYS_PATH, key_pair
from tests.simulators.payments.airtel import Airtel as Provider

COLLECT = "/merchant/"


CHARGE = charge(phone="254733000000")
KNOWN = known(CHARGE, REFERENCE)
PAYOUT = PayoutAsk("0193f0c2-7f6e-7000-8000-00000000abcd", "0733000111", "Jane", shillings(700), "Earnings")
PAYOUT_ID = "0193f0c27f6e7000800000000000abcd"


def paid(provider: Provider, gateway: Airtel, account: Account) -> RefundAsk:
    gateway.begin(account, CHARGE)
    provider.pay(REFERENCE)
    told = gateway.status(account, KNOWN)
    return RefundAsk("refund-1", REFERENCE, told.receipt, REFERENCE, shillings(1500), shillings(1500), "Not served")


# Refunds and payouts.


def test_a_refund_is_whole_and_done_at_once(provider: Provider, gateway: Airtel, account: Account) -> None:
    ask = paid(provider, gateway, account)
    with pytest.raises(GatewayError) as caught:
        gateway.refund(account, replace(ask, amount=shillings(1)))
    assert caught.value.reason == "limit"
    done = gateway.refund(account, ask)
    assert (done.state, done.amount) == (State.SUCCEEDED, shillings(1500))
    assert provider.charged(REFERENCE) == 0
    assert gateway.refund_status(account, ask, done.provider_ref).state is State.SUCCEEDED
    again = gateway.refund(account, ask)
    assert (again.state, again.provider_ref) == (State.FAILED, "")
    assert provider.charged(REFERENCE) == 0


def test_a_refund_of_nothing_is_refused(provider: Provider, gateway: Airtel, account: Account) -> None:
    ask = paid(provider, gateway, account)
    with pytest.raises(GatewayError) as caught:
        gateway.refund(account, replace(ask, receipt="MP1"))
    assert caught.value.code == "DP00100001005"
    with pytest.raises(GatewayError) as caught:
        gateway.refund(account, replace(ask, receipt=""))
    assert caught.value.retryable


def test_a_lost_refund_is_not_guessed(provider: Provider, gateway: Airtel, account: Account) -> None:
    ask = paid(provider, gateway, account)
    provider.faults.append("cut")
    with pytest.raises(Uncertain):
        gateway.refund(account, ask)
    assert gateway.refund_status(account, ask, "").state is State.UNKNOWN


@pytest.mark.parametrize("at_once", [True, False])
def test_a_payout(provider: Provider, gateway: Airtel, account: Account, at_once: bool) -> None:
    provider.pays_at_once = at_once
    begun = gateway.pay_out(account, PAYOUT)
    assert (begun.state, begun.provider_ref) == (State.SUCCEEDED if at_once else State.PENDING, PAYOUT_ID)
    sent = provider.requests_to("disbursements")[0].json
    assert sent["payee"] == {"msisdn": "733000111", "wallet_type": "NORMAL"}
    assert sent["transaction"] == {"amount": 700, "id": PAYOUT_ID, "type": "B2C"}
    provider.settle_payouts()
    told = gateway.payout_status(account, PAYOUT, "")
    assert (told.state, told.amount, told.receipt) == (
        State.SUCCEEDED, shillings(700), provider.sendings[PAYOUT_ID].money_id,
    )  # fmt: skip


def test_a_payout_cut_off_and_repeated_pays_once(provider: Provider, gateway: Airtel, account: Account) -> None:
    provider.faults.append("cut")
    with pytest.raises(Uncertain):
        gateway.pay_out(account, PAYOUT)
    again = gateway.pay_out(account, PAYOUT)
    assert (again.state, again.reason, again.provider_ref) == (State.PENDING, "duplicate", PAYOUT_ID)
    assert len(provider.sendings) == 1


def test_a_payout_that_failed(provider: Provider, gateway: Airtel, account: Account) -> None:
    gateway.pay_out(account, PAYOUT)
    provider.fail_payout(PAYOUT_ID)
    told = gateway.payout_status(account, PAYOUT, PAYOUT_ID)
    assert (told.state, told.amount, told.receipt) == (State.FAILED, None, "")


def test_a_payout_nobody_knows_is_unknown(gateway: Airtel, account: Account) -> None:
    told = gateway.payout_status(account, PAYOUT, "")
    assert (told.state, told.provider_ref) == (State.UNKNOWN, "")


def test_a_wrong_pin_says_so_and_shows_nothing(provider: Provider, gateway: Airtel, account: Account) -> None:
    wrong = replace(account, credentials={**account.credentials, "pin": "9999"})
    with pytest.raises(GatewayError) as caught:
        gateway.pay_out(wrong, PAYOUT)
    assert (caught.value.code, caught.value.reason) == ("ROUTER115", "misconfigured")
    assert "9999" not in str(caught.value) + repr(wrong)
    assert b"9999" not in provider.requests_to("disbursements")[0].body.split(b'"pin":')[0]


def test_the_pin_is_sealed_as_documented() -> None:
    private, public = key_pair()
    sealed = base64.b64decode(sealed_pin("4827", public))
    assert len(sealed) == 128
    assert private.decrypt(sealed, PKCS1v15()) == b"4827"
    pem = f"-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----\n"
    assert private.decrypt(base64.b64decode(sealed_pin("4827", pem)), PKCS1v15()) == b"4827"
    assert len(base64.b64decode(sealed_pin("4827", public, oaep=True))) == 128
    with pytest.raises(ValueError, match=r"."):
        sealed_pin("4827", "no key")


# Signed messages, health, logs.


def test_signed_messages_are_over_the_bytes_that_are_sent(
    provider: Provider, gateway: Airtel, account: Account
) -> None:
    provider.signing = True
    signing = replace(account, options={**account.options, "signing": "yes"})
    assert gateway.begin(signing, CHARGE).status.state is State.PENDING
    assert provider.requests_to(COLLECT)[0].path == "/merchant/v2/payments/"
    assert provider.requests_to(KEYS_PATH)
    provider.pay(REFERENCE)
    receipt = gateway.status(signing, KNOWN).receipt
    ask = RefundAsk("r", REFERENCE, receipt, REFERENCE, shillings(1500), shillings(1500), "why")
    assert gateway.refund(signing, ask).state is State.SUCCEEDED
    bodies = [json.dumps(each.json, separators=(",", ":")).encode() for each in provider.requests_to(COLLECT)]
    assert bodies == [each.body for each in provider.requests_to(COLLECT)], "compact JSON"


def test_the_look_at_an_account(provider: Provider, gateway: Airtel, account: Account) -> None:
    assert gateway.check(account).ok
    broken = {
        "client ID and secret": replace(account, credentials={**account.credentials, "client_secret": "mistyped"}),
        "encryption key": replace(account, options={**account.options, "pin_key": "nothing"}),
        "country": replace(account, options={**account.options, "country": "FR"}),
        "not allowed": replace(account, base_url="http://169.254.169.254"),
    }
    for part, each in broken.items():
        health = gateway.check(each)
        assert not health.ok
        assert part in health.detail
    assert not provider.prompts
    assert not provider.sendings


def test_saved_methods_and_lists_are_no_thing_of_airtels(gateway: Airtel, account: Account) -> None:
    with pytest.raises(GatewayError):
        gateway.charge_saved(account, SavedCharge("R", "k", shillings(1), Payer("j@school.example"), "d", "token"))
    assert gateway.transactions(account, NOW, NOW) == []


def test_nothing_that_can_be_logged_holds_a_person_or_a_secret(
    provider: Provider, gateway: Airtel, account: Account
) -> None:
    texts = [repr(account), repr(CHARGE), repr(PAYOUT)]
    texts.append(repr(gateway.begin(account, CHARGE)))
    provider.pay(REFERENCE)
    told = gateway.status(account, KNOWN)
    heard = gateway.hear(account, came(provider.callbacks(REFERENCE)[0]))
    texts += [repr(told), str(told.raw), repr(heard), str([each.status.raw for each in heard if each.status])]
    with pytest.raises(GatewayError) as caught:
        gateway.begin(replace(account, credentials={**account.credentials, "client_secret": "mistyped"}), CHARGE)
    texts.append(str(caught.value))
    for secret in ("733000000", "733000111", "simulated-token", "mistyped", *provider.credentials.values()):
        assert not [text for text in texts if secret in text], secret
