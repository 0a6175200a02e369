"""Seats of a subscription, and what its plan meters: given by letter, taken, paid for, counted, billed by a term."""

import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from hypothesis import given as for_all
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from lms_core.commerce.documents.models import Document
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.errors import (
    AllowanceUsed,
    SeatClaimed,
    SeatNotFound,
    SeatsTaken,
    SubscriptionState,
    TooMuchToPay,
)
from lms_core.commerce.subscriptions.metering import Meter
from lms_core.commerce.subscriptions.models import Metric, SubscriptionSeat, Way
from lms_core.commerce.subscriptions.periods import Interval
from lms_core.commerce.subscriptions.schemas import (
    AllowanceIn,
    CancelIn,
    ChangeIn,
    CheckoutView,
    PauseIn,
    PlanView,
    SeatsGivenIn,
    SeatsIn,
    SeatView,
    When,
)
from lms_core.kit import personal
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.money import MAX_AMOUNT, Currency
from rag.conversations import service as conversations
from rag.conversations.schemas import QuestionIn
from tests.factories.people import Person, create_person
from tests.lms_core.commerce.subscribing import School
from workers.runtime import Runtime

LINK = re.compile(r"/seats\?token=([\w-]+)")
QUESTIONS = Metric.ASSISTANT_QUESTIONS


@pytest.fixture
def school(runtime: Runtime, clock: MovingClock) -> School:
    return School(runtime, clock)


def give(school: School, owner: Person, *emails: str) -> list[SeatView]:
    """Give seats to addresses, and let the letters go out."""
    with school.writing(owner) as ctx:
        found = subscriptions.give_seats(ctx, given=SeatsGivenIn(emails=list(emails)))
    school.settle()
    return found


def take(school: School, person: Person, letter: EmailMessage) -> None:
    """Follow the link of a letter."""
    with school.writing(person) as ctx:
        subscriptions.take_seat(ctx, token=LINK.findall(letter.get_content())[0])
    school.settle()


def resize(school: School, owner: Person, seats: int, *, own_seat: bool | None = None) -> CheckoutView:
    """Have so many seats."""
    with school.writing(owner) as ctx:
        made = subscriptions.set_seats(ctx, given=SeatsIn(seats=seats, own_seat=own_seat))
    school.settle()
    return made


def meter(school: School, plan: PlanView, included: int | None, most: int = 0, price: int = 0) -> None:
    """Say how many questions a plan includes."""
    prices = {Currency.KES: price} if most else {}
    told = AllowanceIn(metric=QUESTIONS, included=included, most_beyond=most, beyond_prices=prices)
    with school.writing(school.boss) as ctx:
        subscriptions.set_allowance(ctx, plan.id, given=told)


def use(school: School, person: Person, key: str, quantity: int = 1) -> bool:
    """Use a metered question of the course about ice."""
    with school.writing(person) as ctx:
        return subscriptions.use(ctx, course_id=school.ice.id, metric=QUESTIONS, key=key, quantity=quantity)


def test_seats_are_given_by_letter_and_taken(school: School, mailbox: Callable[[], list[EmailMessage]]) -> None:
    plan = school.plan(school.ice)
    owner = school.subscribed(plan, way=Way.SAVED, seats=3, own_seat=False)
    assert school.till.charges[-1].amount.amount == 3 * 1000_00 and school.open_to(owner) == set()
    asha, juma, other = (create_person(school.database) for _ in range(3))
    assert len(give(school, owner, asha.email, asha.email, juma.email.upper())) == 2
    letters = mailbox()
    assert [each["To"] for each in letters] == [asha.email, juma.email.lower()]
    take(school, asha, letters[0])
    take(school, asha, letters[0])  # again: as it is
    assert school.open_to(asha) == {"Ice"} and school.open_to(juma) == set()
    with school.writing(other) as ctx, pytest.raises(SeatClaimed):
        subscriptions.take_seat(ctx, token=LINK.findall(letters[0].get_content())[0])
    with school.writing(asha) as ctx, pytest.raises(SeatClaimed):  # one seat a person
        subscriptions.take_seat(ctx, token=LINK.findall(letters[1].get_content())[0])
    give(school, owner, juma.email)  # a second letter, whose link counts from now on
    with school.writing(juma) as ctx, pytest.raises(SeatNotFound):
        subscriptions.take_seat(ctx, token=LINK.findall(letters[1].get_content())[0])
    take(school, juma, mailbox()[-1])
    assert school.open_to(juma) == {"Ice"}
    with school.writing(owner) as ctx, pytest.raises(SeatsTaken):
        subscriptions.give_seats(ctx, given=SeatsGivenIn(emails=["a@example.org", "b@example.org"]))
    [held] = school.status(asha).held
    assert (held.plan_title, held.open, [each.title for each in held.courses]) == ("Basic", True, ["Ice"])

    with school.writing(owner) as ctx:
        first = subscriptions.seats(ctx).items[0]
        assert first.taken_at is not None
        subscriptions.withdraw_seat(ctx, first.id)
    assert school.open_to(asha) == set() and school.open_to(juma) == {"Ice"}
    with school.writing(asha) as ctx, pytest.raises(SeatNotFound):
        subscriptions.take_seat(ctx, token=LINK.findall(letters[0].get_content())[0])


def test_the_owners_own_seat_is_one_of_them(school: School, mailbox: Callable[[], list[EmailMessage]]) -> None:
    owner = school.subscribed(school.plan(school.ice), seats=2)
    assert school.open_to(owner) == {"Ice"}
    asha = create_person(school.database)
    give(school, owner, asha.email)
    with school.writing(owner) as ctx, pytest.raises(SeatsTaken):
        subscriptions.give_seats(ctx, given=SeatsGivenIn(emails=["more@example.org"]))
    with school.writing(owner) as ctx, pytest.raises(SeatClaimed):  # they have one
        subscriptions.take_seat(ctx, token=LINK.findall(mailbox()[-1].get_content())[0])
    resize(school, owner, 2, own_seat=False)
    assert school.open_to(owner) == set()
    give(school, owner, "more@example.org")
    with school.writing(owner) as ctx, pytest.raises(SeatsTaken):
        subscriptions.set_seats(ctx, given=SeatsIn(seats=2, own_seat=True))


def test_more_seats_cost_the_rest_of_the_term_and_fewer_leave_credit(school: School) -> None:
    owner = school.subscribed(school.plan(school.ice), way=Way.SAVED, seats=2)  # 5 January to 5 February: 31 days
    ends_at = school.row(owner).ends_at
    school.days(10)
    with school.writing(owner) as ctx:
        said = subscriptions.preview_seats(ctx, given=SeatsIn(seats=5))
    assert (said.days_left, said.days, said.seats, said.amount) == (21, 31, 5, 5000_00)
    assert (said.credit, said.charge, said.due) == (1354_84, 3387_10, 2032_26)
    made = resize(school, owner, 5)
    assert made.due is not None and made.due.amount == 2032_26
    with school.writing(owner) as ctx, pytest.raises(SeatsTaken):  # not before it is paid
        subscriptions.give_seats(ctx, given=SeatsGivenIn(emails=["a@x.org", "b@x.org"]))
    school.pay(owner)
    row = school.row(owner)
    assert (row.amount, row.ends_at) == (5000_00, ends_at)
    give(school, owner, "a@x.org", "b@x.org")
    with school.writing(owner) as ctx, pytest.raises(SeatsTaken):  # two are given, one is theirs
        subscriptions.set_seats(ctx, given=SeatsIn(seats=2))
    assert resize(school, owner, 3).due is None
    assert school.row(owner).credit == 3387_10 - 2032_26
    school.move_to(ends_at)
    school.look()
    assert school.till.charges[-1].amount.amount == 3000_00 - (3387_10 - 2032_26)
    status = school.status(owner)
    assert [(each.quantity, each.unit, each.until is None) for each in status.items] == [
        (3, 1000_00, True), (5, 1000_00, False), (2, 1000_00, False),
    ]  # fmt: skip
    assert status.items[0].since == status.items[1].until
    assert school.books()["receipts"] == 0


def test_seats_keep_their_number_and_price_in_a_change_of_plan(school: School) -> None:
    basic, full = school.plan(school.ice, year=9000_00), school.plan(school.steam, month=2500_00, title="Full")
    owner = school.subscribed(basic, way=Way.SAVED, seats=4)
    with school.writing(owner) as ctx:
        made = subscriptions.change(ctx, given=ChangeIn(price_id=school.price(full), when=When.NOW))
    assert made.due is not None and made.due.amount == 4 * 1500_00
    school.pay(owner)
    assert (school.row(owner).amount, school.open_to(owner)) == (4 * 2500_00, {"Steam"})
    with school.writing(owner) as ctx:
        year = ChangeIn(price_id=school.price(basic, Interval.YEAR), when=When.PERIOD_END)
        said = subscriptions.change(ctx, given=year).subscription
        assert said.next_price is not None and said.next_price.amount == 4 * 9000_00
    school.move_to(school.row(owner).ends_at)
    school.look()
    assert school.till.charges[-1].amount.amount == 4 * 9000_00 and school.row(owner).amount == 4 * 9000_00


def test_an_invoice_says_how_many_seats(school: School) -> None:
    owner = school.subscribed(school.plan(school.ice), seats=30)
    with school.database.read(system_actor(owner.tenant_id)) as ctx:
        made = ctx.session.execute(select(Document.content).where(Document.kind == "invoice")).scalar_one()
    [line] = made["lines"]
    assert (line["quantity"], line["unit"], line["total"]) == (30, 1000_00, 30_000_00)


def test_seats_close_and_open_with_the_subscription(school: School, mailbox: Callable[[], list[EmailMessage]]) -> None:
    owner = school.subscribed(school.plan(school.ice), way=Way.SAVED, seats=2)
    asha = create_person(school.database)
    give(school, owner, asha.email)
    take(school, asha, mailbox()[-1])
    with school.writing(owner) as ctx:
        subscriptions.pause(ctx, given=PauseIn())
    school.settle()
    assert school.open_to(asha) == set()
    with school.writing(owner) as ctx:
        subscriptions.resume(ctx)
    school.settle()
    assert school.open_to(asha) == {"Ice"}
    school.till.mood = "declined"
    school.move_to(school.row(owner).ends_at)
    school.days(9)
    assert school.state(owner) == "unpaid" and school.open_to(asha) == set()
    school.pay(owner)
    assert school.open_to(asha) == {"Ice"}
    with school.writing(owner) as ctx:
        subscriptions.set_seats(ctx, given=SeatsIn(seats=3))
    school.pay(owner)
    give(school, owner, "never@example.org")
    with school.writing(owner) as ctx:
        subscriptions.cancel(ctx, given=CancelIn(when=When.NOW))
    school.settle()
    assert school.open_to(asha) == set() and school.status(asha).held == ()
    with school.database.read(system_actor(owner.tenant_id)) as ctx:
        left = set(ctx.session.execute(select(SubscriptionSeat.email)).scalars())
    assert left == {asha.email}  # who never took theirs is forgotten


def test_a_course_goes_on_by_another_subscription_that_covers_it(
    school: School, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    plan, both = school.plan(school.ice), school.plan(school.ice, school.steam, title="Both")
    owner = school.subscribed(both, seats=2)
    asha = school.subscribed(plan)  # who has one of her own
    give(school, owner, asha.email)
    take(school, asha, mailbox()[-1])
    assert school.open_to(asha) == {"Ice", "Steam"}
    with school.writing(asha) as ctx:
        subscriptions.cancel(ctx, given=CancelIn(when=When.NOW))
    assert school.open_to(asha) == {"Ice", "Steam"}
    with school.writing(owner) as ctx:
        subscriptions.cancel(ctx, given=CancelIn(when=When.NOW))
    school.settle()
    assert school.open_to(asha) == set()


def test_what_seats_refuse(school: School) -> None:
    owner = school.subscribed(school.plan(school.ice, month=MAX_AMOUNT // 100), seats=2)
    with school.writing(owner) as ctx:
        with pytest.raises(TooMuchToPay):
            subscriptions.set_seats(ctx, given=SeatsIn(seats=101))
        subscriptions.cancel(ctx, given=CancelIn(when=When.PERIOD_END))
        with pytest.raises(SubscriptionState):
            subscriptions.set_seats(ctx, given=SeatsIn(seats=3))
    waiting = create_person(school.database)
    school.checkout(waiting, school.plan(school.steam), seats=2)
    with school.writing(waiting) as ctx, pytest.raises(SubscriptionState):
        subscriptions.give_seats(ctx, given=SeatsGivenIn(emails=["a@x.org"]))


def test_an_allowance_is_for_each_seat_and_begins_anew_with_the_term(
    school: School, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    plan = school.plan(school.ice)
    owner = school.subscribed(plan, way=Way.SAVED, seats=2)
    assert not use(school, owner, "unmetered")
    meter(school, plan, 3)
    asha = create_person(school.database)
    give(school, owner, asha.email)
    take(school, asha, mailbox()[-1])
    assert all(use(school, owner, key) for key in ("a", "b", "b", "b", "c"))
    with pytest.raises(AllowanceUsed):
        use(school, owner, "d")
    assert use(school, owner, "c")  # what was counted is not refused afterwards
    assert use(school, asha, "d")  # has an allowance of her own
    [mine] = school.status(owner).meters
    assert (mine.used, mine.included, mine.unit, mine.resets_at) == (3, 3, None, school.row(owner).ends_at)
    assert school.status(asha).held[0].meters[0].used == 1
    school.move_to(school.row(owner).ends_at)
    school.look()
    assert school.till.charges[-1].amount.amount == 2 * 1000_00
    assert use(school, owner, "e") and school.status(owner).meters[0].used == 1
    meter(school, plan, None)
    assert not use(school, owner, "f") and school.status(owner).meters == ()


def test_what_goes_beyond_is_billed_with_the_next_term_once(school: School) -> None:
    plan = school.plan(school.ice)
    meter(school, plan, 2, most=3, price=15_00)
    asha = school.subscribed(plan, way=Way.SAVED)
    for number in range(4):
        assert use(school, asha, f"q{number}")
    with pytest.raises(AllowanceUsed):
        use(school, asha, "too many", quantity=2)
    assert school.status(asha).extra == 30_00 and school.status(asha).meters[0].beyond == 2
    school.move_to(school.row(asha).ends_at)
    school.look()
    assert school.till.charges[-1].amount.amount == 1030_00
    row, status = school.row(asha), school.status(asha)
    assert (row.amount, status.extra, school.state(asha)) == (1000_00, 0, "active")
    assert {(each.kind, each.metric, each.quantity, each.unit) for each in status.items} == {
        ("seats", "", 1, 1000_00), ("extra", "assistant_questions", 2, 15_00),
    }  # fmt: skip
    school.move_to(row.ends_at)
    school.look()
    assert school.till.charges[-1].amount.amount == 1000_00
    assert school.books()["receipts"] == 0 and school.received() == (3030_00, 0)


def test_nothing_goes_beyond_where_no_term_follows(school: School) -> None:
    plan = school.plan(school.ice, trial_days=14)
    meter(school, plan, 1, most=5, price=10_00)
    asha = create_person(school.database)
    school.checkout(asha, plan)
    assert use(school, asha, "a")
    with pytest.raises(AllowanceUsed):
        use(school, asha, "b")
    juma = school.subscribed(school.plan(school.ice, title="Other"))
    assert not use(school, juma, "a")
    with school.writing(asha) as ctx:
        subscriptions.cancel(ctx, given=CancelIn(when=When.PERIOD_END))
    with pytest.raises(AllowanceUsed):
        use(school, asha, "b")


def test_a_year_has_twelve_times_as_many(school: School) -> None:
    plan = school.plan(school.ice, year=9000_00)
    meter(school, plan, 5)
    asha = school.subscribed(plan, Interval.YEAR)
    assert use(school, asha, "all", quantity=60)
    with pytest.raises(AllowanceUsed):
        use(school, asha, "one more")


def test_the_assistant_counts_questions_and_says_when_they_are_used_up(school: School) -> None:
    plan = school.plan(school.ice)
    meter(school, plan, 2)
    asha = school.subscribed(plan)

    def ask() -> None:
        with school.writing(asha) as ctx:
            conversations.ask(ctx, course=school.ice.slug, question_in=QuestionIn(question="Why does ice float?"))

    ask()
    ask()
    with pytest.raises(AllowanceUsed):
        ask()
    assert school.status(asha).meters[0].used == 2
    with school.writing(school.teacher) as ctx:  # who teaches it asks without a count
        conversations.ask(ctx, course=school.ice.slug, question_in=QuestionIn(question="Why does ice float?"))


@for_all(st.integers(0, 50), st.integers(0, 30), st.lists(st.integers(1, 9), max_size=30), st.booleans())
@hypothesis_settings(max_examples=300, deadline=None)
def test_a_meter_never_gives_more_than_it_has(included: int, most: int, asked: list[int], sold: bool) -> None:
    used = beyond = 0
    for quantity in asked:
        now = Meter(QUESTIONS, included, used, most, 1 if sold else None)
        further = now.further(quantity)
        limit = included + (most if sold else 0)
        assert (further is None) == (used + quantity > limit)
        if further is not None:
            used, beyond = used + quantity, beyond + further
    assert beyond == max(used - included, 0) <= most


def test_what_is_known_of_who_has_a_seat_is_handed_out_and_deleted(
    school: School, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    plan = school.plan(school.ice)
    meter(school, plan, 9)
    owner, asha = school.subscribed(plan, seats=2), create_person(school.database)
    give(school, owner, asha.email)
    take(school, asha, mailbox()[-1])
    use(school, asha, "a")
    part = personal.DECLARED["subscriptions"]
    with school.database.write(system_actor(asha.tenant_id)) as ctx:
        told = personal.export(ctx, part, asha.id)
        assert told["subscription_seat"][0]["email"] == asha.email and "token_hash" not in told["subscription_seat"][0]
        assert len(told["seat_course"]) == len(told["subscription_usage"]) == 1
        personal.erase(ctx, part, asha.id)
        assert not personal.export(ctx, part, asha.id).get("subscription_seat")
    with school.writing(owner) as ctx:
        assert subscriptions.seats(ctx).items == []
