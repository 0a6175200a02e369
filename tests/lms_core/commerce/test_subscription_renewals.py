"""Renewals end to end through the provider in the house: two years of a moving clock, and each way on both databases.

A kept card, and prompts on a phone that are confirmed, refused, or not answered; and workers that renew at once.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.schemas import PaymentView
from lms_core.commerce.sandbox.models import SandboxCharge
from lms_core.commerce.sandbox.schemas import Act
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.errors import AllowanceUsed, SeatsTaken
from lms_core.commerce.subscriptions.models import Metric, Term, Way
from lms_core.commerce.subscriptions.schemas import AllowanceIn, SeatsGivenIn, WayIn
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.settings import Settings
from tests.factories.people import Person, actor_of, create_person
from tests.lms_core.commerce.paying import Shop, account_in
from tests.lms_core.commerce.subscribing import NAIROBI, School
from workers import runtime as runtimes
from workers.runtime import Runtime

KEY = "rVQ2p0f8ZxN4s7JtBwLhYk6DmCgEaU1iRo3nXv5T"
PRICE = 1000_00


class SandboxSchool(School):
    """The school with the provider in the house instead of a till."""

    def open_account(self) -> UUID:
        account = payments.save_account(
            self.database, actor_of(self.database, self.boss), account=account_in(is_default=True)
        )
        self.shop = Shop(self.database, actor_of(self.database, self.boss), self.boss, account)
        return account.id

    def attempt(self, person: Person) -> PaymentView:
        """The latest attempt to pay somebody's latest term."""
        intent_id = self.status(person).terms[0].intent_id
        assert intent_id is not None
        with self.database.read(system_actor(person.tenant_id)) as ctx:
            last = payments.view(ctx, intent_id).last
        assert last is not None
        return last

    def answer(self, person: Person, act: Act) -> None:
        """What they do with the prompt on their phone; the provider tells us."""
        last = self.attempt(person)
        self.shop.act(last, act)
        self.shop.deliver(self.shop.callback(last))
        self.settle()

    def join(self, way: Way) -> Person:
        """Somebody who paid for the first month, and how later ones are to be collected."""
        person = create_person(self.database)
        self.checkout(person, self.basic, way=way, phone="0712 345 678")
        self.pay(person)
        self.answer(person, Act.APPROVE)
        assert self.state(person) == "active"
        return person

    def begin(self) -> None:
        """A plan for a month."""
        self.basic = self.plan(self.ice)

    def charges(self) -> int:
        """How often the provider was asked."""
        with self.database.read(system_actor(self.boss.tenant_id)) as ctx:
            return int(ctx.session.execute(select(func.count()).select_from(SandboxCharge)).scalar_one())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.scaled)])
def place(request: pytest.FixtureRequest, clock: MovingClock, tmp_path: Path) -> Iterator[Runtime]:
    """An installation of each kind, whose jobs wait."""
    if request.param == "sqlite":
        yield request.getfixturevalue("runtime")
        return
    settings = Settings(
        _env_file=None,
        mode="scaled",
        data_dir=tmp_path / "scaled",
        database_url=request.getfixturevalue("postgres_url"),
        redis_url=request.getfixturevalue("redis_server"),
        qdrant_url=":memory:",
        secret_key=KEY,
        models_dir=None,
        mail_url=f"folder:{tmp_path / 'mail'}",
        log_level="WARNING",
    )
    built = runtimes.build(settings, clock=clock, run_jobs=False)
    yield built
    built.stop()


def test_two_years_of_cards_and_prompts(runtime: Runtime, clock: MovingClock) -> None:
    """Every third term is paid at once, after a refusal, or after a prompt nobody answered and another refusal."""
    school = SandboxSchool(runtime, clock, at=datetime(2027, 1, 31, 9, 0, tzinfo=NAIROBI))
    school.begin()
    card, phone = school.join(Way.SAVED), school.join(Way.PHONE)
    assert school.row(card).method_id is not None
    script: dict[int, list[Act | None]] = {0: [Act.PAY], 1: [Act.CANCEL, Act.PAY], 2: [None, Act.DECLINE, Act.PAY]}
    seen: dict[UUID, int] = {}
    until, asked = clock.now() + timedelta(days=731), 0
    while (moment := min(school.row(each).look_at or until for each in (card, phone))) < until:
        school.move_to(max(moment, clock.now()))
        school.look()
        term = school.status(phone).terms[0]
        tries = len(school.attempts(phone))
        if term.state == "due" and tries > seen.get(term.id, 0):
            seen[term.id], asked = tries, asked + 1
            assert school.attempt(phone).state == "pending", "the prompt is on the phone"
            done = script[term.number % 3][tries - 1]
            if done is not None:
                school.answer(phone, done)
            else:
                for _ in range(9):  # payments ask the provider, and then wait no longer
                    clock.move(timedelta(minutes=10))
                    school.look()
                assert school.attempts(phone)[-1] == (0, "phone", "failed")
        for person in (card, phone):
            assert school.state(person) in ("active", "past_due") and school.open_to(person) == {"Ice"}
    for person in (card, phone):
        school.look()
        with school.database.read(system_actor(person.tenant_id)) as ctx:
            found = select(Term).where(Term.subscription_id == school.row(person).id).order_by(Term.number)
            terms = list(ctx.session.execute(found).scalars())
        assert len(terms) == 24 and all(each.state == "paid" and each.amount == PRICE for each in terms)
        assert all(one.ends_at == two.starts_at for one, two in pairwise(terms)), "late payments move no day"
        assert school.day(terms[0].ends_at) == "2027-02-28" and school.day(terms[12].ends_at) == "2028-02-29"
        assert school.day(terms[-1].ends_at) == "2029-01-31"
    wanted = sum(len(script[number % 3]) for number in range(2, 25))
    assert (len(seen), asked) == (23, wanted)
    assert school.charges() == 24 + 1 + wanted
    assert school.received() == (48 * PRICE, 0) and school.books()["receipts"] == 0


def test_prompts_that_nobody_answers_close_the_courses(place: Runtime, clock: MovingClock) -> None:
    school = SandboxSchool(place, clock)
    school.begin()
    asha = school.join(Way.PHONE)
    due = school.row(asha).ends_at
    school.move_to(due)
    school.look()
    school.days(8.5, step=timedelta(hours=3))
    assert school.state(asha) == "unpaid" and school.open_to(asha) == set()
    assert school.attempts(asha) == [(number, "phone", "failed") for number in range(4)]
    first = school.status(asha).terms[0].intent_id
    school.answer(asha, Act.PAY)  # the last prompt, found on the phone much later
    assert school.state(asha) == "active" and school.open_to(asha) == {"Ice"}
    assert school.row(asha).starts_at == clock.now() and school.status(asha).terms[0].intent_id == first
    with school.writing(asha) as ctx:  # and from now on by the next card
        subscriptions.set_way(ctx, given=WayIn(way=Way.BY_HAND))
    school.move_to(school.row(asha).ends_at)
    school.look()
    assert school.attempts(asha) == [(0, "by_hand", "asked")]


def test_workers_that_renew_at_once_charge_once(place: Runtime, clock: MovingClock) -> None:
    school = SandboxSchool(place, clock)
    school.begin()
    people = [school.join(Way.SAVED) for _ in range(3)]
    asked = school.charges()
    school.move_to(max(school.row(each).ends_at for each in people))
    together, broken = threading.Barrier(4), list[BaseException]()

    def look() -> None:
        together.wait()
        try:
            school.look()
        except BaseException as error:
            broken.append(error)
            raise

    threads = [threading.Thread(target=look) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    school.settle()
    assert not broken
    assert school.charges() == asked + len(people)
    for person in people:
        assert school.attempts(person) == [(0, "saved", "paid")] and school.state(person) == "active"
    assert school.received() == (2 * len(people) * PRICE, 0) and school.books()["receipts"] == 0


def test_seats_and_allowances_do_not_run_over_at_once(place: Runtime, clock: MovingClock) -> None:
    school = SandboxSchool(place, clock)
    school.begin()
    owner = create_person(school.database)
    school.checkout(owner, school.basic, seats=4)
    school.pay(owner)
    school.answer(owner, Act.APPROVE)
    with school.writing(school.boss) as ctx:
        three = AllowanceIn(metric=Metric.ASSISTANT_QUESTIONS, included=3)
        subscriptions.set_allowance(ctx, school.basic.id, given=three)
    together, ends = threading.Barrier(12), list[str]()

    def act(number: int) -> None:
        together.wait()
        try:
            with school.writing(owner) as ctx:
                if number % 2:
                    email = f"learner{number}@example.org"
                    subscriptions.give_seats(ctx, given=SeatsGivenIn(emails=[email]))
                else:
                    key = f"question {number}"
                    subscriptions.use(ctx, course_id=school.ice.id, metric=Metric.ASSISTANT_QUESTIONS, key=key)
            ends.append("seat" if number % 2 else "use")
        except (SeatsTaken, AllowanceUsed) as refused:
            ends.append(refused.code)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert Counter(ends) == {"seat": 3, "seats_taken": 3, "use": 3, "allowance_used": 3}
