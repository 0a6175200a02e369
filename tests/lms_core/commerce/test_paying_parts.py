"""The pure parts of payments: references, numbers, comparing, when to ask, and the table of states."""

import string
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lms_core.commerce.payments import phones, polling, references
from lms_core.commerce.payments.comparing import Asked, difference
from lms_core.commerce.payments.errors import PhoneInvalid
from lms_core.commerce.payments.gateways.port import Capabilities, Mode, State, Status
from lms_core.commerce.payments.states import MismatchKind
from lms_core.commerce.payments.transitions import OPEN, SETTLED, TRANSITIONS, IllegalMove, PaymentState, check_move
from lms_core.kit.money import Currency, Money

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
BODIES = st.text(references.ALPHABET, min_size=references.RANDOM, max_size=references.RANDOM)
KES = Money(amount=150_000, currency=Currency.KES)


@given(BODIES, st.integers(0, references.RANDOM), st.sampled_from(references.ALPHABET))
def test_one_wrong_character_is_found(body: str, place: int, other: str) -> None:
    whole = body + references.check_character(body)
    assert references.read(whole) == (whole, "")
    wrong = whole[:place] + other + whole[place + 1 :]
    assert references.read(wrong) == ((whole, "") if wrong == whole else None)


@given(BODIES, st.integers(0, references.RANDOM - 1))
def test_neighbours_in_the_wrong_order_are_found_but_for_one_pair(body: str, place: int) -> None:
    whole = body + references.check_character(body)
    swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
    ends = {whole[place], whole[place + 1]}
    if swapped != whole and ends != {"0", "Z"}:  # the first and the last of the alphabet weigh the same doubled
        assert references.read(swapped) is None


def test_people_type_references_in_many_ways() -> None:
    whole = references.new_reference()
    for typed in (whole.lower(), f" {whole[:4]} {whole[4:]} ", f"{whole[:5]}-{whole[5:]}"):
        assert references.read(typed) == (whole, "")
    assert references.read(whole.replace("1", "l").replace("0", "o")) == (whole, "")
    assert references.read(references.attempt_reference(whole, 2)) == (whole, "B")
    assert len(references.attempt_reference(whole, references.MOST_ATTEMPTS)) == 12
    for typed in ("", "HELLO", whole + "AB", whole + "0", whole[:-1], "É" * 11, whole + "?"):
        assert references.read(typed) is None


@given(st.text(max_size=30))
def test_any_text_is_read_without_an_error(typed: str) -> None:
    found = references.read(typed)
    assert found is None or references.check_character(found[0][:-1]) == found[0][-1]


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("0712345678", "254712345678"), ("0112 345 678", "254112345678"), ("+254 712-345-678", "254712345678"),
        ("712345678", "254712345678"), ("254712345678", "254712345678"), ("00254712345678", "254712345678"),
        ("+256772123456", "256772123456"), ("(0712) 345.678", "254712345678"), ("+919876543210", "919876543210"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(typed: str, normal: str) -> None:
    assert phones.normal(typed) == normal


@pytest.mark.parametrize(
    "typed",
    ["", "0", "071234567", "07123456789", "0212345678", "+1 202 555 0100", "254812345678", "mpesa", "٠٧١٢٣٤٥٦٧٨"],
)
def test_what_is_no_mobile_number_is_refused(typed: str) -> None:
    with pytest.raises(PhoneInvalid):
        phones.normal(typed)


@given(st.text(string.digits, min_size=9, max_size=12))
def test_a_mask_hides_the_middle(phone: str) -> None:
    shown = phones.masked(phone)
    assert shown == f"{phone[:4]}***{phone[-3:]}" and phones.masked("") == ""


@given(
    amount=st.integers(1, 10**9), currency=st.sampled_from(Currency), reference=st.sampled_from([None, "R", "S"]),
    live=st.sampled_from([None, True, False]),
)  # fmt: skip
def test_only_what_was_asked_for_settles(
    amount: int, currency: Currency, reference: str | None, live: bool | None
) -> None:
    asked = Asked(KES, "R", Mode.LIVE)
    told = Status(State.SUCCEEDED, amount=Money(amount=amount, currency=currency), reference=reference, live=live)
    found = difference(asked, told)
    fits = told.amount == KES and reference in (None, "R") and live in (None, True)
    assert (found is None) == fits
    if found is not None and found.arrived is not None:
        assert found.arrived == told.amount and live is not False and reference != "S"


def test_a_success_without_an_amount_settles_nothing() -> None:
    found = difference(Asked(KES, "R", Mode.TEST), Status(State.SUCCEEDED, reference="R"))
    assert found is not None and found.kind is MismatchKind.AMOUNT and found.arrived is None


@given(st.lists(st.integers(1, 300), max_size=5), st.integers(60, 7200), st.integers(0, 10))
@hypothesis_settings(max_examples=50)
def test_an_open_charge_is_asked_about_until_its_time_is_over(seconds: list[int], life: int, polls: int) -> None:
    able = Capabilities(currencies=frozenset(), step="prompt", poll_seconds=sorted(seconds), expires_after=life)
    now, asked = AT, 0
    while (later := polling.next_charge(able, polls=polls + asked, begun_at=AT, now=now)) is not None:
        assert later > now
        now, asked = later, asked + 1
        assert asked < 200
    assert now >= AT + timedelta(seconds=life)


def test_doubt_is_asked_about_for_a_week() -> None:
    now, times = AT, [AT]
    while (later := polling.next_doubt(polls=len(times) - 1, begun_at=AT, now=now)) is not None:
        now = later
        times.append(now)
    gaps = [after - before for before, after in pairwise(times)]
    assert gaps == sorted(gaps) and now - AT >= polling.GIVE_UP and len(times) < 20


def test_nothing_leads_from_paid_back_to_unpaid() -> None:
    reached = {state: _reachable(state) for state in PaymentState}
    unpaid = {PaymentState.FAILED, PaymentState.EXPIRED, *OPEN}
    assert all(not reached[state] & unpaid for state in SETTLED)
    assert reached[PaymentState.CREATED] == set(PaymentState) - {PaymentState.CREATED}
    assert PaymentState.SUCCEEDED in reached[PaymentState.EXPIRED] & reached[PaymentState.FAILED]
    for state in PaymentState:
        for to in set(PaymentState) - TRANSITIONS[state]:
            with pytest.raises(IllegalMove):
                check_move(state, to)


def _reachable(state: PaymentState) -> set[PaymentState]:
    found: set[PaymentState] = set()
    waiting = [state]
    while waiting:
        for to in TRANSITIONS[waiting.pop()] - found:
            found.add(to)
            waiting.append(to)
    return found
