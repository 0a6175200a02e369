"""What every gateway owes the payments slice: charges, callbacks, modes, secrets, addresses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lms_core.commerce.payments.gateways.port import (
    REASONS,
    About,
    Account,
    Forged,
    GatewayError,
    Malformed,
    Mode,
    SavedCharge,
    State,
    Status,
    Uncertain,
)
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways import bench
from tests.lms_core.commerce.gateways.conformance import GATEWAYS, MANY, PROVIDERS, WAYS, Bench


def test_all_gateways_are_here() -> None:
    assert set(GATEWAYS) == PROVIDERS == set(WAYS)


def test_a_gateway_says_what_it_is(on: Bench) -> None:
    told = on.gateway
    assert told.name == on.provider.name and told.title and told.capabilities.currencies
    names = [each.name for each in told.fields]
    assert len(set(names)) == len(names) and all(each.label for each in told.fields)
    assert set(on.provider.credentials) | set(on.provider.options) <= set(names)
    assert told.capabilities.step in {"prompt", "redirect"} and told.capabilities.refunds in {"partial", "full", "none"}
    assert list(told.capabilities.poll_seconds) == sorted(told.capabilities.poll_seconds)


def test_begun_paid_and_asked(on: Bench) -> None:
    charge = on.charge()
    begun = on.gateway.begin(on.account, charge)
    assert begun.status.state is State.PENDING and begun.status.provider_ref
    assert (on.gateway.capabilities.step == "redirect") == begun.url.startswith("http")
    known = bench.known(charge, begun.status)
    assert on.gateway.status(on.account, known).state is State.PENDING
    on.provider.pay(charge.reference)
    told = on.truth(known)
    assert told.state is State.SUCCEEDED and told.receipt
    assert told.reference in {None, charge.reference}
    if on.way.tells_amount:
        assert told.amount == charge.amount
    assert told.amount in {None, charge.amount}
    assert on.provider.charged(charge.reference) == charge.amount.amount


def test_callbacks_lead_to_the_charge(on: Bench) -> None:
    charge = on.charge()
    known = on.begun(charge)
    on.provider.pay(charge.reference)
    on.gateway.status(on.account, known)
    facts = [each for each in on.heard(charge.reference) if each.about is About.CHARGE]
    assert facts
    for each in facts:
        assert each.reference == charge.reference or each.provider_ref == known.provider_ref
        assert each.reference in {"", charge.reference}


def test_cancelled(on: Bench) -> None:
    charge = on.charge()
    known = on.begun(charge)
    on.provider.fail(charge.reference, "cancelled")
    told = on.gateway.status(on.account, known)
    assert told.state is on.way.cancelled and told.reason in REASONS | {""}
    assert on.provider.charged(charge.reference) == 0
    assert not [each for each in on.heard(charge.reference) if each.status and each.status.state is State.SUCCEEDED]


def test_timed_out_and_then_paid_after_all(on: Bench) -> None:
    charge = on.charge()
    known = on.begun(charge)
    on.provider.fail(charge.reference, "timeout")
    assert on.gateway.status(on.account, known).state is on.way.timed_out
    on.provider.pay(charge.reference)
    assert on.truth(known).state is State.SUCCEEDED


def test_too_little_money_is_a_failure_or_an_open_page_never_a_success(on: Bench) -> None:
    charge = on.charge()
    known = on.begun(charge)
    on.provider.fail(charge.reference, "insufficient_funds")
    told = on.gateway.status(on.account, known)
    assert told.state in {State.FAILED, State.PENDING} and told.reason in REASONS | {""}
    assert on.provider.charged(charge.reference) == 0


def test_a_beginning_that_was_cut_is_uncertain_and_found_again(on: Bench) -> None:
    charge = on.charge()
    on.warm()
    on.provider.faults.extend(["cut"] * MANY)
    with pytest.raises(Uncertain):
        on.gateway.begin(on.account, charge)
    on.provider.faults.clear()
    on.provider.pay(charge.reference)
    told = on.gateway.status(on.account, bench.known(charge))  # by our reference alone
    if told.state is not State.SUCCEEDED:
        # It cannot be asked by reference: that is no failure, and its callback leads there.
        assert told.state in {State.UNKNOWN, State.PENDING}
        facts = [each for each in on.heard(charge.reference) if each.about is About.CHARGE]
        assert facts and facts[0].reference == charge.reference
        told = on.truth(bench.known(charge, Status(State.PENDING, facts[0].provider_ref)))
    assert told.state is State.SUCCEEDED
    assert on.provider.charged(charge.reference) == charge.amount.amount


def test_a_provider_in_trouble_begins_nothing(on: Bench) -> None:
    charge = on.charge()
    on.warm()
    on.provider.faults.extend(["500"] * MANY)
    with pytest.raises((Uncertain, GatewayError)):
        on.gateway.begin(on.account, charge)
    on.provider.faults.clear()
    assert on.gateway.begin(on.account, charge).status.state is State.PENDING


def test_a_busy_provider_may_be_asked_later(on: Bench) -> None:
    on.warm()
    on.provider.faults.extend(["busy"] * MANY)
    with pytest.raises(GatewayError) as refused:
        on.gateway.begin(on.account, on.charge())
    assert refused.value.retryable and refused.value.reason == "busy"
    on.provider.faults.clear()
    assert on.gateway.begin(on.account, on.charge()).status.state is State.PENDING


@pytest.mark.parametrize("fault", ["500", "busy", "cut"])
def test_when_nobody_can_say_it_is_unknown(on: Bench, fault: str) -> None:
    charge = on.charge()
    known = on.begun(charge)
    on.provider.pay(charge.reference)
    on.provider.faults.extend([fault] * MANY)
    assert on.gateway.status(on.account, known).state in {State.UNKNOWN, State.PENDING}
    on.provider.faults.clear()
    assert on.truth(known).state is State.SUCCEEDED


def test_a_token_that_ends_in_the_middle_is_renewed(on: Bench) -> None:
    end = getattr(on.provider, "expire_tokens", None) or getattr(on.provider, "revoke_token", lambda: None)
    charge = on.charge()
    on.warm()
    end()
    known = on.begun(charge)
    end()
    on.provider.pay(charge.reference)
    assert on.truth(known).state is State.SUCCEEDED
    assert on.provider.charged(charge.reference) == charge.amount.amount


def test_duplicates_and_disorder_have_equal_keys(on: Bench) -> None:
    charge = on.charge()
    known = on.begun(charge)
    on.provider.fail(charge.reference, "insufficient_funds")
    early = on.provider.callbacks(charge.reference)
    on.provider.pay(charge.reference)
    on.gateway.status(on.account, known)
    late = on.provider.callbacks(charge.reference)
    at = datetime.now(UTC)
    ordered = [fact.dedupe for sent in (*early, *late) for fact in on.hear(sent, at=at)]
    shuffled = [fact.dedupe for sent in (*reversed(late), *reversed(early), *late) for fact in on.hear(sent, at=at)]
    assert set(ordered) == set(shuffled) and all(ordered)
    assert on.truth(known).state is State.SUCCEEDED  # whatever came last


def test_keys_of_two_charges_are_different(on: Bench) -> None:
    keys = []
    for reference in ("CONF1", "CONF2"):
        known = on.begun(on.charge(reference))
        on.provider.pay(reference)
        on.gateway.status(on.account, known)
        keys.append({each.dedupe for each in on.heard(reference)})
    assert keys[0] and keys[1] and not keys[0] & keys[1]


def test_forged_callbacks_move_nothing(on: Bench) -> None:
    charge = on.charge()
    known = on.begun(charge)
    forged = on.provider.forged(charge.reference)
    assert forged
    for sent in forged:
        try:
            facts = on.hear(sent)
        except Forged:
            continue
        except Malformed:
            facts = []
        # Without a signature a callback may be a hint; a hint proves nothing.
        assert not on.gateway.capabilities.signed_callbacks, "a signed gateway took a forgery"
        assert not [each for each in facts if each.proof]
    assert on.gateway.status(on.account, known).state is State.PENDING


def test_truncated_callbacks_are_refused(on: Bench) -> None:
    charge = on.charge()
    known = on.begun(charge)
    on.provider.pay(charge.reference)
    on.gateway.status(on.account, known)
    for sent in on.provider.callbacks(charge.reference):
        for length in (0, 1, len(sent.body) // 2, len(sent.body) - 1):
            with pytest.raises((Forged, Malformed)):
                on.hear(sent, body=sent.body[:length])


def test_replayed_callbacks_are_the_same_fact_or_refused(on: Bench) -> None:
    charge = on.charge()
    known = on.begun(charge)
    on.provider.pay(charge.reference)
    on.gateway.status(on.account, known)
    for sent in on.provider.callbacks(charge.reference):
        first = on.hear(sent)
        try:
            again = on.hear(sent, at=datetime.now(UTC) + timedelta(days=400))
        except Forged:
            continue
        same = [each.dedupe for each in first] == [each.dedupe for each in again]
        assert same or not [each for each in again if each.proof or each.status]  # a mere hint may come again


@pytest.mark.parametrize("amount", [100, 149_900, 999_900])
def test_a_wrong_amount_is_told_as_it_is(on: Bench, amount: int) -> None:
    charge = on.charge()
    known = on.begun(charge)
    on.provider.pay(charge.reference, amount=amount)
    told = on.truth(known)
    if on.way.tells_amount:
        assert told.amount == Money(amount=amount, currency=charge.amount.currency)
    assert told.amount is None or told.amount.amount == amount


def test_a_wrong_currency_is_told_as_it_is(on: Bench) -> None:
    charge = on.charge()
    others = sorted(on.gateway.capabilities.currencies - {charge.amount.currency, Currency.UGX})
    if not others:
        assert len(on.gateway.capabilities.currencies - {Currency.UGX}) == 1
        return  # M-Pesa knows shillings alone: there is no other currency to pay in
    known = on.begun(charge)
    on.provider.pay(charge.reference, currency=others[0].value)
    told = on.truth(known)
    assert told.amount is None or told.amount.currency == others[0]
    if on.way.tells_amount:
        assert told.amount is not None


def test_saved_methods_where_they_are_offered(on: Bench) -> None:
    if on.gateway.capabilities.saved_methods:
        return  # how one is saved differs; each such gateway's own tests charge it
    charge = on.charge()
    saved = SavedCharge(charge.reference, charge.key, charge.amount, charge.payer, charge.description, "token")
    with pytest.raises(GatewayError):
        on.gateway.charge_saved(on.account, saved)


def test_a_live_account_is_not_taken_for_a_test_one(on: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It speaks to another host, tells the mode it was in, or refuses keys of the other mode: one of them."""
    bases: dict[Mode, str] = {}
    real = on.wire.base

    def seen(account: Account, own: str) -> str:
        bases[account.mode] = own
        return real(account, own)

    monkeypatch.setattr(on.wire, "base", seen)
    known = on.begun(on.charge("MODE1"))
    on.provider.pay("MODE1")
    assert on.truth(known).live in {None, False}
    live = replace(on.account, id="account-of-live", mode=Mode.LIVE)
    try:
        told = on.gateway.begin(live, on.charge("MODE2")).status
    except GatewayError as refused:
        assert refused.reason in {"misconfigured", "authentication"}
        return
    assert told.live is False or bases[Mode.LIVE] != bases[Mode.TEST]


def test_no_secret_and_no_person_in_logs_errors_and_representations(
    on: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    charge = on.charge()
    known, paid = on.paid(charge)
    shown = repr([on.account, charge, known, paid])
    said: list[str] = []
    for fault in ("500", "busy", "cut"):
        on.provider.faults.extend([fault] * MANY)
        for call in (on.gateway.begin, lambda account, _: on.gateway.refund(account, bench.refund(charge, paid))):
            try:
                call(on.account, on.charge("CONF9"))
            except (GatewayError, Uncertain) as error:
                said += [str(error), repr(error)]
        said.append(repr(on.gateway.status(on.account, known)))
        on.provider.faults.clear()
    wrong = replace(on.account, id="wrong", credentials=dict.fromkeys(on.account.credentials, "wr0ng-s3cret-value"))
    said.append(on.gateway.check(wrong).detail)
    for sent in on.provider.forged(charge.reference):
        try:
            said += [repr(each) for each in on.hear(sent)]
        except (Forged, Malformed) as error:
            said.append(str(error))
    text = "\n".join(said) + caplog.text
    fields = {each.name for each in on.gateway.fields if each.secret}
    secrets = [value for name, value in on.account.credentials.items() if name in fields and len(value) >= 8]
    for hidden in (*secrets, "wr0ng-s3cret-value", bench.PHONE, bench.PHONE[3:]):
        assert hidden not in text and hidden not in shown
    assert bench.EMAIL not in text


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254",
        "http://localhost:6379",
        "file:///etc/passwd",
        "https://user@127.0.0.1",
        "//evil.example",
    ],
)
def test_an_address_inside_the_network_is_never_spoken_to(on: Bench, address: str) -> None:
    account = replace(on.account, id="strange", base_url=address)
    charge = on.charge()
    with pytest.raises(GatewayError) as refused:
        on.gateway.begin(account, charge)
    assert refused.value.reason == "misconfigured" and not refused.value.retryable
    paid = Status(State.SUCCEEDED, "ref-1", charge.amount, "receipt-1")
    with pytest.raises(GatewayError):
        on.gateway.refund(account, bench.refund(charge, paid))
    assert on.gateway.status(account, bench.known(charge, paid)).state is State.UNKNOWN
    assert not on.gateway.check(account).ok
    assert on.provider.requests == []
