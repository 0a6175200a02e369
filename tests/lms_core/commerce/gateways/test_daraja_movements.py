"""M-Pesa: reversals, payouts, and the credential they need."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from lms_core.commerce.payments.gateways.daraja import Daraja
from lms_core.commerce.payments.gateways.daraja_callbacks import topic
from lms_core.commerce.payments.gateways.daraja_calls import security_credential
from lms_core.commerce.payments.gateways.port import (
    About,
    Account,
    Callback,
    GatewayError,
    Known,
    Malformed,
    PayoutAsk,
    RefundAsk,
    State,
    Uncertain,
)
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways.phone_bench import NOW, REFERENCE, came, charge, only, shillings
from tests.simulators.payments.base import Sent
from tests.simulators.payments.daraja import Daraja as Provider
from tests.simulators.payments.daraja_movements import INITIATOR_PASSWORD, key_pair

CHARGE = charge()
PAYOUT = PayoutAsk("0193f0c2-7f6e-7000-8000-00000000abcd", "0705912645", "Nicholas", shillings(10), "Earnings: Nov!")


def paid(provider: Provider, gateway: Daraja, account: Account) -> RefundAsk:
    """A payment that was made, and what asks for all of it back."""
    gateway.begin(account, CHARGE)
    provider.pay(REFERENCE)
    heard = only(gateway, account, provider.callbacks(REFERENCE))
    assert heard.status is not None
    return RefundAsk(
        "refund-1", heard.provider_ref, heard.status.receipt, REFERENCE, shillings(1500), shillings(1500), "Not served"
    )


# Reversals.


def test_a_reversal_gives_the_whole_payment_back_once(provider: Provider, gateway: Daraja, account: Account) -> None:
    ask = paid(provider, gateway, account)
    first, second = gateway.refund(account, ask), gateway.refund(account, ask)
    assert first.state is second.state is State.PENDING
    sent = provider.requests_to("reversal")[0].json
    assert (sent["TransactionID"], sent["Amount"], sent["RecieverIdentifierType"]) == (ask.receipt, "1500", "11")
    assert provider.refund_callbacks(REFERENCE) == []
    provider.settle_refunds()
    done, again = [gateway.hear(account, came(each))[0] for each in provider.refund_callbacks(REFERENCE)]
    assert done.status is not None and again.status is not None
    assert (done.about, done.reference, done.subject, done.proof) == (
        About.REFUND, "refund-1", first.provider_ref, True,
    )  # fmt: skip
    assert (done.status.state, done.status.amount, done.status.code) == (State.SUCCEEDED, shillings(1500), "0")
    assert (again.status.state, again.status.code) == (State.SUCCEEDED, "R000001"), "the payer has the money back"
    assert provider.charged(REFERENCE) == 0


def test_a_reversal_of_nothing_fails(provider: Provider, gateway: Daraja, account: Account) -> None:
    ask = replace(paid(provider, gateway, account), receipt="SKR9999999")
    gateway.refund(account, ask)
    provider.settle_refunds()
    [asked] = provider.reversals
    body = json.dumps({"Result": {"ResultCode": asked.code, "OriginatorConversationID": asked.originator}}).encode()
    heard = only(gateway, account, [Sent(asked.result_topic, body)])
    assert heard.status is not None
    assert (heard.status.state, heard.status.code) == (State.FAILED, "R000002")
    assert provider.charged(REFERENCE) == 1500_00


def test_only_whole_payments_with_a_receipt_are_reversed(provider: Provider, gateway: Daraja, account: Account) -> None:
    ask = paid(provider, gateway, account)
    with pytest.raises(GatewayError) as caught:
        gateway.refund(account, replace(ask, amount=shillings(1)))
    assert caught.value.reason == "limit"
    with pytest.raises(GatewayError) as caught:
        gateway.refund(account, replace(ask, receipt=""))
    assert caught.value.retryable
    assert not provider.requests_to("reversal")


def test_a_reversal_is_asked_about_by_its_id(provider: Provider, gateway: Daraja, account: Account) -> None:
    ask = paid(provider, gateway, account)
    begun = gateway.refund(account, ask)
    assert gateway.refund_status(account, ask, begun.provider_ref).state is State.PENDING
    pending = only(gateway, account, provider.refund_callbacks(REFERENCE))
    provider.settle_refunds()
    gateway.refund_status(account, ask, begun.provider_ref)
    done = [gateway.hear(account, came(each))[0] for each in provider.refund_callbacks(REFERENCE)][-1]
    assert pending.status is not None and done.status is not None
    assert (pending.status.state, pending.proof) == (State.PENDING, False)
    assert (done.status.state, done.proof, done.reference) == (State.SUCCEEDED, True, "refund-1")
    assert done.subject == begun.provider_ref


def test_a_lost_reversal_is_not_guessed(provider: Provider, gateway: Daraja, account: Account) -> None:
    ask = paid(provider, gateway, account)
    provider.faults.append("500")
    with pytest.raises(Uncertain):
        gateway.refund(account, ask)
    assert gateway.refund_status(account, ask, "").state is State.UNKNOWN
    heard = only(gateway, account, provider.refund_callbacks(REFERENCE))
    assert heard.status is not None
    assert (heard.reference, heard.status.state, heard.proof) == ("refund-1", State.UNKNOWN, False)


def test_a_request_that_waited_too_long_is_unknown(provider: Provider, gateway: Daraja, account: Account) -> None:
    ask = paid(provider, gateway, account)
    gateway.refund(account, ask)
    gateway.pay_out(account, PAYOUT)
    provider.queue_time_out()
    sent = [*provider.refund_callbacks(REFERENCE), *provider.payout_callbacks(PAYOUT.key)]
    heard = [gateway.hear(account, came(each))[0] for each in sent]
    assert [(each.about, each.reference) for each in heard] == [
        (About.REFUND, "refund-1"), (About.PAYOUT, PAYOUT.key),
    ]  # fmt: skip
    assert {each.status.state for each in heard if each.status} == {State.UNKNOWN}
    assert not any(each.proof for each in heard)


def test_a_receipt_can_be_asked_about(provider: Provider, gateway: Daraja, account: Account) -> None:
    ask = paid(provider, gateway, account)
    known = Known(REFERENCE, "", ask.receipt, ask.paid, NOW)
    assert gateway.status(account, known).state is State.UNKNOWN, "the answer is a callback"
    heard = only(gateway, account, provider.query_callbacks(ask.receipt))
    assert heard.status is not None
    assert (heard.about, heard.reference, heard.proof) == (About.CHARGE, REFERENCE, True)
    assert (heard.status.state, heard.status.amount, heard.status.receipt) == (
        State.SUCCEEDED, shillings(1500), ask.receipt,
    )  # fmt: skip


# Payouts.


def test_a_payout(provider: Provider, gateway: Daraja, account: Account) -> None:
    begun = gateway.pay_out(account, PAYOUT)
    sent = provider.requests_to("b2c")[0].json
    assert (begun.state, begun.provider_ref) == (State.PENDING, PAYOUT.key)
    assert (sent["PartyB"], sent["Amount"], sent["Remarks"]) == ("254705912645", "10", "Earnings Nov")
    assert sent["OriginatorConversationID"] == PAYOUT.key
    provider.settle_payouts()
    heard = only(gateway, account, provider.payout_callbacks(PAYOUT.key))
    assert heard.status is not None
    assert (heard.about, heard.subject, heard.reference, heard.proof) == (
        About.PAYOUT, PAYOUT.key, PAYOUT.key, True,
    )  # fmt: skip
    assert (heard.status.state, heard.status.amount, heard.name) == (
        State.SUCCEEDED, shillings(10), "NICHOLAS JOHN SONGOK",
    )  # fmt: skip
    assert heard.status.receipt == provider.payouts[PAYOUT.key].receipt
    assert heard.status.paid_at == datetime(2024, 7, 6, 19, 48, 52, tzinfo=UTC)


def test_a_payout_cut_off_and_repeated_pays_once(provider: Provider, gateway: Daraja, account: Account) -> None:
    provider.faults.append("cut")
    with pytest.raises(Uncertain):
        gateway.pay_out(account, PAYOUT)
    again = gateway.pay_out(account, PAYOUT)
    assert (again.state, again.provider_ref, again.code) == (State.PENDING, PAYOUT.key, "500.002.1001")
    assert len(provider.payouts) == 1


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("1", State.FAILED, "insufficient_funds"), ("2001", State.FAILED, "misconfigured"),
        ("2040", State.FAILED, "unreachable"), ("21", State.FAILED, "misconfigured"), ("8", State.FAILED, "limit"),
        ("SFC_IC0003", State.FAILED, "misconfigured"), ("7777", State.UNKNOWN, "other"),
    ],
)  # fmt: skip
def test_how_payouts_end(
    provider: Provider, gateway: Daraja, account: Account, code: str, state: State, reason: str
) -> None:
    gateway.pay_out(account, PAYOUT)
    provider.fail_payout(PAYOUT.key, code)
    heard = only(gateway, account, provider.payout_callbacks(PAYOUT.key))
    assert heard.status is not None
    assert (heard.status.state, heard.status.reason, heard.status.receipt) == (state, reason, "")
    assert heard.proof is (state is State.FAILED)


@pytest.mark.parametrize(("settled", "state"), [(True, State.SUCCEEDED), (False, State.PENDING)])
def test_a_payout_is_asked_about(
    provider: Provider, gateway: Daraja, account: Account, settled: bool, state: State
) -> None:
    begun = gateway.pay_out(account, PAYOUT)
    if settled:
        provider.settle_payouts()
    assert gateway.payout_status(account, PAYOUT, begun.provider_ref).state is State.PENDING
    assert gateway.payout_status(account, PAYOUT, "").state is State.UNKNOWN
    heard = [gateway.hear(account, came(each))[0] for each in provider.payout_callbacks(PAYOUT.key)][-1]
    assert heard.status is not None
    assert (heard.subject, heard.status.state, heard.proof) == (PAYOUT.key, state, settled)
    assert heard.status.fee == Money(amount=2240, currency=Currency.KES)


def test_a_payout_nobody_knows_stays_unknown(provider: Provider, gateway: Daraja, account: Account) -> None:
    gateway.payout_status(account, PAYOUT, "")
    heard = only(gateway, account, provider.payout_callbacks(PAYOUT.key))
    assert heard.status is not None
    assert (heard.status.state, heard.proof) == (State.UNKNOWN, False)


def test_keys_of_any_kind_make_an_id(provider: Provider, gateway: Daraja, account: Account) -> None:
    ask = replace(PAYOUT, key="batch 7 / exe|Ä" * 5)
    begun = gateway.pay_out(account, ask)
    provider.settle_payouts()
    assert len(begun.provider_ref) == 40
    heard = only(gateway, account, provider.payout_callbacks(begun.provider_ref))
    assert (heard.subject, heard.reference) == (begun.provider_ref, ask.key)


@pytest.mark.parametrize(
    "amount", [Money(amount=amount, currency=Currency.KES) for amount in (900, 1050, 250_001_00, 0)]
)
def test_payouts_too_small_too_large_or_with_cents_are_not_sent(
    provider: Provider, gateway: Daraja, account: Account, amount: Money
) -> None:
    with pytest.raises(GatewayError) as caught:
        gateway.pay_out(account, replace(PAYOUT, amount=amount))
    assert caught.value.reason == "limit"
    assert not provider.requests


# The initiator's credential.


def test_the_credential_is_the_password_under_the_certificate() -> None:
    key, pem = key_pair()
    certificate = load_pem_x509_certificate(pem.encode())
    public = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    der = base64.encodebytes(certificate.public_bytes(Encoding.DER)).decode()
    for written in (pem, public, der):
        sealed = security_credential(INITIATOR_PASSWORD, written)
        assert len(sealed) == 344
        assert key.decrypt(base64.b64decode(sealed), PKCS1v15()).decode() == INITIATOR_PASSWORD
    with pytest.raises(ValueError, match=r"."):
        security_credential(INITIATOR_PASSWORD, "no certificate")


@pytest.mark.parametrize("missing", ["initiator", "initiator_password", "certificate"])
def test_refunds_and_payouts_say_what_they_lack(
    provider: Provider, gateway: Daraja, account: Account, missing: str
) -> None:
    ask = paid(provider, gateway, account)
    poor = replace(
        account,
        credentials={name: value for name, value in account.credentials.items() if name != missing},
        options={name: value for name, value in account.options.items() if name != missing},
    )
    for act in (lambda: gateway.refund(poor, ask), lambda: gateway.pay_out(poor, PAYOUT)):
        with pytest.raises(GatewayError) as caught:
            act()
        assert (caught.value.code, caught.value.reason) == (missing, "misconfigured")
    assert gateway.begin(poor, replace(CHARGE, reference="OTHER")).status.state is State.PENDING


def test_the_documentations_results_are_read(gateway: Daraja, account: Account) -> None:
    """The B2C result of the documentation, and one parameter that comes without a list."""
    official = {"Result": {
        "ResultType": 0, "ResultCode": 0, "ResultDesc": "The service request is processed successfully.",
        "OriginatorConversationID": "53e3-4aa8-9fe0-8fb5e4092cdd3533373",
        "ConversationID": "AG_20240706_2010364430d9bbdaf872", "TransactionID": "SG632NMUAB",
        "ResultParameters": {"ResultParameter": [
            {"Key": "TransactionAmount", "Value": 10}, {"Key": "TransactionReceipt", "Value": "SG632NMUAB"},
            {"Key": "ReceiverPartyPublicName", "Value": "254705912645 - NICHOLAS JOHN SONGOK"},
            {"Key": "TransactionCompletedDateTime", "Value": "06.07.2024 22:48:52"},
        ]},
    }}  # fmt: skip
    called = topic(account, "payout", "key-1")
    [heard] = gateway.hear(account, Callback(json.dumps(official).encode(), {}, {}, called, NOW))
    assert heard.status is not None
    assert (heard.status.receipt, heard.status.amount, heard.subject) == ("SG632NMUAB", shillings(10), "key-1")
    official["Result"]["ResultParameters"] = {"ResultParameter": {"Key": "TransactionAmount", "Value": "10.00"}}
    [heard] = gateway.hear(account, Callback(json.dumps(official).encode(), {}, {}, called, NOW))
    assert heard.status is not None
    assert (heard.status.receipt, heard.status.amount) == ("SG632NMUAB", shillings(10))


def test_a_result_without_a_code_is_malformed(gateway: Daraja, account: Account) -> None:
    called = topic(account, "payout", "key-1")
    with pytest.raises(Malformed):
        gateway.hear(account, Callback(b'{"Result": {}}', {}, {}, called, NOW))
