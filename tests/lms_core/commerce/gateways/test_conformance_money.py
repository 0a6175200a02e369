"""What every gateway owes the payments slice: refunds, reversals, payouts, and the provider's own list."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lms_core.commerce.payments.gateways.port import GatewayError, PayoutAsk, State, Uncertain
from tests.lms_core.commerce.gateways import bench
from tests.lms_core.commerce.gateways.conformance import MANY, Bench


def test_a_full_refund(on: Bench) -> None:
    charge = on.charge()
    _, paid = on.paid(charge)
    ask = bench.refund(charge, paid)
    if on.gateway.capabilities.refunds == "none":
        with pytest.raises(GatewayError):
            on.gateway.refund(on.account, ask)
        return
    moved = on.gateway.refund(on.account, ask)
    assert moved.state in {State.PENDING, State.SUCCEEDED} and moved.provider_ref
    assert on.ended(charge, ask, moved) is State.SUCCEEDED
    assert on.provider.charged(charge.reference) == 0


def test_a_refund_asked_twice_is_given_once(on: Bench) -> None:
    charge = on.charge()
    _, paid = on.paid(charge)
    if on.gateway.capabilities.refunds != "partial":
        return  # what is given back whole cannot be given back again: `test_a_full_refund`
    ask = bench.refund(charge, paid, 50_000)
    moved = on.gateway.refund(on.account, ask)
    if on.way.keyed_refunds:
        again = on.gateway.refund(on.account, ask)
    else:
        again = on.gateway.refund_status(on.account, ask, "")
    assert again.provider_ref == moved.provider_ref
    on.provider.settle_refunds()
    assert on.provider.charged(charge.reference) == charge.amount.amount - 50_000


def test_a_part_is_given_back_where_it_is_offered(on: Bench) -> None:
    charge = on.charge()
    _, paid = on.paid(charge)
    ask = bench.refund(charge, paid, 40_000)
    if on.gateway.capabilities.refunds != "partial":
        with pytest.raises(GatewayError):
            on.gateway.refund(on.account, ask)
        on.provider.settle_refunds()
        assert on.provider.charged(charge.reference) == charge.amount.amount
        return
    moved = on.gateway.refund(on.account, ask)
    assert on.ended(charge, ask, moved) is State.SUCCEEDED
    assert on.provider.charged(charge.reference) == charge.amount.amount - 40_000
    rest = bench.refund(charge, paid, charge.amount.amount - 40_000, key="refund-key-2")
    assert on.ended(charge, rest, on.gateway.refund(on.account, rest)) is State.SUCCEEDED
    assert on.provider.charged(charge.reference) == 0


def test_more_than_was_paid_is_refused(on: Bench) -> None:
    charge = on.charge()
    _, paid = on.paid(charge)
    ask = bench.refund(charge, paid, charge.amount.amount + 100)
    with pytest.raises(GatewayError):
        on.gateway.refund(on.account, ask)
    on.provider.settle_refunds()
    assert on.provider.charged(charge.reference) == charge.amount.amount


def test_a_refund_that_was_cut_is_uncertain_and_never_given_twice(on: Bench) -> None:
    charge = on.charge()
    _, paid = on.paid(charge)
    ask = bench.refund(charge, paid)
    if on.gateway.capabilities.refunds == "none":
        return
    on.provider.faults.extend(["cut"] * MANY)
    with pytest.raises(Uncertain):
        on.gateway.refund(on.account, ask)
    on.provider.faults.clear()
    assert on.gateway.refund_status(on.account, ask, "").state is not State.FAILED
    on.provider.settle_refunds()
    assert on.provider.charged(charge.reference) in {0, charge.amount.amount}
    # What is known by its key is not asked for again; what is not, may be.
    if on.gateway.refund_status(on.account, ask, "").state is not State.SUCCEEDED:
        with contextlib.suppress(GatewayError, Uncertain):
            on.gateway.refund(on.account, ask)
    on.provider.settle_refunds()
    assert on.provider.charged(charge.reference) == 0


def test_money_that_the_provider_takes_back_is_told(on: Bench) -> None:
    charge = on.charge()
    known, _ = on.paid(charge)
    on.provider.reverse(charge.reference)
    said = [on.gateway.status(on.account, known).state]
    said += [each.status.state for each in on.heard(charge.reference) if each.proof and each.status]
    assert (State.REVERSED in said) == on.way.tells_reversals
    assert State.FAILED not in said  # what was paid never becomes a failure


def test_a_refund_of_ours_is_no_reversal(on: Bench) -> None:
    charge = on.charge()
    known, paid = on.paid(charge)
    ask = bench.refund(charge, paid)
    assert on.ended(charge, ask, on.gateway.refund(on.account, ask)) is State.SUCCEEDED
    told = on.gateway.status(on.account, replace(known, receipt=paid.receipt))
    assert told.state is (State.REVERSED if on.way.refund_reads_reversed else State.SUCCEEDED)


def test_payouts_where_they_are_offered(on: Bench) -> None:
    ask = PayoutAsk("payout-key-1", bench.PHONE, "Asha Otieno", on.charge().amount, "Pay for teaching")
    if not on.gateway.capabilities.payouts:
        with pytest.raises(GatewayError):
            on.gateway.pay_out(on.account, ask)
        return
    moved = on.gateway.pay_out(on.account, ask)
    assert moved.state in {State.PENDING, State.SUCCEEDED}
    on.provider.settle_payouts()
    told = on.gateway.payout_status(on.account, ask, moved.provider_ref).state
    for sent in on.provider.payout_callbacks(ask.key):
        told = next((each.status.state for each in on.hear(sent) if each.status), told)
    assert told is State.SUCCEEDED


def test_the_list_of_transactions(on: Bench) -> None:
    charge = on.charge()
    _, paid = on.paid(charge)
    now = datetime.now(UTC)
    entries = list(on.gateway.transactions(on.account, now - timedelta(days=365), now + timedelta(days=1)))
    if not on.gateway.capabilities.lists_transactions:
        assert entries == []
        return
    (ours,) = [each for each in entries if charge.reference == each.reference or paid.receipt == each.receipt]
    assert ours.amount == charge.amount and ours.state is State.SUCCEEDED and ours.at.tzinfo is not None
