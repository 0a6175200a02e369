"""M-Pesa: prompts, the question about them, and the token that all processes share."""

import base64
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lms_core.commerce.payments.gateways.daraja import Daraja
from lms_core.commerce.payments.gateways.daraja_calls import password
from lms_core.commerce.payments.gateways.port import (
    About,
    Account,
    GatewayError,
    Payer,
    SavedCharge,
    State,
    Uncertain,
)
from lms_core.kit.cache import MemoryCache
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways.phone_bench import address, charge, daraja, known, only, shillings
from tests.simulators.payments.base import Sent
from tests.simulators.payments.daraja import TILL
from tests.simulators.payments.daraja import Daraja as Provider

ADDRESS = address("daraja")
PUSH, QUERY = "stkpush/v1/processrequest", "stkpushquery"


def test_the_password_is_the_documentations() -> None:
    told = (
        "MTc0Mzc5YmZiMjc5ZjlhYTliZGJjZjE1OGU5N2RkNzFhNDY3Y2QyZTBjODkzMDU5YjEwZjc4ZTZiNzJhZGExZWQyYzkx"
        "OTIwMjEwNjI4MDkyNDA4"
    )
    key = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
    assert password("174379", key, "20210628092408") == told


def test_a_prompt_is_what_the_documentation_shows(provider: Provider, gateway: Daraja, account: Account) -> None:
    begun = gateway.begin(account, charge(phone="0722 000 000"))
    [request] = provider.requests_to(PUSH)
    sent = request.json
    assert begun.status.state is State.PENDING
    assert begun.status.provider_ref == provider.prompts[0].id
    assert sent["Timestamp"] == "20261120150000"  # NOW, in Nairobi
    assert base64.b64decode(sent["Password"]).decode().endswith("20261120150000")
    assert {name: sent[name] for name in ("TransactionType", "Amount", "PartyA", "PartyB", "PhoneNumber")} == {
        "TransactionType": "CustomerPayBillOnline", "Amount": "1500", "PartyA": "254722000000", "PartyB": "174379",
        "PhoneNumber": "254722000000",
    }  # fmt: skip
    assert (sent["AccountReference"], sent["TransactionDesc"]) == ("ABCDEFGHJKA", "Course Sums s")
    assert sent["CallBackURL"].startswith(ADDRESS + "/stk-")


def test_a_till_takes_buy_goods(provider: Provider, gateway: Daraja, account: Account) -> None:
    gateway.begin(replace(account, options={**account.options, "till": TILL}), charge())
    sent = provider.requests_to(PUSH)[0].json
    assert (sent["TransactionType"], sent["PartyB"]) == ("CustomerBuyGoodsOnline", TILL)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": Money(amount=150050, currency=Currency.KES)}, "limit"),
        ({"amount": Money(amount=1000, currency=Currency.USD)}, "misconfigured"),
        ({"payer": Payer("jane@school.example", phone="255712345678")}, "other"),
        ({"payer": Payer("jane@school.example")}, "other"),
        ({"reference": "A-B"}, "misconfigured"),
        ({"reference": "ABCDEFGHJKMNP"}, "misconfigured"),
    ],
)
def test_what_cannot_be_asked_is_not_sent(
    provider: Provider, gateway: Daraja, account: Account, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(GatewayError) as caught:
        gateway.begin(account, replace(charge(), **change))
    assert caught.value.reason == reason
    assert not provider.requests


def test_a_paid_prompt(provider: Provider, gateway: Daraja, account: Account) -> None:
    begun = gateway.begin(account, charge())
    reference = begun.status.provider_ref
    assert gateway.status(account, known(charge(), reference)).state is State.PENDING
    provider.pay("ABCDEFGHJKA")
    told = gateway.status(account, known(charge(), reference))
    assert (told.state, told.amount, told.receipt) == (State.SUCCEEDED, shillings(1500), "")
    heard = only(gateway, account, provider.callbacks("ABCDEFGHJKA"))
    assert heard.status is not None
    assert (heard.about, heard.proof, heard.reference) == (About.CHARGE, True, "ABCDEFGHJKA")
    assert (heard.provider_ref, heard.status.state, heard.status.amount) == (
        reference, State.SUCCEEDED, shillings(1500),
    )  # fmt: skip
    assert heard.status.receipt == provider.prompts[0].receipt
    assert heard.status.paid_at == datetime(2019, 12, 19, 7, 21, 15, tzinfo=UTC)
    assert heard.phone == "254722000000"


def test_another_amount_is_told_as_it_was_paid(provider: Provider, gateway: Daraja, account: Account) -> None:
    gateway.begin(account, charge())
    provider.pay("ABCDEFGHJKA", amount=100_00)
    heard = only(gateway, account, provider.callbacks("ABCDEFGHJKA"))
    assert heard.status is not None
    assert heard.status.amount == shillings(100)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1", "insufficient_funds"), ("2", "limit"), ("3", "limit"), ("4", "limit"), ("8", "limit"),
        ("17", "duplicate"), ("26", "busy"), ("1001", "busy"), ("1019", "expired"), ("1025", "other"),
        ("1032", "cancelled"), ("1037", "timeout"), ("2001", "wrong_pin"), ("2028", "misconfigured"),
        ("8006", "declined"), ("9999", "other"), ("SFC_IC0003", "misconfigured"),
    ],
)  # fmt: skip
def test_how_prompts_end(provider: Provider, gateway: Daraja, account: Account, code: str, reason: str) -> None:
    begun = gateway.begin(account, charge())
    provider.fail("ABCDEFGHJKA", code)
    told = gateway.status(account, known(charge(), begun.status.provider_ref))
    heard = only(gateway, account, provider.callbacks("ABCDEFGHJKA"))
    assert heard.status is not None
    for status in (told, heard.status):
        assert (status.state, status.reason, status.code) == (State.FAILED, reason, code)
        assert status.amount is None
    assert heard.proof


@pytest.mark.parametrize("older", [True, False])
def test_an_open_prompt_is_pending_in_both_shapes(
    provider: Provider, gateway: Daraja, account: Account, older: bool
) -> None:
    provider.pending_as_error = older
    begun = gateway.begin(account, charge())
    assert gateway.status(account, known(charge(), begun.status.provider_ref)).state is State.PENDING
    assert len(provider.requests_to(QUERY)) == 1, "HTTP 500 is a word here, not a reason to ask again"
    assert provider.callbacks("ABCDEFGHJKA") == []


def test_an_unknown_code_fails_nothing(provider: Provider, gateway: Daraja, account: Account) -> None:
    begun = gateway.begin(account, charge())
    provider.fail("ABCDEFGHJKA", "7777")
    told = gateway.status(account, known(charge(), begun.status.provider_ref))
    heard = only(gateway, account, provider.callbacks("ABCDEFGHJKA"))
    assert heard.status is not None
    assert (told.state, told.code) == (heard.status.state, heard.status.code) == (State.PENDING, "7777")
    assert not heard.proof


def test_a_prompt_paid_late_is_a_new_fact(provider: Provider, gateway: Daraja, account: Account) -> None:
    gateway.begin(account, charge())
    provider.fail("ABCDEFGHJKA", "timeout")
    failed = only(gateway, account, provider.callbacks("ABCDEFGHJKA"))
    provider.pay("ABCDEFGHJKA")
    paid, again = (only(gateway, account, provider.callbacks("ABCDEFGHJKA")) for _ in range(2))
    assert paid.dedupe == again.dedupe != failed.dedupe
    assert paid.status is not None
    assert paid.status.state is State.SUCCEEDED


def test_items_without_value_and_codes_as_text_are_read(provider: Provider, gateway: Daraja, account: Account) -> None:
    provider.with_balance = provider.codes_as_text = True
    gateway.begin(account, charge())
    provider.pay("ABCDEFGHJKA")
    heard = only(gateway, account, provider.callbacks("ABCDEFGHJKA"))
    assert heard.status is not None
    assert (heard.status.state, heard.status.amount) == (State.SUCCEEDED, shillings(1500))


def test_success_without_amount_or_receipt_is_a_hint_only(
    provider: Provider, gateway: Daraja, account: Account
) -> None:
    gateway.begin(account, charge())
    told = {"MerchantRequestID": "1", "CheckoutRequestID": "ws_CO_1", "ResultCode": 0, "ResultDesc": "ok"}
    sent = Sent(provider.prompts[0].topic, json.dumps({"Body": {"stkCallback": told}}).encode())
    assert only(gateway, account, [sent]).proof is False


@pytest.mark.parametrize(
    ("fault", "raised"), [("500", Uncertain), ("cut", Uncertain), ("busy", GatewayError)]
)  # fmt: skip
def test_a_broken_beginning_is_never_repeated(
    provider: Provider, gateway: Daraja, account: Account, fault: str, raised: type[Exception]
) -> None:
    provider.faults.append(fault)
    with pytest.raises(raised) as caught:
        gateway.begin(account, charge())
    assert len(provider.requests_to(PUSH)) == 1
    assert len(provider.prompts) == (1 if fault == "cut" else 0)
    if isinstance(caught.value, GatewayError):
        assert (caught.value.retryable, caught.value.reason) == (True, "busy")


def test_after_a_cut_beginning_the_callback_still_names_the_charge(
    provider: Provider, gateway: Daraja, account: Account
) -> None:
    provider.faults.append("cut")
    with pytest.raises(Uncertain):
        gateway.begin(account, charge())
    assert gateway.status(account, known(charge())).state is State.UNKNOWN
    provider.pay("ABCDEFGHJKA")
    heard = only(gateway, account, provider.callbacks("ABCDEFGHJKA"))
    assert (heard.reference, heard.provider_ref) == ("ABCDEFGHJKA", provider.prompts[0].id)


@pytest.mark.parametrize("fault", ["500", "cut", "busy"])
def test_a_question_without_answer_is_unknown(
    provider: Provider, gateway: Daraja, account: Account, fault: str
) -> None:
    begun = gateway.begin(account, charge())
    provider.pay("ABCDEFGHJKA")
    provider.faults.append(fault)
    told = gateway.status(account, known(charge(), begun.status.provider_ref))
    assert (told.state, told.amount) == (State.UNKNOWN, None)


def test_a_prompt_nobody_knows_is_unknown(provider: Provider, gateway: Daraja, account: Account) -> None:
    assert gateway.status(account, known(charge(), "ws_CO_9")).state is State.UNKNOWN


def test_wrong_passkey_and_open_prompt_are_told_apart(provider: Provider, gateway: Daraja, account: Account) -> None:
    wrong = replace(account, credentials={**account.credentials, "passkey": "other"})
    with pytest.raises(GatewayError) as caught:
        gateway.begin(wrong, charge())
    assert (caught.value.reason, caught.value.code, caught.value.retryable) == (
        "misconfigured", "500.001.1001", False,
    )  # fmt: skip
    provider.one_prompt_per_phone = True
    gateway.begin(account, charge())
    with pytest.raises(GatewayError) as caught:
        gateway.begin(account, charge("ABCDEFGHJKB"))
    assert (caught.value.reason, caught.value.code, caught.value.retryable) == ("busy", "500.001.1001", True)


def test_a_token_that_was_ended_elsewhere_is_fetched_once(
    provider: Provider, gateway: Daraja, account: Account
) -> None:
    gateway.begin(account, charge())
    provider.revoke_token()
    gateway.begin(account, charge("ABCDEFGHJKB"))
    assert len(provider.prompts) == 2
    assert len(provider.requests_to("/oauth/")) == 2


def test_processes_share_the_token_and_heal_a_race(provider: Provider, account: Account) -> None:
    """Twelve threads over three processes' gateways, the token ended before: every prompt goes out, exactly once."""
    cache = MemoryCache()
    gateways = [daraja(provider, cache) for _ in range(3)]
    gateways[0].begin(account, charge("FIRST"))
    provider.revoke_token()
    failures: list[BaseException] = []

    def begin(number: int) -> None:
        try:
            gateways[number % 3].begin(account, charge(f"RACE{number}"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert sorted(each.reference for each in provider.prompts) == sorted(
        ["FIRST", *(f"RACE{number}" for number in range(12))]
    )


def test_new_credentials_do_not_live_on_the_old_token(provider: Provider, gateway: Daraja, account: Account) -> None:
    assert gateway.check(account).ok
    wrong = replace(account, credentials={**account.credentials, "consumer_secret": "mistyped"})
    health = gateway.check(wrong)
    assert not health.ok
    assert "consumer key and secret" in health.detail


@pytest.mark.parametrize("times", [1, 3])
def test_a_busy_token_is_asked_for_again(provider: Provider, gateway: Daraja, account: Account, times: int) -> None:
    provider.token_faults.extend(["busy"] * times)
    if times == 1:
        assert gateway.begin(account, charge()).status.state is State.PENDING
    else:
        with pytest.raises(GatewayError) as caught:
            gateway.begin(account, charge())
        assert caught.value.retryable
        assert not provider.prompts


def test_saved_methods_are_no_thing_of_mpesas(gateway: Daraja, account: Account) -> None:
    saved = SavedCharge("R", "k", shillings(1), Payer("j@school.example"), "d", "token")
    with pytest.raises(GatewayError):
        gateway.charge_saved(account, saved)
