"""An institution with plans, a payment provider that does as a test says, and a clock: for tests of subscriptions."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.commerce.payments import jobs as payment_jobs
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways import Gateways
from lms_core.commerce.payments.gateways.port import (
    Account,
    Answer,
    Begun,
    Callback,
    Capabilities,
    Charge,
    Entry,
    Field,
    GatewayError,
    Health,
    Heard,
    Known,
    Mode,
    Movement,
    PayoutAsk,
    RefundAsk,
    Saved,
    SavedCharge,
    State,
    Status,
)
from lms_core.commerce.payments.schemas import AccountIn, MethodIn
from lms_core.commerce.subscriptions import jobs as subscription_jobs
from lms_core.commerce.subscriptions import queries
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.models import Subscription, TermPayment
from lms_core.commerce.subscriptions.periods import INSTITUTION_ZONE, Interval
from lms_core.commerce.subscriptions.schemas import (
    CheckoutIn,
    CheckoutView,
    PlanChange,
    PlanCoursesIn,
    PlanIn,
    PlanView,
    PriceIn,
    StatusView,
)
from lms_core.kit import jobs, running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import ReadCtx, Work, WriteCtx, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency, Money
from lms_core.kit.permissions import Role
from lms_core.learning.enrolments.models import Enrollment, EnrollmentStatus
from lms_core.reach.notifications.models import Notification
from tests.factories.courses import Made, create_course, outline
from tests.factories.people import Person, actor_of, create_person
from workers.runtime import Runtime

NAIROBI = ZoneInfo(INSTITUTION_ZONE)
KES = Currency.KES
OWN_JOBS = ("payments.", "orders.", "lms_core.commerce.", "subscriptions.", "lms_core.reach.notifications.handlers.")


@dataclass
class Till:
    """A provider that asks by a prompt and keeps methods. `mood`: what becomes of a charge: paid, declined, or open."""

    mood: str = "paid"
    charges: list[Charge | SavedCharge] = field(default_factory=list)
    decided: dict[str, Status] = field(default_factory=dict)
    name: str = "till"
    title: str = "Till"
    fields: Sequence[Field] = ()
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(
            currencies=frozenset(Currency), step="prompt", saved_methods=True, poll_seconds=(30,), expires_after=3600
        )
    )

    def begin(self, account: Account, charge: Charge) -> Begun:
        return self._charged(charge, save=charge.save)

    def charge_saved(self, account: Account, charge: SavedCharge) -> Begun:
        assert charge.token == "kept-token"
        return self._charged(charge, save=False)

    def _charged(self, charge: Charge | SavedCharge, *, save: bool) -> Begun:
        self.charges.append(charge)
        status = self._answer(charge.reference, charge.amount, self.mood, save=save)
        self.decided[charge.reference] = status
        return Begun(status, message="Look at your phone")

    def _answer(self, reference: str, amount: Money, mood: str, *, save: bool) -> Status:
        if mood == "open":
            return Status(State.PENDING, provider_ref=f"P{reference}")
        if mood == "declined":
            return Status(State.FAILED, provider_ref=f"P{reference}", code="51", reason="insufficient_funds")
        kept = Saved(token="kept-token", customer="c", label="Visa 4242", expires="2031-12") if save else None
        return Status(
            State.SUCCEEDED, provider_ref=f"P{reference}", amount=amount, receipt=f"R{reference}", saved=kept,
            reference=reference,
        )  # fmt: skip

    def decide(self, mood: str) -> None:
        """What becomes of the charge that was asked for last."""
        last = self.charges[-1]
        self.decided[last.reference] = self._answer(last.reference, last.amount, mood, save=False)

    def status(self, account: Account, known: Known) -> Status:
        return self.decided.get(known.reference, Status(State.FAILED, reason="expired"))

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        return []

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        return Answer()

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        return Movement(State.SUCCEEDED, provider_ref=f"B{ask.key}"[:40], amount=ask.amount)

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        return Movement(State.SUCCEEDED, provider_ref=provider_ref, amount=ask.amount)

    def pay_out(self, account: Account, ask: PayoutAsk) -> Movement:
        raise GatewayError("no payouts here")

    def payout_status(self, account: Account, ask: PayoutAsk, provider_ref: str) -> Movement:
        return Movement(State.FAILED)

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        return []

    def check(self, account: Account) -> Health:
        return Health(True)


class School:
    """One institution: two courses, its money handler, a till, and verbs in the words of the tests."""

    def __init__(self, runtime: Runtime, clock: MovingClock, *, at: datetime | None = None) -> None:
        self.runtime, self.database, self.clock, self.till = runtime, runtime.database, clock, Till()
        if at is not None:
            self.move_to(at)
        self.boss = create_person(self.database, role=Role.ADMIN)
        teacher = create_person(self.database, role=Role.INSTRUCTOR)
        self.ice, self.steam = (
            create_course(self.database, teacher, modules=outline(1), title=title, access="invite")
            for title in ("Ice", "Steam")
        )
        self.teacher = teacher
        self.account_id = self.open_account()
        assert self.read(self.boss, lambda ctx: payments.methods(ctx, currency=KES, amount=100))

    def open_account(self) -> UUID:
        """The account that money comes by: one at the till."""
        self.runtime.resources.put(Gateways, Gateways({"till": self.till}))
        given = AccountIn(gateway="till", mode=Mode.LIVE, name="Till", is_default=True)
        return payments.save_account(self.database, actor_of(self.database, self.boss), account=given).id

    # Plans

    def plan(
        self,
        *courses: Made,
        month: int | None = 1000_00,
        year: int | None = None,
        offered: bool = True,
        **fields: object,
    ) -> PlanView:
        """A plan that opens these courses, offered for so much."""
        with self.writing(self.boss) as ctx:
            said = PlanIn.model_validate({"title": "Basic", "tax_rate": 1600} | fields)
            made = subscriptions.create_plan(ctx, plan=said)
            subscriptions.set_courses(ctx, made.id, given=PlanCoursesIn(course_ids=[each.id for each in courses]))
            for interval, amount in ((Interval.MONTH, month), (Interval.YEAR, year)):
                if amount is not None:
                    price = PriceIn(currency=KES, interval=interval, amount=amount)
                    subscriptions.set_price(ctx, made.id, price=price)
            return subscriptions.change_plan(ctx, made.id, change=PlanChange(active=offered))

    @staticmethod
    def price(plan: PlanView, interval: Interval = Interval.MONTH) -> UUID:
        """The price of a plan for a term."""
        return next(each.id for each in plan.prices if each.interval == interval)

    # People

    @contextmanager
    def writing(self, person: Person) -> Iterator[WriteCtx]:
        """A transaction of somebody."""
        with self.database.write(actor_of(self.database, person)) as ctx:
            yield ctx

    def read(self, person: Person, wanted: Callable[[ReadCtx], object]) -> object:
        """What somebody is shown."""
        with self.database.read(actor_of(self.database, person)) as ctx:
            return wanted(ctx)

    def status(self, person: Person) -> StatusView:
        """How somebody's subscription stands."""
        with self.database.read(actor_of(self.database, person)) as ctx:
            return subscriptions.status(ctx)

    def state(self, person: Person) -> str:
        """Its state; "" for none that lives."""
        found = self.status(person).subscription
        return found.state.value if found is not None else ""

    def checkout(
        self, person: Person, plan: PlanView, interval: Interval = Interval.MONTH, **how: object
    ) -> CheckoutView:
        """Ask for a subscription."""
        with self.writing(person) as ctx:
            given = CheckoutIn.model_validate({"price_id": self.price(plan, interval)} | how)
            return subscriptions.checkout(ctx, given=given)

    def pay(self, person: Person, mood: str = "paid") -> None:
        """Pay what is due, by hand; `mood` is what becomes of it."""
        self.till.mood = mood
        with self.writing(person) as ctx:
            intent_id = subscriptions.access_due(ctx)
        method = MethodIn(account_id=self.account_id, phone="0712345678")
        payments.pay(
            self.database, actor_of(self.database, person), intent_id=intent_id, method=method, key=new_id().hex
        )
        self.settle()

    def subscribed(self, plan: PlanView, interval: Interval = Interval.MONTH, **how: object) -> Person:
        """A new person who has paid for the first term."""
        person = create_person(self.database)
        self.checkout(person, plan, interval, **how)
        self.pay(person)
        assert self.state(person) == "active"
        return person

    def open_to(self, person: Person) -> set[str]:
        """The titles of the courses somebody is in."""
        with self.database.read(system_actor(person.tenant_id)) as ctx:
            rows = ctx.session.execute(
                select(Enrollment.course_id).where(
                    Enrollment.user_id == person.id, Enrollment.status == EnrollmentStatus.ACTIVE
                )
            ).scalars()
            named = {self.ice.id: "Ice", self.steam.id: "Steam"}
            return {named[each] for each in rows}

    def row(self, person: Person) -> Subscription:
        """The latest subscription of somebody, over or not."""
        with self.database.read(system_actor(person.tenant_id)) as ctx:
            wanted = select(Subscription).where(Subscription.user_id == person.id).order_by(Subscription.id.desc())
            found: Subscription = ctx.session.execute(wanted.limit(1)).scalar_one()
            return found

    def attempts(self, person: Person) -> list[tuple[int, str, str]]:
        """(number, way, outcome) of every time that the latest term was asked for."""
        row = self.row(person)
        with self.database.read(system_actor(person.tenant_id)) as ctx:
            term = queries.terms(ctx, row.id)[0]
            return [(each.number, each.way, each.outcome) for each in queries.attempts(ctx, term.id)]

    # Time

    def settle(self) -> None:
        """Run every due job of commerce, and those they cause."""
        while due := self._due():
            for job_id in due:
                running.run_job(self.database, job_id, worker="test")

    def _due(self) -> list[UUID]:
        with self.database.read(system_actor()) as ctx:
            wanted = select(jobs.Job.id, jobs.Job.name).where(
                jobs.Job.state == jobs.JobState.QUEUED, jobs.Job.run_at <= ctx.now
            )
            return [
                row.id for row in ctx.session.execute(wanted.order_by(jobs.Job.run_at)) if row.name.startswith(OWN_JOBS)
            ]

    def look(self) -> None:
        """The clock's part, once, and what follows from it."""
        job = jobs.new_job("subscriptions.look", {}, tenant_id=None, now=self.clock.now())
        subscription_jobs.look(Work(self.database, job))
        payment_jobs.expire(Work(self.database, job))
        self.settle()

    def days(self, count: float, *, step: timedelta = timedelta(days=1)) -> None:
        """Let so many days go by, looking every `step`."""
        end = self.clock.now() + timedelta(days=count)
        while self.clock.now() < end:
            self.clock.move(min(step, end - self.clock.now()))
            self.look()

    def move_to(self, moment: datetime) -> None:
        """Set the clock without looking."""
        self.clock.move(moment - self.clock.now())

    def day(self, moment: datetime) -> str:
        """A day of the institution's calendar."""
        return moment.astimezone(NAIROBI).date().isoformat()

    # Money

    def books(self) -> dict[str, int]:
        """What the ledger says, positive where it normally stands."""
        with self.database.read(actor_of(self.database, self.boss)) as ctx:
            sides = {"receipts": -1, "revenue": -1, "vat": -1, "deposits": -1, "refunds": 1}
            return {kind: sign * ledger.balance(ctx, AccountKind(kind), KES) for kind, sign in sides.items()}

    def received(self) -> tuple[int, int]:
        """What arrived for terms, and what of it went back."""
        with self.database.read(system_actor(self.boss.tenant_id)) as ctx:
            sums = ctx.session.execute(select(func.sum(TermPayment.amount), func.sum(TermPayment.given_back))).one()
            return int(sums[0] or 0), int(sums[1] or 0)

    def notices(self, person: Person) -> list[str]:
        """The kinds of what somebody was told of their subscription, oldest first."""
        with self.database.read(system_actor(person.tenant_id)) as ctx:
            wanted = select(Notification.kind).where(Notification.user_id == person.id).order_by(Notification.id)
            return [each for each in ctx.session.execute(wanted).scalars() if each.startswith("subscriptions.")]
