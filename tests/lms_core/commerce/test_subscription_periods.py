"""When terms end, what changes of plan cost, and the table of states: pure, with examples and properties."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lms_core.commerce.subscriptions import dunning, proration
from lms_core.commerce.subscriptions.periods import INSTITUTION_ZONE, Interval, boundary, days_left
from lms_core.commerce.subscriptions.transitions import OPEN, OVER, TABLE, Cause, State, after, drawing

NAIROBI = ZoneInfo(INSTITUTION_ZONE)
ZONES = st.sampled_from([INSTITUTION_ZONE, "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"])
MOMENTS = st.integers(0, 365 * 48).map(lambda days: datetime(2012, 1, 1, 7, 30, tzinfo=UTC) + timedelta(days=days))
AMOUNTS = st.integers(0, 10**11)


def ends(anchor: datetime, interval: Interval, numbers: Iterable[int]) -> list[str]:
    """The days on which terms end, as the institution's calendar writes them."""
    found = (boundary(anchor, interval, number, INSTITUTION_ZONE) for number in numbers)
    return [each.astimezone(NAIROBI).date().isoformat() for each in found]


def test_months_from_the_31st_end_on_the_last_day_and_come_back() -> None:
    anchor = datetime(2027, 1, 31, 9, 0, tzinfo=NAIROBI).astimezone(UTC)
    assert ends(anchor, Interval.MONTH, range(8)) == [
        "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30", "2027-07-31", "2027-08-31",
    ]  # fmt: skip
    assert ends(anchor, Interval.MONTH, [13, 25]) == ["2028-02-29", "2029-02-28"]


def test_years_from_29_february_end_on_it_when_there_is_one() -> None:
    anchor = datetime(2028, 2, 29, 12, 0, tzinfo=NAIROBI).astimezone(UTC)
    assert ends(anchor, Interval.YEAR, range(1, 5)) == ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]
    assert ends(anchor, Interval.MONTH, [1, 12, 48]) == ["2028-03-29", "2029-02-28", "2032-02-29"]


def test_days_are_those_of_the_institution_and_not_of_utc() -> None:
    """22:30 UTC on 30 January is 01:30 on the 31st in Nairobi: the term is anchored to the 31st."""
    anchor = datetime(2027, 1, 30, 22, 30, tzinfo=UTC)
    assert ends(anchor, Interval.MONTH, [1, 2]) == ["2027-02-28", "2027-03-31"]
    assert boundary(anchor, Interval.MONTH, 2, INSTITUTION_ZONE) == datetime(2027, 3, 30, 22, 30, tzinfo=UTC)
    assert boundary(anchor, Interval.MONTH, 2, "UTC") == datetime(2027, 3, 30, 22, 30, tzinfo=UTC)
    assert boundary(anchor, Interval.MONTH, 1, "UTC") == datetime(2027, 2, 28, 22, 30, tzinfo=UTC)


def test_a_term_ends_at_the_same_time_of_day_across_summer_time() -> None:
    anchor = datetime(2027, 3, 1, 9, 0, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    ended = boundary(anchor, Interval.MONTH, 1, "Europe/Berlin").astimezone(ZoneInfo("Europe/Berlin"))
    assert (ended.month, ended.day, ended.hour) == (4, 1, 9)


@given(MOMENTS, st.sampled_from(Interval), st.integers(0, 60), ZONES)
@hypothesis_settings(max_examples=300, deadline=None)
def test_terms_follow_each_other_and_keep_their_day(
    anchor: datetime, interval: Interval, number: int, zone: str
) -> None:
    start, end = (boundary(anchor, interval, each, zone) for each in (number, number + 1))
    assert start < end
    assert timedelta(days=26) < (end - start) / interval.months < timedelta(days=33)
    there, ended = anchor.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if zone != "Pacific/Apia":  # which once left a day out
        following = (ended + timedelta(days=1)).day
        assert ended.day == there.day or (following == 1 and ended.day < there.day)


def test_the_days_left_count_today_and_never_leave_their_bounds() -> None:
    start, end = datetime(2027, 1, 31, 6, tzinfo=UTC), datetime(2027, 2, 28, 6, tzinfo=UTC)
    assert days_left(start, end, start, INSTITUTION_ZONE) == (28, 28)
    assert days_left(start, end, datetime(2027, 2, 14, 6, tzinfo=UTC), INSTITUTION_ZONE) == (14, 28)
    assert days_left(start, end, datetime(2027, 2, 27, 22, tzinfo=UTC), INSTITUTION_ZONE) == (0, 28)
    assert days_left(start, end, end + timedelta(days=9), INSTITUTION_ZONE) == (0, 28)
    assert days_left(end, start, end, INSTITUTION_ZONE) == (0, 1)


def test_changes_cost_the_difference_of_the_unused_days() -> None:
    up = proration.within_term(100_00, 250_00, days=15, whole=30, balance=0)
    assert (up.credit, up.charge, up.due, up.kept) == (50_00, 125_00, 75_00, 0)
    down = proration.within_term(250_00, 100_00, days=15, whole=30, balance=0)
    assert (down.due, down.kept) == (0, 75_00)
    year = proration.new_term(100_00, 1000_00, days=10, whole=31, balance=5_00)
    assert (year.credit, year.charge, year.due) == (32_26, 1000_00, 962_74)
    with pytest.raises(ValueError, match="negative"):
        proration.part_of(100, 31, 30)


@given(AMOUNTS, AMOUNTS, st.integers(1, 366), st.data(), AMOUNTS)
@hypothesis_settings(max_examples=300, deadline=None)
def test_no_cent_appears_or_vanishes_in_a_change(
    old: int, new: int, whole: int, data: st.DataObject, balance: int
) -> None:
    days = data.draw(st.integers(0, whole))
    for reckon in (proration.within_term, proration.new_term):
        sums = reckon(old, new, days=days, whole=whole, balance=balance)
        assert sums.credit + sums.balance + sums.due == sums.charge + sums.kept
        assert min(sums.credit, sums.charge, sums.due, sums.kept) >= 0 and (sums.due == 0 or sums.kept == 0)
        assert sums.credit <= old and 2 * abs(sums.credit * whole - old * days) <= whole
    same = proration.within_term(old, old, days=days, whole=whole, balance=0)
    assert (same.due, same.kept) == (0, 0)
    assert proration.part_of(old, days, whole) + proration.part_of(old, whole - days, whole) in (old, old + 1)


def test_what_is_over_stays_over_and_everything_can_end() -> None:
    assert not [state for state, _ in TABLE if state in OVER]
    for state in State:
        if state not in OVER:
            assert after(state, Cause.CANCELLED) == State.CANCELLED
    reached = {State.INCOMPLETE, State.TRIALING}
    while grown := {following for (state, _), following in TABLE.items() if state in reached} - reached:
        reached |= grown
    assert reached == set(State)
    assert frozenset({State.TRIALING, State.ACTIVE, State.PAST_DUE}) == OPEN


def test_the_drawing_in_the_documents_is_the_table() -> None:
    document = Path(__file__).parents[3].joinpath("docs", "subscriptions.md").read_text("utf-8")
    assert drawing() in document


def test_attempts_come_at_0_1_3_and_7_days_and_never_close_together() -> None:
    asked = datetime(2027, 3, 31, 6, tzinfo=UTC)
    planned, last = [], None
    for number in range(5):
        planned.append(dunning.attempt_at(asked, last, number))
        last = planned[-1]
    assert [each and (each - asked).days for each in planned] == [0, 1, 3, 7, None]
    late = asked + timedelta(days=5)
    assert dunning.attempt_at(asked, late, 2) == late + dunning.APART
    assert dunning.patience_ends(asked, asked + timedelta(days=7)) == asked + timedelta(days=7, hours=1)
