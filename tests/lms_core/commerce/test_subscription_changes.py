"""Changes of a subscription: plans in both directions, pauses, cancellations, and money that goes back."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from lms_core.commerce.documents.models import Document
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.service import settling
from lms_core.commerce.subscriptions import opening
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.errors import OtherCurrency, PauseTooLong, SamePrice, SubscriptionState
from lms_core.commerce.subscriptions.models import Way
from lms_core.commerce.subscriptions.periods import Interval
from lms_core.commerce.subscriptions.schemas import (
    CancelIn,
    ChangeIn,
    ChangePreview,
    CheckoutView,
    PauseIn,
    PlanChange,
    PlanCoursesIn,
    PlanView,
    PriceIn,
    When,
)
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.money import Currency
from lms_core.learning.enrolments import service as enrolments
from tests.factories.people import Person, actor_of, create_person
from tests.lms_core.commerce.subscribing import School
from workers.runtime import Runtime


@pytest.fixture
def school(runtime: Runtime, clock: MovingClock) -> School:
    return School(runtime, clock)


def change(
    school: School, person: Person, plan: PlanView, interval: Interval = Interval.MONTH, when: When = When.NOW
) -> CheckoutView:
    """Ask for another plan."""
    with school.writing(person) as ctx:
        return subscriptions.change(ctx, given=ChangeIn(price_id=school.price(plan, interval), when=when))


def preview(school: School, person: Person, plan: PlanView, interval: Interval = Interval.MONTH) -> ChangePreview:
    """What it would cost."""
    with school.database.read(actor_of(school.database, person)) as ctx:
        return subscriptions.preview_change(ctx, given=ChangeIn(price_id=school.price(plan, interval)))


def test_a_dearer_plan_costs_the_difference_and_begins_when_paid(school: School) -> None:
    basic, full = school.plan(school.ice), school.plan(school.ice, school.steam, month=2500_00, title="Full")
    asha = school.subscribed(basic, way=Way.SAVED)  # 5 January to 5 February: 31 days
    ends_at = school.row(asha).ends_at
    school.days(10)
    said = preview(school, asha, full)
    assert (said.days_left, said.days, said.credit, said.charge) == (21, 31, 677_42, 1693_55)
    assert (said.due, said.kept, said.ends_at) == (1016_13, 0, ends_at)
    made = change(school, asha, full)
    assert made.due is not None and made.due.amount == 1016_13
    assert school.open_to(asha) == {"Ice"}, "not before it is paid"
    school.pay(asha, "declined")
    assert school.open_to(asha) == {"Ice"} and school.state(asha) == "active"
    school.pay(asha)
    row = school.row(asha)
    assert (school.open_to(asha), row.amount, row.ends_at) == ({"Ice", "Steam"}, 2500_00, ends_at)
    school.move_to(ends_at)
    school.look()
    assert school.till.charges[-1].amount.amount == 2500_00
    assert school.books()["receipts"] == 0
    assert school.received() == (1000_00 + 1016_13 + 2500_00, 0)


def test_a_cheaper_plan_leaves_credit_that_later_terms_use(school: School) -> None:
    basic, full = school.plan(school.ice), school.plan(school.ice, school.steam, month=2500_00, title="Full")
    asha = school.subscribed(full, way=Way.SAVED)
    school.days(10)
    made = change(school, asha, basic)
    assert made.due is None and school.open_to(asha) == {"Ice"}
    assert school.row(asha).credit == 1693_55 - 677_42
    school.move_to(school.row(asha).ends_at)
    school.look()
    assert school.state(asha) == "active" and len(school.till.charges) == 1  # credit paid for all of it
    assert school.row(asha).credit == 16_13
    school.move_to(school.row(asha).ends_at)
    school.look()
    assert school.till.charges[-1].amount.amount == 1000_00 - 16_13 and school.row(asha).credit == 0


def test_a_year_instead_of_months_begins_a_new_term(school: School) -> None:
    plan = school.plan(school.ice, year=9000_00)
    asha = school.subscribed(plan, way=Way.SAVED)
    school.days(10)
    assert preview(school, asha, plan, Interval.YEAR).due == 9000_00 - 677_42
    change(school, asha, plan, Interval.YEAR)
    school.pay(asha)
    row = school.row(asha)
    assert (school.day(row.starts_at), school.day(row.ends_at)) == ("2026-01-15", "2027-01-15")
    change(school, asha, plan, Interval.MONTH)  # and back: the rest of the year pays for months to come
    credit = school.row(asha).credit
    assert school.state(asha) == "active" and 7990_00 < credit < 8010_00
    for _ in range(7):
        school.move_to(school.row(asha).ends_at)
        school.look()
    assert len(school.till.charges) == 2 and school.row(asha).credit == credit - 7000_00


def test_a_change_at_the_end_of_the_term_owes_nothing_now(school: School) -> None:
    basic, full = school.plan(school.ice, year=9000_00), school.plan(school.steam, month=2500_00, title="Full")
    asha = school.subscribed(full, way=Way.SAVED)
    made = change(school, asha, basic, Interval.YEAR, When.PERIOD_END)
    assert made.due is None and made.subscription.next_price is not None
    assert school.open_to(asha) == {"Steam"}
    with school.writing(asha) as ctx:
        assert subscriptions.keep_plan(ctx).next_price is None
    change(school, asha, basic, Interval.YEAR, When.PERIOD_END)
    ended = school.row(asha).ends_at
    school.move_to(ended)
    school.look()
    row = school.row(asha)
    assert school.open_to(asha) == {"Ice"} and school.till.charges[-1].amount.amount == 9000_00
    assert (row.starts_at, row.interval, row.next_price_id) == (ended, "year", None)
    assert school.day(row.ends_at) == "2027-02-05"


def test_a_change_that_is_not_paid_is_forgotten_with_the_term(school: School) -> None:
    basic, full = school.plan(school.ice), school.plan(school.steam, month=2500_00, title="Full")
    asha = school.subscribed(basic, way=Way.SAVED)
    school.days(20)
    made = change(school, asha, full)
    assert made.due is not None and made.due.intent_id is not None
    school.pay(asha, "open")
    school.move_to(school.row(asha).ends_at)
    paid_for = len(school.till.charges)
    school.till.mood = "paid"
    school.look()
    assert len(school.till.charges) == paid_for + 1 and school.till.charges[-1].amount.amount == 1000_00
    assert school.state(asha) == "active" and school.open_to(asha) == {"Ice"}


def test_what_a_change_refuses(school: School) -> None:
    basic, full = school.plan(school.ice), school.plan(school.steam, month=2500_00, title="Full")
    with school.writing(school.boss) as ctx:
        dollars = subscriptions.set_price(
            ctx, full.id, price=PriceIn(currency=Currency.USD, interval=Interval.MONTH, amount=19_00)
        )
    in_dollars = next(each.id for each in dollars.prices if each.currency == Currency.USD)
    asha = school.subscribed(basic)
    with school.writing(asha) as ctx:
        with pytest.raises(SamePrice):
            subscriptions.change(ctx, given=ChangeIn(price_id=school.price(basic)))
        with pytest.raises(OtherCurrency):
            subscriptions.change(ctx, given=ChangeIn(price_id=in_dollars))
    school.move_to(school.row(asha).ends_at)
    school.look()
    with school.writing(asha) as ctx, pytest.raises(SubscriptionState):  # pay first
        subscriptions.change(ctx, given=ChangeIn(price_id=school.price(full)))


def test_a_new_price_is_for_new_subscribers(school: School) -> None:
    plan = school.plan(school.ice)
    asha = school.subscribed(plan, way=Way.SAVED)
    with school.writing(school.boss) as ctx:
        dearer = PriceIn(currency=Currency.KES, interval=Interval.MONTH, amount=1500_00)
        plan = subscriptions.set_price(ctx, plan.id, price=dearer)
        subscriptions.change_plan(ctx, plan.id, change=PlanChange(tax_rate=800))
    assert [each.amount for each in plan.prices] == [1500_00]
    school.move_to(school.row(asha).ends_at)
    school.look()
    assert school.till.charges[-1].amount.amount == 1000_00 and school.row(asha).tax_rate == 1600
    school.subscribed(plan)
    assert school.till.charges[-1].amount.amount == 1500_00


def test_a_pause_keeps_the_days_that_are_paid_for(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice), way=Way.SAVED)
    ended = school.row(asha).ends_at
    school.days(10)
    with school.writing(asha) as ctx:
        with pytest.raises(PauseTooLong):
            subscriptions.pause(ctx, given=PauseIn(until=ctx.now + timedelta(days=91)))
        subscriptions.pause(ctx, given=PauseIn(until=ctx.now + timedelta(days=60)))
    assert school.state(asha) == "paused" and school.open_to(asha) == set()
    school.days(40)  # past the end of the term: nothing is asked for
    assert school.state(asha) == "paused" and len(school.till.charges) == 1
    with school.writing(asha) as ctx:
        subscriptions.resume(ctx)
    assert school.open_to(asha) == {"Ice"} and school.row(asha).ends_at == ended + timedelta(days=40)
    school.move_to(school.row(asha).ends_at)
    school.look()
    row = school.row(asha)
    assert school.state(asha) == "active" and len(school.till.charges) == 2
    assert school.day(row.ends_at)[8:] == school.day(row.starts_at)[8:] == school.day(ended + timedelta(days=40))[8:]


def test_a_pause_ends_by_itself_and_costs_nobody_a_day(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice), way=Way.SAVED)
    ended = school.row(asha).ends_at
    with school.writing(asha) as ctx:
        subscriptions.pause(ctx, given=PauseIn(until=ctx.now + timedelta(days=30)))
    school.move_to(school.clock.now() + timedelta(days=35))  # the machine was off for five days
    school.look()
    assert school.state(asha) == "active" and school.row(asha).ends_at == ended + timedelta(days=30)
    assert school.notices(asha)[-1] == "subscriptions.resumed"


def test_cancelling_at_the_end_and_thinking_better_of_it(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice), way=Way.SAVED)
    with school.writing(asha) as ctx:
        said = subscriptions.cancel(ctx, given=CancelIn(when=When.PERIOD_END))
    assert (said.state, said.cancel_at_end, said.renews_at) == ("active", True, None)
    assert school.open_to(asha) == {"Ice"}
    with school.writing(asha) as ctx:
        assert subscriptions.resume(ctx).renews_at is not None
        subscriptions.cancel(ctx, given=CancelIn(when=When.PERIOD_END))
    school.move_to(school.row(asha).ends_at)
    school.look()
    assert (school.state(asha), school.row(asha).state) == ("", "cancelled")
    assert school.open_to(asha) == set() and len(school.till.charges) == 1


def test_cancelling_at_once_closes_at_once(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice))
    with school.writing(asha) as ctx:
        said = subscriptions.cancel(ctx, given=CancelIn(when=When.NOW))
    assert (said.state, said.open, said.may, school.open_to(asha)) == ("cancelled", False, (), set())
    school.days(40)
    assert school.row(asha).state == "cancelled" and school.received() == (1000_00, 0)


def test_a_full_refund_ends_it_and_a_part_does_not(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice))
    term = school.status(asha).terms[0]
    assert term.intent_id is not None
    with school.writing(school.boss) as ctx:
        payment = payments.view(ctx, term.intent_id).last
        assert payment is not None
        payments.ask_refund(ctx, payment_id=payment.id, amount=300_01, reason="Goodwill", key="first")
    school.settle()
    assert school.state(asha) == "active" and school.received() == (1000_00, 300_01)
    with school.writing(school.boss) as ctx:
        payments.ask_refund(ctx, payment_id=payment.id, reason="Asked for", key="second")
    school.settle()
    assert school.row(asha).state == "cancelled" and school.open_to(asha) == set()
    books = school.books()
    assert school.received() == (1000_00, 1000_00)
    assert (books["receipts"], books["vat"], books["revenue"] - books["refunds"]) == (0, 0, 0)
    with school.database.read(system_actor(asha.tenant_id)) as ctx:
        made = select(Document.kind).order_by(Document.kind)  # all there are: one invoice for one payment
        kinds = list(ctx.session.execute(made).scalars())
    assert kinds == ["credit_note", "credit_note", "invoice", "receipt"]


def test_money_that_the_bank_takes_back_closes_the_courses(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice), way=Way.SAVED)
    intent_id = school.status(asha).terms[0].intent_id
    assert intent_id is not None
    with school.database.write(system_actor(asha.tenant_id)) as ctx:
        last = payments.view(ctx, intent_id).last
        assert last is not None
        settling.take_back(ctx, *settling.queries.locked(ctx, last.id))
    school.settle()
    assert school.row(asha).state == "cancelled" and school.open_to(asha) == set()
    assert school.books()["receipts"] == 0 and school.received() == (1000_00, 1000_00)


def test_credit_of_an_ended_subscription_helps_to_pay_the_next(school: School) -> None:
    basic, full = school.plan(school.ice), school.plan(school.ice, school.steam, month=2500_00, title="Full")
    asha = school.subscribed(full)
    change(school, asha, basic)
    credit = school.row(asha).credit
    assert credit == 1500_00
    with school.writing(asha) as ctx:
        subscriptions.cancel(ctx, given=CancelIn(when=When.NOW))
    made = school.checkout(asha, full)
    assert made.due is not None and made.due.amount == 1000_00
    school.pay(asha)
    assert school.row(asha).credit == 0 and school.books()["receipts"] == 0


def test_the_courses_of_a_plan_change_for_who_has_it(school: School) -> None:
    plan = school.plan(school.ice)
    asha = school.subscribed(plan)
    with school.writing(school.boss) as ctx:
        subscriptions.set_courses(ctx, plan.id, given=PlanCoursesIn(course_ids=[school.steam.id]))
    school.settle()
    assert school.open_to(asha) == {"Steam"}


def test_a_plan_for_every_course_lets_its_subscriber_pick(school: School) -> None:
    asha = school.subscribed(school.plan(scope="all"))
    assert school.open_to(asha) == set() and school.row(asha).state == "active"
    with school.writing(asha) as ctx:
        subscriptions.join_course(ctx, school.steam.slug)
    assert school.open_to(asha) == {"Steam"}
    with school.writing(asha) as ctx:
        subscriptions.pause(ctx, given=PauseIn())
    assert school.open_to(asha) == set()
    with school.writing(asha) as ctx:
        subscriptions.resume(ctx)
    assert school.open_to(asha) == {"Steam"}


def test_a_refunded_purchase_stays_open_for_as_long_as_the_subscription(school: School) -> None:
    asha, plan = create_person(school.database), school.plan(school.ice)
    with school.writing(school.boss) as ctx:
        enrolments.enrol_person(ctx, user_id=asha.id, course_id=school.ice.id, source="purchase")
    school.checkout(asha, plan)
    school.pay(asha)
    with school.writing(school.boss) as ctx:  # as a refund of the order asks
        assert set(opening.keep_open(ctx, asha.id, {school.ice.id, school.steam.id})) == {school.ice.id}
    assert school.open_to(asha) == {"Ice"}
    with school.writing(asha) as ctx:
        subscriptions.cancel(ctx, given=CancelIn(when=When.NOW))
    assert school.open_to(asha) == set()


def test_a_deleted_account_leaves_no_subscription_running(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice), way=Way.PHONE, phone="0712345678")
    with school.database.write(system_actor(asha.tenant_id)) as ctx:
        subscriptions.leave_for_good(ctx, asha.id)
    row = school.row(asha)
    assert (row.state, row.living, row.look_at, row.phone_sealed) == ("cancelled", None, None, "")
    school.days(40)
    assert len(school.till.charges) == 1


def test_workers_that_look_at_once_ask_once(school: School) -> None:
    asha = school.subscribed(school.plan(school.ice), way=Way.SAVED)
    school.move_to(school.row(asha).ends_at)
    together = threading.Barrier(6)

    def look() -> None:
        together.wait()
        school.look()

    threads = [threading.Thread(target=look) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    school.settle()
    assert school.state(asha) == "active" and len(school.till.charges) == 2
    assert school.attempts(asha) == [(0, "saved", "paid")]


def test_two_windows_make_one_subscription(school: School) -> None:
    plan, asha = school.plan(school.ice), create_person(school.database)
    together, seen = threading.Barrier(6), list[str]()

    def subscribe() -> None:
        together.wait()
        try:
            seen.append(str(school.checkout(asha, plan).subscription.id))
        except Exception as error:
            seen.append(repr(error))

    threads = [threading.Thread(target=subscribe) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(set(seen)) == 1 and seen[0] == str(school.row(asha).id)
