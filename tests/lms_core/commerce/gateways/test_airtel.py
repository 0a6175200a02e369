"""Airtel Money: prompts, enquiries by our own id, hashed callbacks."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.commerce.payments.gateways.airtel import Airtel
from lms_core.commerce.payments.gateways.airtel_codes import Kind, judge
from lms_core.commerce.payments.gateways.airtel_sealing import callback_hash, matching_form, signature
from lms_core.commerce.payments.gateways.port import (
    About,
    Account,
    Callback,
    Forged,
    GatewayError,
    Malformed,
    Payer,
    State,
    Uncertain,
)
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways.phone_bench import NOW, REFERENCE, came, charge, known, shillings
from tests.simulators.payments.airtel import TOKEN_PATH
from tests.simulators.payments.airtel import Airtel as Provider

COLLECT = "/merchant/"
FORMS = ("raw", "compact", "indented", "transaction")


CHARGE = charge(phone="254733000000")
KNOWN = known(CHARGE, REFERENCE)


# Vectors of the documentation.


OFFICIAL_KEY = "a4f48f692d2b4df9acbad7dff60a32a6"
OFFICIAL = {"transaction": {
    "id": "BBZMiscxy", "message": "Paid UGX 5,000 to TECH LIMITED, Trans ID MP210603.1234.L06941.",
    "status_code": "TS", "airtel_money_id": "MP210603.1234.L06941",
}}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "form"),
    [
        ("zITVAAGYSlzl1WkUQJn81kbpT5drH3koffT8jCkcJJA=", "indented"),
        ("UF8JMKZsAFX5k0WFbIQphnCRcCw1ViJXT+A84CRl434=", "compact"),
    ],
)
def test_the_documentations_callback_hash(told: str, form: str) -> None:
    body = json.dumps(OFFICIAL | {"hash": told}).encode()
    assert matching_form(OFFICIAL_KEY, body, told) == form
    assert matching_form("another key", body, told) == ""
    assert matching_form(OFFICIAL_KEY, body.replace(b"5,000", b"9,000"), told) == ""


def test_the_documentations_message_signature() -> None:
    payload = {
        "reference": "1234",
        "subscriber": {"country": "UG", "currency": "UGX", "msisdn": "752604392"},
        "transaction": {"amount": "100", "country": "UG", "currency": "UGX", "id": "test_id "},
    }
    key = base64.b64decode("PSw37xtnShLl7zgWn4dLSnf1J5GRhRsOD4OfvJOuLIM=")
    start = base64.b64decode("gGIhDvCBnSBhBgYiXCyMnw==")
    assert signature(json.dumps(payload, separators=(",", ":")).encode(), key, start) == (
        "bDOsVGZzbK0P5jO/M5QVMH/qxSmRJLEvIPZCdW6H81xvsZNI6jZej54oBQlHZ38yy63QNeyyYcfEkGJ8f3f15wHWs86V9BCIpHSesS3S"
        "rhozE/gGA1fLydeSS26mw0jhyt9XIpabk1RjDH59SfsrkHKU38I5mRlthG/t2qXJck0FhNR64bgOExm9CsuxUlfpsSoW1g81g1u5a4yM"
        "FIHhp77f+h3EXNHzcEsdSWhqTho="
    )


# Prompts.


def test_a_prompt_is_what_the_documentation_shows(provider: Provider, gateway: Airtel, account: Account) -> None:
    begun = gateway.begin(account, CHARGE)
    assert (begun.status.state, begun.status.provider_ref) == (State.PENDING, REFERENCE)
    [request] = provider.requests_to(COLLECT)
    assert request.path == "/merchant/v1/payments/"
    assert request.json == {
        "reference": "Course Sums signs",
        "subscriber": {"country": "KE", "currency": "KES", "msisdn": "733000000"},
        "transaction": {"amount": 1500, "country": "KE", "currency": "KES", "id": REFERENCE},
    }
    assert (request.headers["x-country"], request.headers["x-currency"]) == ("KE", "KES")


def test_uganda_has_no_cents(provider: Provider, gateway: Airtel, account: Account) -> None:
    provider.options["country"] = "UG"
    amount = Money(amount=5000, currency=Currency.UGX)
    charge = replace(CHARGE, amount=amount, payer=Payer("j@school.example", phone="256752604392"))
    gateway.begin(account, charge)
    assert provider.prompts[REFERENCE].amount == 5000
    provider.pay(REFERENCE)
    told = gateway.status(account, replace(KNOWN, amount=amount))
    assert (told.amount, provider.charged(REFERENCE)) == (amount, 5000)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": Money(amount=150050, currency=Currency.KES)}, "limit"),
        ({"amount": Money(amount=1000, currency=Currency.UGX)}, "misconfigured"),
        ({"payer": Payer("jane@school.example", phone="256752604392")}, "other"),
        ({"reference": "A-B"}, "misconfigured"),
    ],
)
def test_what_cannot_be_asked_is_not_sent(
    provider: Provider, gateway: Airtel, account: Account, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(GatewayError) as caught:
        gateway.begin(account, replace(CHARGE, **change))
    assert caught.value.reason == reason
    assert not provider.requests


def test_sent_is_not_paid(provider: Provider, gateway: Airtel, account: Account) -> None:
    gateway.begin(account, CHARGE)
    assert gateway.status(account, KNOWN).state is State.PENDING
    provider.ambiguous = 2
    provider.pay(REFERENCE)
    states = [gateway.status(account, KNOWN).state for _ in range(3)]
    assert states == [State.UNKNOWN, State.UNKNOWN, State.SUCCEEDED]


@pytest.mark.parametrize("contradicts", [True, False])
def test_the_word_of_the_transaction_is_the_truth(
    provider: Provider, gateway: Airtel, account: Account, contradicts: bool
) -> None:
    provider.contradicts = contradicts
    gateway.begin(account, CHARGE)
    provider.pay(REFERENCE)
    told = gateway.status(account, KNOWN)
    assert (told.state, told.amount, told.reference) == (State.SUCCEEDED, shillings(1500), REFERENCE)
    assert told.receipt == provider.prompts[REFERENCE].money_id


@pytest.mark.parametrize(
    ("amount", "currency", "told"),
    [(100_00, None, shillings(100)), (None, "UGX", Money(amount=1500, currency=Currency.UGX))],
)
def test_another_amount_in_the_message_is_told(
    provider: Provider, gateway: Airtel, account: Account, amount: int | None, currency: str | None, told: Money
) -> None:
    gateway.begin(account, CHARGE)
    provider.pay(REFERENCE, amount=amount, currency=currency)
    assert gateway.status(account, KNOWN).amount == told
    [sent] = provider.callbacks(REFERENCE)
    [heard] = gateway.hear(account, came(sent))
    assert heard.status is not None
    assert heard.status.amount == told


@pytest.mark.parametrize("reason", ["cancelled", "insufficient_funds", "timeout", "wrong_pin", "limit", "expired"])
def test_how_prompts_end(provider: Provider, gateway: Airtel, account: Account, reason: str) -> None:
    gateway.begin(account, CHARGE)
    provider.fail(REFERENCE, reason)
    told = gateway.status(account, KNOWN)
    assert (told.state, told.reason) == (State.FAILED, "declined" if reason == "cancelled" else reason)
    assert (told.amount, told.receipt) == (None, "")


@pytest.mark.parametrize("fault", ["500", "cut"])
def test_a_broken_beginning_is_asked_about_by_our_own_id(
    provider: Provider, gateway: Airtel, account: Account, fault: str
) -> None:
    provider.faults.append(fault)
    with pytest.raises(Uncertain):
        gateway.begin(account, CHARGE)
    assert len(provider.requests_to(COLLECT)) == 1
    told = gateway.status(account, replace(KNOWN, provider_ref=""))
    assert told.state is (State.PENDING if fault == "cut" else State.UNKNOWN)


def test_an_id_that_is_known_already_is_under_way(provider: Provider, gateway: Airtel, account: Account) -> None:
    gateway.begin(account, CHARGE)
    again = gateway.begin(account, CHARGE)
    assert (again.status.state, again.status.reason, again.status.code) == (State.PENDING, "duplicate", "ESB000041")
    assert len(provider.prompts) == 1


def test_busy_is_said_as_such(provider: Provider, gateway: Airtel, account: Account) -> None:
    provider.faults.append("busy")
    with pytest.raises(GatewayError) as caught:
        gateway.begin(account, CHARGE)
    assert (caught.value.reason, caught.value.retryable) == ("busy", True)


@pytest.mark.parametrize("fault", ["500", "cut", "busy"])
def test_a_question_without_answer_is_unknown(
    provider: Provider, gateway: Airtel, account: Account, fault: str
) -> None:
    gateway.begin(account, CHARGE)
    provider.pay(REFERENCE)
    provider.faults.append(fault)
    assert gateway.status(account, KNOWN).state is State.UNKNOWN


def test_a_token_that_ran_out_is_fetched_once(provider: Provider, gateway: Airtel, account: Account) -> None:
    gateway.begin(account, CHARGE)
    provider.revoke_token()
    assert gateway.status(account, KNOWN).state is State.PENDING
    assert len(provider.requests_to(TOKEN_PATH)) == 2
    assert len(provider.requests_to("/standard/")) == 2


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "reason"),
    [
        (200, "DP00800001006", "SUCCESS", Kind.TAKEN, "other"),
        (200, "DP00800001005", "Msisdn Not Found", Kind.REFUSED, "other"),
        (200, "DP00800001007", "", Kind.REFUSED, "insufficient_funds"),
        (200, "DP00800001026", "", Kind.REFUSED, "misconfigured"),
        (200, "DP00800001000", "", Kind.UNCLEAR, "other"),
        (200, "DP00900001017", "", Kind.REPEATED, "duplicate"),
        (200, "ESB000008", "", Kind.UNCLEAR, "other"),
        (200, "ESB000008", "Missing request header 'x-wallet-id' for", Kind.REFUSED, "misconfigured"),
        (200, "ESB000014", "", Kind.UNCLEAR, "other"),
        (400, "ROUTER110", "Partner not found", Kind.REFUSED, "misconfigured"),
        (200, "ROUTER117", "", Kind.UNCLEAR, "other"),
        (200, "DP99999999999", "never seen", Kind.UNCLEAR, "other"),
        (408, "", "", Kind.UNCLEAR, "other"),
        (502, "", "", Kind.UNCLEAR, "other"),
        (504, "", "", Kind.UNCLEAR, "other"),
    ],
)
def test_an_answer_is_judged_by_what_is_inside(status: int, code: str, message: str, kind: Kind, reason: str) -> None:
    found: dict[str, Any] = {}
    if code.startswith("ROUTER"):
        found = {"status_code": code, "status_message": message}
    elif code:
        name = "response_code" if code.startswith("DP") else "result_code"
        found = {"status": {name: code, "code": "400", "success": False, "message": message}}
    verdict = judge(status, found)
    assert (verdict.kind, verdict.reason) == (kind, reason)


# Callbacks.


@pytest.mark.parametrize("form", FORMS)
def test_a_hash_over_any_of_the_writings_is_good(
    provider: Provider, gateway: Airtel, account: Account, form: str
) -> None:
    provider.hash_over = form
    gateway.begin(account, CHARGE)
    provider.pay(REFERENCE)
    [sent] = provider.callbacks(REFERENCE)
    [heard] = gateway.hear(account, came(sent))
    assert heard.status is not None
    assert (heard.about, heard.reference, heard.proof) == (About.CHARGE, REFERENCE, False), "it is always asked first"
    assert (heard.status.state, heard.status.amount, heard.status.receipt) == (
        State.SUCCEEDED, shillings(1500), provider.prompts[REFERENCE].money_id,
    )  # fmt: skip
    assert heard.status.raw["hash_over"] == form
    assert gateway.hear(account, came(sent))[0].dedupe == heard.dedupe


def test_forgeries_are_refused(provider: Provider, gateway: Airtel, account: Account) -> None:
    gateway.begin(account, CHARGE)
    provider.pay(REFERENCE)
    for sent in provider.forged(REFERENCE):
        with pytest.raises(Forged):
            gateway.hear(account, came(sent))


def test_without_a_key_a_callback_is_a_hint(provider: Provider, gateway: Airtel, account: Account) -> None:
    open_account = replace(account, credentials={**account.credentials, "callback_key": ""})
    provider.hash_over = ""
    gateway.begin(account, CHARGE)
    provider.fail(REFERENCE)
    [heard] = gateway.hear(open_account, came(provider.callbacks(REFERENCE)[0]))
    assert heard.status is not None
    assert (heard.status.state, heard.proof) == (State.FAILED, False)
    assert "not authenticated" in gateway.check(open_account).detail


@given(
    message=st.text(max_size=40),
    form=st.sampled_from(FORMS),
    extra=st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.text(max_size=8), max_size=2),
)
def test_what_is_altered_is_never_taken(message: str, form: str, extra: dict[str, str]) -> None:
    told = {"id": REFERENCE, "message": message, "status_code": "TS"} | extra
    writings = {
        "raw": json.dumps({"transaction": told}).encode(),
        "compact": json.dumps({"transaction": told}, separators=(",", ":"), ensure_ascii=False).encode(),
        "indented": json.dumps({"transaction": told}, indent=2, ensure_ascii=False).encode(),
        "transaction": json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode(),
    }
    right = callback_hash("key", writings[form])
    body = json.dumps({"transaction": told})[:-1] + f', "hash": {json.dumps(right)}}}'
    assert matching_form("key", body.encode(), right)
    altered = json.dumps({"transaction": told | {"id": "OTHER"}})[:-1] + f', "hash": {json.dumps(right)}}}'
    assert not matching_form("key", altered.encode(), right)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{}", b'{"transaction": {"id": ""}}', b'{"transaction": 1}'])
def test_an_unreadable_callback_is_malformed(gateway: Airtel, account: Account, body: bytes) -> None:
    with pytest.raises(Malformed):
        gateway.hear(replace(account, credentials={}), Callback(body, {}, {}, "", NOW))
