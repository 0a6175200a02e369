"""M-Pesa: deposits to an account number, lists, errors, and the look at an account."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lms_core.commerce.payments.gateways.daraja import Daraja
from lms_core.commerce.payments.gateways.daraja_codes import Kind, judge
from lms_core.commerce.payments.gateways.port import (
    About,
    Account,
    Callback,
    Forged,
    GatewayError,
    Mode,
    State,
)
from tests.lms_core.commerce.gateways.phone_bench import NOW, REFERENCE, address, came, charge, shillings
from tests.simulators.payments.daraja import Daraja as Provider

ADDRESS = address("daraja")


CHARGE = charge()


# Deposits.


def test_a_deposit_is_checked_then_told(provider: Provider, gateway: Daraja, account: Account) -> None:
    gateway.prepare(account)
    check, done = provider.deposit("abcd-efgh jk", 500_00)
    [asked] = gateway.hear(account, came(check))
    assert asked.status is not None
    assert (asked.about, asked.reference, asked.status.state, asked.status.amount) == (
        About.CHECK, "ABCDEFGHJK", State.PENDING, shillings(500),
    )  # fmt: skip
    assert not asked.proof
    [told] = gateway.hear(account, came(done))
    assert told.status is not None
    assert (told.about, told.reference, told.status.amount, told.status.receipt, told.proof) == (
        About.DEPOSIT, "ABCDEFGHJK", shillings(500), provider.deposits[0].receipt, True,
    )  # fmt: skip
    assert (told.name, told.phone) == ("NICHOLAS", "")
    assert told.status.paid_at == datetime(2023, 11, 21, 9, 13, 25, tzinfo=UTC)
    assert gateway.hear(account, came(done))[0].dedupe == told.dedupe != asked.dedupe
    assert json.loads(gateway.answer(account, came(done), accepted=True).body) == {
        "ResultCode": 0, "ResultDesc": "Success",
    }  # fmt: skip


@pytest.mark.parametrize("accepted", [True, False])
def test_validation_lets_money_in_or_keeps_it_out(
    provider: Provider, gateway: Daraja, account: Account, accepted: bool
) -> None:
    gateway.prepare(account)
    done = provider.deposit_checked(
        "ABCDEFGHJK", 500_00, lambda sent: gateway.answer(account, came(sent), accepted=accepted).body
    )
    assert len(done) == len(provider.deposits) == int(accepted)


def test_a_refusal_names_the_account_number(gateway: Daraja, account: Account) -> None:
    asked = Callback(b"", {}, {}, "check", NOW)
    refused = gateway.answer(account, asked, accepted=False)
    assert refused.status == 200
    assert json.loads(refused.body) == {"ResultCode": "C2B00012", "ResultDesc": "Rejected"}
    assert json.loads(gateway.answer(account, asked, accepted=True).body) == {
        "ResultCode": "0", "ResultDesc": "Accepted",
    }  # fmt: skip


@pytest.mark.parametrize(("chosen", "taken"), [("Completed", 1), ("cancelled", 0), ("", 1)])
def test_what_happens_when_we_are_silent_is_registered(
    provider: Provider, gateway: Daraja, account: Account, chosen: str, taken: int
) -> None:
    gateway.prepare(replace(account, options={**account.options, "when_unreachable": chosen}))
    assert len(provider.deposit_checked("ABCDEFGHJK", 500_00, lambda sent: None)) == taken


def test_money_for_another_shortcode_is_not_ours(provider: Provider, gateway: Daraja, account: Account) -> None:
    gateway.prepare(account)
    for sent in provider.deposit("ABCDEFGHJK", 500_00, shortcode="600000"):
        with pytest.raises(Forged):
            gateway.hear(account, came(sent))


def test_a_prompt_told_as_a_deposit_too_has_the_same_receipt(
    provider: Provider, gateway: Daraja, account: Account
) -> None:
    gateway.prepare(account)
    provider.tell_deposits = True
    gateway.begin(account, CHARGE)
    provider.pay(REFERENCE)
    heard = [each for sent in provider.callbacks(REFERENCE) for each in gateway.hear(account, came(sent))]
    assert [each.about for each in heard] == [About.CHARGE, About.DEPOSIT]
    assert len({each.status.receipt for each in heard if each.status}) == 1
    assert {each.reference for each in heard} == {REFERENCE}


def test_registering_twice_in_production_is_no_fault(provider: Provider, gateway: Daraja, account: Account) -> None:
    provider.production = True
    gateway.prepare(account)
    before = dict(provider.registered)
    gateway.prepare(account)
    assert provider.registered == before
    assert (before["ConfirmationURL"], before["ValidationURL"]) == ("deposit", "check")


def test_nothing_is_registered_unless_it_was_switched_on(provider: Provider, gateway: Daraja, account: Account) -> None:
    quiet = replace(account, options={**account.options, "c2b": "", "nominated_number": ""})
    assert gateway.check(quiet).ok
    assert not provider.requests_to("register")


# Lists, health, codes.


@pytest.mark.parametrize("get_only", [True, False])
def test_the_list_is_read_page_by_page(provider: Provider, gateway: Daraja, account: Account, get_only: bool) -> None:
    provider.page, provider.get_lists_only = 2, get_only
    provider.listed_at = NOW - timedelta(hours=2)
    gateway.prepare(account)
    for number in range(5):
        provider.deposit(f"ACC-{number}", (number + 1) * 100)
    rows = gateway.transactions(account, NOW - timedelta(days=1), NOW)
    assert [(each.reference, each.amount, each.receipt) for each in rows] == [
        (f"ACC{number}", shillings(number + 1), provider.deposits[number].receipt) for number in range(5)
    ]
    assert {each.at for each in rows} == {datetime(2026, 11, 20, 10, 0, tzinfo=UTC)}
    asked = provider.requests_to("pulltransactions/v1/query")[0].json
    assert (asked["StartDate"], asked["EndDate"]) == ("2026-11-19 15:00:00", "2026-11-20 15:00:00")


def test_without_a_nominated_number_the_list_is_refused_not_empty(gateway: Daraja, account: Account) -> None:
    with pytest.raises(GatewayError) as caught:
        gateway.transactions(replace(account, options={"shortcode": "174379"}), NOW, NOW)
    assert caught.value.code == "nominated_number"


def test_the_look_at_an_account(provider: Provider, gateway: Daraja, account: Account) -> None:
    assert gateway.check(account).ok
    broken = {
        "certificate": replace(account, options={**account.options, "certificate": "nothing"}),
        "https": replace(account, mode=Mode.LIVE, callback_url="http://school.example/hook"),
        "“exe”": replace(account, callback_url=ADDRESS + "eXe"),
        "passkey": replace(account, credentials={**account.credentials, "passkey": ""}),
        "not allowed": replace(account, base_url="http://169.254.169.254"),
    }
    for part, each in broken.items():
        health = gateway.check(each)
        assert not health.ok
        assert part in health.detail


def test_money_never_moves_in_a_look(provider: Provider, gateway: Daraja, account: Account) -> None:
    gateway.check(account)
    assert not provider.prompts
    assert not provider.payouts
    assert not provider.reversals


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (404, "404.001.03", "Invalid Access Token", Kind.TOKEN),
        (401, "401.002.01", "Error Occurred - Invalid Access Token - XXX", Kind.TOKEN),
        (400, "400.003.01", "Invalid Access Token", Kind.TOKEN),
        (404, "404.001.01", "Resource not found", Kind.REFUSED),
        (500, "500.001.1001", "The transaction is being processed", Kind.PENDING),
        (500, "500.001.1001", "[MerchantValidate] - Wrong credentials", Kind.REFUSED),
        (500, "500.001.1001", "something nobody has written down", Kind.UNCLEAR),
        (500, "500.002.1001", "Duplicate OriginatorConversationID.", Kind.REPEATED),
        (500, "500.003.02", "System is busy", Kind.REFUSED),
        (500, "500.003.1001", "Urls are already registered", Kind.REGISTERED),
        (500, "500.003.1001", "Internal Server Error", Kind.UNCLEAR),
        (400, "400.002.05", "Invalid request payload", Kind.REFUSED),
        (504, "", "", Kind.UNCLEAR),
        (302, "", "", Kind.UNCLEAR),
        (200, "", "", Kind.UNCLEAR),
    ],
)
def test_an_error_is_judged_by_code_and_words(status: int, code: str, message: str, kind: Kind) -> None:
    found = {"errorCode": code, "errorMessage": message} if code else {}
    assert judge(status, found).kind is kind


@pytest.mark.parametrize(("response", "kind"), [("0", Kind.TAKEN), ("00000000", Kind.TAKEN), ("1", Kind.REFUSED)])
def test_a_response_code_of_noughts_is_taken(response: str, kind: Kind) -> None:
    assert judge(200, {"ResponseCode": response}).kind is kind
