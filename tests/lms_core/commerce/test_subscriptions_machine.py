"""Whatever a subscriber, a provider, finance and the clock do, in any order: the promises of subscriptions hold.

2,500 steps and more that did something, counted by the rules themselves (one that had nothing to do is not counted);
what is checked after each is in `promises`.
"""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from lms_core.commerce.payments import service as payments
from lms_core.commerce.subscriptions import queries
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.errors import (
    AllowanceUsed,
    AlreadySubscribed,
    NoSubscription,
    NothingToPay,
    OtherCurrency,
    PauseTooLong,
    PriceNotFound,
    SamePrice,
    SeatsTaken,
    SubscriptionState,
)
from lms_core.commerce.subscriptions.models import Subscription, Term, TermKind, TermState, Way
from lms_core.commerce.subscriptions.periods import Interval
from lms_core.commerce.subscriptions.schemas import (
    AllowanceIn,
    CancelIn,
    ChangeIn,
    CheckoutIn,
    Metric,
    PauseIn,
    PlanView,
    SeatsGivenIn,
    SeatsIn,
    When,
)
from lms_core.commerce.subscriptions.transitions import OPEN, OVER, TABLE, State
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import ReadCtx, system_actor
from lms_core.kit.errors import DomainError
from lms_core.kit.money import Currency
from tests.factories.people import Person, create_person
from tests.lms_core.commerce.subscribing import School
from workers.runtime import Runtime

EXAMPLES, STEPS = 78, 50
REFUSALS = (
    AlreadySubscribed, NoSubscription, NothingToPay, OtherCurrency, PauseTooLong, PriceNotFound, SamePrice,
    SubscriptionState, SeatsTaken, AllowanceUsed,
)  # fmt: skip
PAY_REFUSALS = {
    "no_subscription", "nothing_to_pay", "payment_under_way", "payment_method_unavailable", "payment_closed",
}  # fmt: skip
WHEN = st.sampled_from(When)
MOODS = st.sampled_from(["paid", "paid", "declined", "open"])


def reachable() -> dict[State, set[State]]:
    """The states that any number of causes lead to, itself included."""
    found = {state: {state} for state in State}
    for _ in State:
        for (state, _cause), following in TABLE.items():
            for each in found.values():
                if state in each:
                    each.add(following)
    return found


REACHABLE = reachable()


class Life(RuleBasedStateMachine):
    """A person's life with subscriptions at one school. `school` and `plans` are shared, since making them is slow."""

    school: School
    plans: list[PlanView]
    taken = 0
    walked: set[State]

    @initialize()
    def arrive(self) -> None:
        self.person: Person = create_person(self.school.database)
        self.seen: dict[Any, State] = {}

    def step(self) -> None:
        """A rule did something."""
        type(self).taken += 1

    def teardown(self) -> None:
        if hasattr(self, "person"):  # the clock of the next life has no time for this one
            with self.school.database.write(system_actor(self.person.tenant_id)) as ctx:
                subscriptions.leave_for_good(ctx, self.person.id)

    def _do(self, verb: Any, **given: Any) -> None:
        """One verb of the subscriber; what it refuses is refused by name, and changes nothing."""
        self.step()
        try:
            with self.school.writing(self.person) as ctx:
                verb(ctx, **given)
        except REFUSALS:
            return

    def _price(self, number: int, interval: Interval) -> Any:
        plan = self.plans[number]
        return next((each.id for each in plan.prices if each.interval == interval), plan.prices[0].id)

    @rule(number=st.integers(0, 3), interval=st.sampled_from(Interval), way=st.sampled_from([Way.SAVED, Way.BY_HAND]))
    def check_out(self, number: int, interval: Interval, way: Way) -> None:
        self._do(subscriptions.checkout, given=CheckoutIn(price_id=self._price(number, interval), way=way))

    @rule(mood=MOODS)
    def pay(self, mood: str) -> None:
        self.step()
        try:
            self.school.pay(self.person, mood)
        except DomainError as refused:
            assert refused.code in PAY_REFUSALS

    @rule(mood=MOODS)
    def the_provider_decides(self, mood: str) -> None:
        charges = self.school.till.charges
        if mood != "open" and charges and self.school.till.decided[charges[-1].reference].state == "pending":
            self.step()
            self.school.till.decide(mood)

    @rule(days=st.sampled_from([0.1, 1, 3, 9, 28, 31, 45]), mood=MOODS)
    def time_goes_by(self, days: float, mood: str) -> None:
        self.step()
        self.school.till.mood = mood
        self.school.days(days, step=timedelta(days=max(days / 3, 0.05)))

    @rule(number=st.integers(0, 3), interval=st.sampled_from(Interval), when=WHEN)
    def change(self, number: int, interval: Interval, when: When) -> None:
        self._do(subscriptions.change, given=ChangeIn(price_id=self._price(number, interval), when=when))

    @rule()
    def keep_plan(self) -> None:
        self._do(subscriptions.keep_plan)

    @rule(days=st.integers(1, 100))
    def pause(self, days: int) -> None:
        self._do(subscriptions.pause, given=PauseIn(until=self.school.clock.now() + timedelta(days=days)))

    @rule()
    def resume(self) -> None:
        self._do(subscriptions.resume)

    @rule(seats=st.integers(1, 6), own_seat=st.sampled_from([None, None, True, False]))
    def have_seats(self, seats: int, own_seat: bool | None) -> None:
        self._do(subscriptions.set_seats, given=SeatsIn(seats=seats, own_seat=own_seat))

    @rule(names=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3))
    def give_seats(self, names: list[str]) -> None:
        emails = [f"{name}@seats.example.org" for name in names]
        self._do(subscriptions.give_seats, given=SeatsGivenIn(emails=emails))

    @rule(quantity=st.integers(1, 4))
    def ask_the_assistant(self, quantity: int) -> None:
        key, metric = str(type(self).taken), Metric.ASSISTANT_QUESTIONS
        self._do(subscriptions.use, course_id=self.school.ice.id, metric=metric, key=key, quantity=quantity)

    @rule(when=WHEN)
    def cancel(self, when: When) -> None:
        self._do(subscriptions.cancel, given=CancelIn(when=when))

    @rule(part=st.sampled_from([1, 50_00, None]))
    def finance_refunds_the_latest(self, part: int | None) -> None:
        with self.school.database.read(system_actor(self.person.tenant_id)) as ctx:
            wanted = select(Term.payment_id).join(Subscription, Subscription.id == Term.subscription_id)
            paid = ctx.session.execute(
                wanted.where(Subscription.user_id == self.person.id, Term.payment_id.is_not(None))
                .order_by(Term.id.desc())
            ).scalars().first()  # fmt: skip
        if paid is None:
            return
        self.step()
        try:
            with self.school.writing(self.school.boss) as ctx:
                key = f"{paid}:{self.school.clock.now().timestamp()}:{part}"
                payments.ask_refund(ctx, payment_id=paid, amount=part, reason="because", key=key)
        except DomainError as refused:
            assert refused.code in ("refund_too_large", "not_refundable")
        self.school.settle()

    @invariant()
    def promises(self) -> None:
        if not hasattr(self, "person"):
            return
        with self.school.database.read(system_actor(self.person.tenant_id)) as ctx:
            rows = list(
                ctx.session.execute(select(Subscription).where(Subscription.user_id == self.person.id)).scalars()
            )
            terms = list(
                ctx.session.execute(
                    select(Term).join(Subscription, Subscription.id == Term.subscription_id)
                    .where(Subscription.user_id == self.person.id).order_by(Term.subscription_id, Term.number)
                ).scalars()
            )  # fmt: skip
        living = [each for each in rows if each.state not in OVER]
        assert len(living) <= 1 and all((each.living is None) == (each.state in OVER) for each in rows)
        assert all((each.look_at is None) == (each.state in OVER) for each in rows), "the clock forgets nobody"
        for row in rows:
            before = self.seen.get(row.id, State(row.state))
            assert State(row.state) in REACHABLE[before], f"{before} cannot become {row.state}"
            self.seen[row.id] = State(row.state)
            self.walked.add(State(row.state))
            assert row.credit >= 0 and row.starts_at <= row.ends_at
            of_row = [each for each in terms if each.subscription_id == row.id]
            self._check_terms(row, of_row)
            with self.school.database.read(system_actor(self.person.tenant_id)) as ctx:
                self._check_seats(ctx, row)
        is_open = any(each.state in OPEN for each in living)
        titles = self.school.open_to(self.person)
        assert is_open or not titles, "nothing stays open after the end"
        books, (arrived, back) = self.school.books(), self.school.received()
        assert books["receipts"] == 0, "money that arrived for terms is booked, to the cent"
        assert books["revenue"] + books["vat"] - books["refunds"] == arrived - back

    @staticmethod
    def _check_seats(ctx: ReadCtx, row: Subscription) -> None:
        live = queries.live_item(ctx, row.id)
        assert (live is None) == (row.state in OVER), "what lives consists of something"
        if live is not None:
            assert live.quantity * live.unit == row.amount
            assert queries.given_seats(ctx, row.id) + row.own_seat <= live.quantity, "no seat is given twice"
        ends = [each for each in queries.items(ctx, row.id, limit=500) if each.kind == "seats"]
        assert all(newer.since == older.until for newer, older in pairwise(ends)), "its past has no gap"

    @staticmethod
    def _check_terms(row: Subscription, terms: list[Term]) -> None:
        due = [each for each in terms if each.state == TermState.DUE]
        assert sum(each.kind == TermKind.TERM for each in due) <= 1
        assert sum(each.kind == TermKind.CHANGE for each in due) <= 1
        if row.state in OVER:
            assert not due
        assert (row.state in (State.PAST_DUE, State.UNPAID, State.INCOMPLETE)) == any(
            each.kind == TermKind.TERM for each in due
        )
        whole = [each for each in terms if each.state == TermState.PAID and each.kind == TermKind.TERM]
        assert all(each.payment_id is not None or each.amount == 0 for each in whole)
        assert all(each.price == each.full_price + each.extra for each in whole)
        for one, two in pairwise(whole):
            assert one.starts_at < one.ends_at
            assert two.starts_at > one.starts_at, "no time is paid for twice"


def test_the_promises_hold_for_thousands_of_steps(runtime: Runtime, clock: MovingClock) -> None:
    school = School(runtime, clock)
    plans = [
        school.plan(school.ice, year=9000_00),
        school.plan(school.ice, school.steam, month=2500_00, year=20_000_00, title="Full"),
        school.plan(school.steam, month=777_77, trial_days=14, title="Trial"),
        school.plan(school.ice, month=0, title="Nothing"),
    ]
    allowance = AllowanceIn(
        metric=Metric.ASSISTANT_QUESTIONS, included=3, most_beyond=9, beyond_prices={Currency.KES: 12_34}
    )
    with school.writing(school.boss) as ctx:
        for plan in plans:
            subscriptions.set_allowance(ctx, plan.id, given=allowance)
    here = type("LifeHere", (Life,), {"school": school, "plans": plans, "taken": 0, "walked": set()})
    run_state_machine_as_test(
        here,
        settings=hypothesis_settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert here.taken >= 2500, f"{here.taken} steps"
    with school.database.read(system_actor(school.boss.tenant_id)) as ctx:
        terms = ctx.session.execute(select(func.count()).select_from(Term)).scalar_one()
    assert len(here.walked) >= 6 and terms > 40, "the walk got around"
