"""Subscriptions over two years of a moving clock: terms, renewals, unpaid terms, trials, and what is open meanwhile."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.errors import AlreadySubscribed, NothingToPay
from lms_core.commerce.subscriptions.models import Way
from lms_core.commerce.subscriptions.periods import Interval
from lms_core.commerce.subscriptions.schemas import CancelIn, CheckoutIn, When
from lms_core.kit.clock import MovingClock
from lms_core.learning.enrolments import service as enrolments
from tests.factories.people import create_person
from tests.lms_core.commerce.subscribing import NAIROBI, School
from workers.runtime import Runtime


@pytest.fixture
def school(runtime: Runtime, clock: MovingClock) -> School:
    return School(runtime, clock)


def test_two_years_of_months_from_the_31st_by_a_kept_card(runtime: Runtime, clock: MovingClock) -> None:
    school = School(runtime, clock, at=datetime(2027, 1, 31, 9, 0, tzinfo=NAIROBI))
    plan = school.plan(school.ice)
    asha = school.subscribed(plan, way=Way.SAVED)
    assert school.row(asha).method_id is not None  # the first payment kept the card
    ends = [school.day(school.row(asha).ends_at)]
    for _ in range(731):
        school.days(1)
        day = school.day(school.row(asha).ends_at)
        if day != ends[-1]:
            ends.append(day)
            assert school.attempts(asha) == [(0, "saved", "paid")]
        assert school.state(asha) == "active" and school.open_to(asha) == {"Ice"}
    assert ends[:6] == ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30", "2027-07-31"]
    assert ends[12:14] == ["2028-02-29", "2028-03-31"] and len(ends) == 25
    assert len(school.till.charges) == 25  # the last of them on 31 January 2029
    assert {charge.amount.amount for charge in school.till.charges} == {1000_00}
    assert school.received() == (25 * 1000_00, 0)
    books = school.books()
    assert (books["receipts"], books["vat"], books["revenue"]) == (0, 25 * 137_93, 25 * (1000_00 - 137_93))


def test_years_from_29_february(runtime: Runtime, clock: MovingClock) -> None:
    school = School(runtime, clock, at=datetime(2028, 2, 29, 12, 0, tzinfo=NAIROBI))
    asha = school.subscribed(school.plan(school.ice, year=9000_00), Interval.YEAR, way=Way.SAVED)
    ends = []
    for _ in range(5):
        ends.append(school.day(school.row(asha).ends_at))
        school.move_to(school.row(asha).ends_at)
        school.look()
    assert ends == ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29", "2033-02-28"]
    assert school.notices(asha).count("subscriptions.renewed") == 5


def test_an_unpaid_term_is_asked_for_four_times_and_then_closes(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice), way=Way.SAVED)
    fell_due = school.row(asha).ends_at
    school.till.mood = "declined"
    school.move_to(fell_due - timedelta(hours=1))
    school.look()
    assert school.state(asha) == "active"
    school.move_to(fell_due)
    school.look()
    assert school.state(asha) == "past_due" and school.open_to(asha) == {"Ice"}
    seen = {0: 1}
    for day in range(1, 8):
        assert school.open_to(asha) == {"Ice"}, "the days of grace are open"
        school.move_to(fell_due + timedelta(days=day))
        school.look()
        seen[day] = len(school.attempts(asha))
    assert seen == {0: 1, 1: 2, 2: 2, 3: 3, 4: 3, 5: 3, 6: 3, 7: 4}
    assert school.attempts(asha) == [(number, "saved", "failed") for number in range(4)]
    assert school.state(asha) == "unpaid" and school.open_to(asha) == set()
    told = school.notices(asha)
    assert told.count("subscriptions.renewal_failed") == 3 and told[-1] == "subscriptions.unpaid"

    school.days(10)
    assert len(school.till.charges) == 5  # nobody is asked any more
    school.pay(asha)
    back = school.row(asha)
    assert school.state(asha) == "active" and school.open_to(asha) == {"Ice"}
    assert back.starts_at == school.clock.now()  # nothing was open meanwhile, so nothing of it is charged for
    assert school.day(back.ends_at)[8:] == school.day(back.starts_at)[8:]


def test_what_is_never_paid_expires(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice), way=Way.SAVED)
    school.till.mood = "declined"
    school.days(31 + 7 + 1)
    assert school.state(asha) == "unpaid"
    school.days(28)
    assert school.state(asha) == "unpaid"
    school.days(2)
    assert (school.state(asha), school.row(asha).state) == ("", "expired")
    assert school.notices(asha)[-1] == "subscriptions.ended"
    with school.writing(asha) as ctx, pytest.raises(Exception, match="no subscription"):
        subscriptions.access_due(ctx)
    school.checkout(asha, school.plan(school.steam))  # and may begin anew
    school.pay(asha)
    assert school.open_to(asha) == {"Steam"}


def test_a_late_payment_within_the_days_of_grace_keeps_the_day(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice))  # by hand
    fell_due = school.row(asha).ends_at
    school.move_to(fell_due)
    school.look()
    assert school.notices(asha)[-1] == "subscriptions.payment_due"
    assert school.attempts(asha) == [(0, "by_hand", "asked")]
    school.days(4)
    school.pay(asha, "declined")  # what they try themselves is not told to them again
    assert "subscriptions.renewal_failed" not in school.notices(asha)
    school.pay(asha)
    row = school.row(asha)
    assert (school.state(asha), row.starts_at) == ("active", fell_due)
    with school.writing(asha) as ctx, pytest.raises(NothingToPay):
        subscriptions.access_due(ctx)


def test_a_phone_is_prompted_and_answers_late(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice), way=Way.PHONE, phone="0712 345 678")
    said = school.status(asha).subscription
    assert said is not None and said.phone == "2547***678"
    assert "0712" not in school.row(asha).phone_sealed and "712345678" not in school.row(asha).phone_sealed
    school.till.mood = "open"
    school.move_to(school.row(asha).ends_at)
    school.look()
    assert school.attempts(asha) == [(0, "phone", "asked")]
    assert school.till.charges[-1].payer.phone == "254712345678"
    assert school.status(asha).paying == "pending"
    school.till.decide("paid")
    school.clock.move(timedelta(minutes=3))
    school.settle()  # payments ask the provider again
    assert (school.state(asha), school.attempts(asha)) == ("active", [(0, "phone", "paid")])


def test_a_trial_is_open_at_once_and_given_once(school: School) -> None:
    plan = school.plan(school.ice, trial_days=14)
    asha = create_person(school.database)
    made = school.checkout(asha, plan)
    assert (made.due, made.subscription.state, school.open_to(asha)) == (None, "trialing", {"Ice"})
    school.days(10)
    assert school.notices(asha) == ["subscriptions.trial_started"]
    school.days(1.5)
    assert school.notices(asha)[-1] == "subscriptions.renewal_coming"
    school.days(3)
    assert school.state(asha) == "past_due"
    school.pay(asha)
    row = school.row(asha)
    assert school.state(asha) == "active" and row.starts_at == row.trial_ends_at
    with school.writing(asha) as ctx:
        subscriptions.cancel(ctx, given=CancelIn(when=When.NOW))
    assert school.checkout(asha, plan).subscription.state == "incomplete"  # one trial a person


def test_a_trial_that_nobody_pays_for_closes(school: School) -> None:
    asha = create_person(school.database)
    school.checkout(asha, school.plan(school.ice, trial_days=14))
    school.days(14 + 7 + 1)
    assert school.state(asha) == "unpaid" and school.open_to(asha) == set()


def test_a_first_payment_is_waited_for_a_day(school: School) -> None:
    plan, asha = school.plan(school.ice), create_person(school.database)
    made = school.checkout(asha, plan)
    again = school.checkout(asha, plan)
    assert made.due is not None and again.due is not None and made.due.intent_id == again.due.intent_id
    school.pay(asha, "declined")
    assert school.state(asha) == "incomplete" and school.open_to(asha) == set()
    school.days(1.1)
    assert (school.state(asha), school.row(asha).state) == ("", "expired")
    assert school.notices(asha) == []


def test_a_first_choice_is_replaced_and_its_late_money_is_not_lost(school: School) -> None:
    month_and_year, asha = school.plan(school.ice, year=9000_00), create_person(school.database)
    school.checkout(asha, month_and_year)
    school.till.mood = "open"
    school.pay(asha, "open")
    school.checkout(asha, month_and_year, Interval.YEAR)  # another mind, while the prompt is open
    school.till.decide("paid")
    school.clock.move(timedelta(minutes=3))
    school.settle()
    assert school.row(asha).credit == 1000_00 and school.state(asha) == "incomplete"
    school.clock.move(timedelta(hours=1))
    school.pay(asha)
    assert school.row(asha).credit == 1000_00 and school.state(asha) == "active"
    assert school.books()["receipts"] == 0 and school.received() == (10_000_00, 0)


def test_nobody_has_two(school: School) -> None:
    plan, other = school.plan(school.ice), school.plan(school.steam)
    asha = school.subscribed(plan)
    with school.writing(asha) as ctx, pytest.raises(AlreadySubscribed):
        subscriptions.checkout(ctx, given=CheckoutIn(price_id=school.price(other)))


def test_a_plan_for_nothing_needs_no_payment_and_renews(school: School) -> None:
    asha = create_person(school.database)
    assert school.checkout(asha, school.plan(school.ice, month=0)).due is None
    for _ in range(3):
        school.move_to(school.row(asha).ends_at)
        school.look()
        assert school.state(asha) == "active"
    assert school.till.charges == [] and school.received() == (0, 0)


def test_a_machine_that_was_off_catches_up_without_asking_twice_at_once(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice), way=Way.SAVED)
    fell_due = school.row(asha).ends_at
    school.move_to(fell_due + timedelta(days=6))
    school.till.mood = "declined"
    school.look()
    school.look()
    assert school.attempts(asha) == [(0, "saved", "failed")] and school.state(asha) == "past_due"
    school.till.mood = "paid"
    school.days(1)
    row = school.row(asha)
    assert school.state(asha) == "active" and row.starts_at == fell_due
    school.move_to(row.ends_at + timedelta(days=80))
    school.look()
    while school.row(asha).ends_at <= school.clock.now():
        school.look()
    assert school.day(school.row(asha).ends_at)[8:] == school.day(fell_due)[8:]


def test_courses_that_came_another_way_stay(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice, school.steam))
    assert school.open_to(asha) == {"Ice", "Steam"}
    with school.writing(school.boss) as ctx:  # bought while it was open by the subscription
        assert not enrolments.enrol_person(ctx, user_id=asha.id, course_id=school.ice.id, source="purchase")
    with school.writing(asha) as ctx:
        subscriptions.cancel(ctx, given=CancelIn(when=When.NOW))
    assert school.open_to(asha) == {"Ice"}
    juma = create_person(school.database)
    with school.writing(school.boss) as ctx:  # bought before
        enrolments.enrol_person(ctx, user_id=juma.id, course_id=school.steam.id, source="purchase")
    school.checkout(juma, school.plan(school.ice, school.steam))
    school.pay(juma)
    with school.writing(juma) as ctx:
        subscriptions.cancel(ctx, given=CancelIn(when=When.NOW))
    assert school.open_to(juma) == {"Steam"}


def test_a_course_somebody_left_is_not_forced_on_them(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice, school.steam), way=Way.SAVED)
    with school.writing(asha) as ctx:
        enrolments.leave(ctx, school.ice.id)
    school.move_to(school.row(asha).ends_at)
    school.look()
    assert school.state(asha) == "active" and school.open_to(asha) == {"Steam"}


def test_two_years_of_days_are_whole(school: School) -> None:
    """Every whole term begins where the one before ended, whatever the payer does in between."""
    asha = school.subscribed(school.plan(school.ice), way=Way.SAVED)
    for month in range(24):
        school.till.mood = "declined" if month % 3 == 2 else "paid"
        school.move_to(school.row(asha).ends_at)
        school.look()
        if month % 3 == 2:
            school.days(2)
            school.pay(asha)
        assert school.state(asha) == "active"
    terms = sorted(school.status(asha).terms, key=lambda each: each.number)
    assert all(one.ends_at == two.starts_at for one, two in pairwise(terms))
    assert len({each.id for each in terms}) == 24 and terms[-1].ends_at > datetime(2028, 1, 5, tzinfo=UTC)
