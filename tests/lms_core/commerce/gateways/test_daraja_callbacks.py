"""M-Pesa: callbacks, at addresses that nobody can guess."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.commerce.payments.gateways.addresses import refused_word
from lms_core.commerce.payments.gateways.daraja import Daraja
from lms_core.commerce.payments.gateways.daraja_callbacks import PROMPT, hear, topic
from lms_core.commerce.payments.gateways.port import (
    Account,
    Callback,
    Forged,
    GatewayError,
    Malformed,
    Mode,
    State,
)
from lms_core.commerce.payments.gateways.reading import masked
from tests.lms_core.commerce.gateways.phone_bench import NOW, address, came, charge, only, shillings
from tests.simulators.payments.base import Sent
from tests.simulators.payments.daraja import Daraja as Provider

ADDRESS = address("daraja")
PUSH, QUERY = "stkpush/v1/processrequest", "stkpushquery"


def test_guessed_addresses_are_forgeries(provider: Provider, gateway: Daraja, account: Account) -> None:
    gateway.begin(account, charge())
    for sent in provider.forged("ABCDEFGHJKA"):
        with pytest.raises(Forged):
            gateway.hear(account, came(sent))


def test_an_address_of_one_account_is_none_of_another(provider: Provider, gateway: Daraja, account: Account) -> None:
    gateway.begin(account, charge())
    provider.pay("ABCDEFGHJKA")
    [sent] = provider.callbacks("ABCDEFGHJKA")
    with pytest.raises(Forged):
        gateway.hear(replace(account, id="account-2"), came(sent))


@given(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=1, max_size=12))
def test_no_address_holds_a_refused_word(reference: str) -> None:
    account = Account("a", "daraja", Mode.TEST, {"consumer_secret": "s"}, {}, ADDRESS)
    assert not refused_word(topic(account, PROMPT, reference))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
NAMED = st.fixed_dictionaries(
    {},
    optional={
        name: JSON | st.sampled_from(["0", "1032", "ws_CO_1", "174379", "12.50"])
        for name in (
            "CheckoutRequestID", "ResultCode", "ResultDesc", "CallbackMetadata", "ResultParameters", "TransID",
            "TransAmount", "BusinessShortCode", "BillRefNumber", "MSISDN", "TransTime", "FirstName",
        )
    },
)  # fmt: skip
KINDS = ("stk", "payout", "payoutstate", "refund", "refundstate", "receiptstate", "payoutlate", "nothing")


@given(body=JSON | NAMED, wrapped=st.sampled_from(["", "Body", "Result"]), kind=st.sampled_from(KINDS))
def test_whatever_comes_is_read_or_refused(body: Any, wrapped: str, kind: str) -> None:
    options = {"shortcode": "174379"}
    account = Account("a", "daraja", Mode.TEST, {"consumer_secret": "s"}, options, ADDRESS)
    data = {"Body": {"stkCallback": body}} if wrapped == "Body" else {wrapped: body} if wrapped else body
    sent = json.dumps(data).encode()
    for called in (topic(account, kind, "KEY"), "deposit", "check"):
        try:
            for heard in hear(account, Callback(sent, {}, {}, called, NOW)):
                assert heard.dedupe
                assert not heard.proof or (heard.status and heard.status.state is not State.PENDING)
        except (Malformed, Forged):
            pass


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"Body": {"stkCallback": {"ResultCode": 0}}}'])
def test_an_unreadable_callback_is_malformed(
    provider: Provider, gateway: Daraja, account: Account, body: bytes
) -> None:
    gateway.begin(account, charge())
    with pytest.raises(Malformed):
        gateway.hear(account, came(Sent(provider.prompts[0].topic, body)))


def test_nothing_that_can_be_logged_holds_a_person_or_a_secret(
    provider: Provider, gateway: Daraja, account: Account
) -> None:
    """What errors, statuses and accounts look like in a log: no phone number, token, passkey or secret."""
    texts = [repr(account), repr(charge())]
    begun = gateway.begin(account, charge())
    provider.pay("ABCDEFGHJKA")
    heard = only(gateway, account, provider.callbacks("ABCDEFGHJKA"))
    assert heard.status is not None
    texts += [repr(begun), str(begun.status.raw), repr(heard), str(heard.status.raw)]
    for wrong in ({"consumer_secret": "mistyped-secret"}, {"passkey": "mistyped-passkey"}):
        with pytest.raises(GatewayError) as caught:
            gateway.begin(replace(account, credentials={**account.credentials, **wrong}), charge())
        texts += [str(caught.value), caught.value.detail]
    for _ in range(3):
        provider.revoke_token()
    for secret in ("254722000000", "simulated-token", "mistyped", *provider.credentials.values()):
        assert not [text for text in texts if secret in text], secret
    assert masked("254712345126") == "2547***126"


def test_the_documentations_callbacks_are_read() -> None:
    """The bodies as Safaricom prints them: a paid prompt, a cancelled one, a deposit."""
    account = Account("a", "daraja", Mode.TEST, {"consumer_secret": "s"}, {"shortcode": "600966"}, ADDRESS)
    paid = b"""{"Body": {"stkCallback": {"MerchantRequestID": "29115-34620561-1",
        "CheckoutRequestID": "ws_CO_191220191020363925", "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.", "CallbackMetadata": {"Item": [
        {"Name": "Amount", "Value": 1.00}, {"Name": "MpesaReceiptNumber", "Value": "NLJ7RT61SV"},
        {"Name": "TransactionDate", "Value": 20191219102115}, {"Name": "PhoneNumber", "Value": 254708374149}]}}}}"""
    cancelled = b"""{"Body": {"stkCallback": {"MerchantRequestID": "f1e2-4b95-a71d-b30d3cdbb7a7942864",
        "CheckoutRequestID": "ws_CO_21072024125243250722943992", "ResultCode": 1032,
        "ResultDesc": "Request cancelled by user"}}}"""
    deposited = b"""{"TransactionType": "Pay Bill", "TransID": "RKL51ZDR4F", "TransTime": "20231121121325",
        "TransAmount": "5.00", "BusinessShortCode": "600966", "BillRefNumber": "Sample Transaction",
        "InvoiceNumber": "", "OrgAccountBalance": "25.00", "ThirdPartyTransID": "", "MSISDN": "2547 ***** 126",
        "FirstName": "NICHOLAS", "MiddleName": "", "LastName": ""}"""
    told = []
    prompt = topic(account, PROMPT, "R1")
    for called, body in ((prompt, paid), (prompt, cancelled), ("deposit", deposited)):
        [heard] = hear(account, Callback(body, {}, {}, called, NOW))
        assert heard.status is not None
        status = heard.status
        told.append((heard.provider_ref, heard.reference, status.state, status.receipt, status.amount, status.reason))
    assert told == [
        ("ws_CO_191220191020363925", "R1", State.SUCCEEDED, "NLJ7RT61SV", shillings(1), ""),
        ("ws_CO_21072024125243250722943992", "R1", State.FAILED, "", None, "cancelled"),
        ("RKL51ZDR4F", "SAMPLETRANSACTION", State.SUCCEEDED, "RKL51ZDR4F", shillings(5), ""),
    ]
