"""A market day at all nine providers: buyers order and pay, callbacks come twice, late, never, and from forgers.

The chaos run and its small sister among the tests share it. Everything is drawn from one seed; what is the truth is
told by the providers' own books (`charged`), never by ours.
"""

import importlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select

from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.schemas import CartChange, CartItemIn, CheckoutIn, OrderView, PayIn
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways import Gateways
from lms_core.commerce.payments.gateways.port import Account, Mode
from lms_core.commerce.payments.gateways.sandbox import SIGNATURE, Sandbox, sign
from lms_core.commerce.payments.models import Payment, ProviderAccount
from lms_core.commerce.payments.schemas import AccountIn, AccountView
from lms_core.commerce.payments.service.accounts import opened
from lms_core.commerce.products import service as products
from lms_core.commerce.products.schemas import PriceIn, ProductIn, ProductView
from lms_core.commerce.sandbox.models import ChargeState
from lms_core.commerce.sandbox.schemas import Act, ChargeView
from lms_core.kit.context import Database, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency
from lms_core.kit.permissions import Role
from tests.factories.courses import create_course
from tests.factories.people import Person, actor_of, create_person
from tests.simulators.payments.base import Sent, Simulator

PROVIDERS = ("airtel", "daraja", "flutterwave", "paypal", "paystack", "pesapal", "razorpay", "stripe")
SECRET = "a secret of the sandbox"
PRICES = {Currency.KES: 150_000, Currency.USD: 1_200}
FATES = {"cancels": 0.06, "late": 0.06, "never": 0.06}  # of the buyers; the others pay
# Of the callbacks, by the orders that they are about.
TWICE, LATE, LOST, FORGED = 0.20, 0.10, 0.05, 0.05
CUT = 0.05  # of the calls that ask for money: the provider did it, and its answer never came


class Provider(Protocol):
    """What a payer, a forger and an auditor do at a provider."""

    def pay(self, key: str) -> None: ...
    def fail(self, key: str, reason: str = "cancelled") -> None: ...
    def callbacks(self, key: str) -> list[Sent]: ...
    def forged(self, key: str) -> list[Sent]: ...
    def charged(self, key: str) -> int: ...


@dataclass(frozen=True, slots=True)
class House:
    """The provider in the house, driven as the others are."""

    database: Database
    tenant_id: UUID
    account_id: UUID

    def pay(self, key: str) -> None:
        """The PIN is entered, also after the time was out."""
        self._gateway.bank.act(self._charge(key).token, Act.PAY, pin="1234")

    def fail(self, key: str, reason: str = "cancelled") -> None:
        """The payer cancels, or does nothing."""
        self._gateway.bank.act(self._charge(key).token, Act.TIME_OUT if reason == "timeout" else Act.CANCEL)

    def callbacks(self, key: str) -> list[Sent]:
        """What it sends now."""
        with self.database.read(system_actor(self.tenant_id)) as ctx:
            account, now = _opened(self.database, self.tenant_id, self.account_id), ctx.now
        made = self._gateway.callback(account, self._charge(key), now)
        return [Sent("", made.body, made.headers)]

    def forged(self, key: str) -> list[Sent]:
        """The right words, signed with another secret, and not at all."""
        [right] = self.callbacks(key)
        stamp = int(right.headers[SIGNATURE].removeprefix("t=").partition(",")[0])
        return [
            Sent("", right.body, {SIGNATURE: sign("not the secret at all", stamp, right.body)}),
            Sent("", right.body),
        ]

    def charged(self, key: str) -> int:
        """Paid, less what came back, in minor units."""
        found = self._gateway.bank.find(self.tenant_id, self.account_id, charge_id=None, reference=key)
        return found.amount.amount if found is not None and found.state == ChargeState.PAID else 0

    @property
    def _gateway(self) -> Sandbox:
        found = self.database.resources.get(Gateways)["sandbox"]
        assert isinstance(found, Sandbox)
        return found

    def _charge(self, key: str) -> ChargeView:
        found = self._gateway.bank.find(self.tenant_id, self.account_id, charge_id=None, reference=key)
        if found is None:
            raise KeyError(key)
        return found


@contextmanager
def providers() -> Iterator[dict[str, Simulator]]:
    """The eight simulators, running."""
    with ExitStack() as running:
        found = {}
        for name in PROVIDERS:
            module = importlib.import_module(f"tests.simulators.payments.{name}")
            (made,) = [
                each
                for _, each in inspect.getmembers(module, inspect.isclass)
                if issubclass(each, Simulator) and each.__module__ == module.__name__ and not inspect.isabstract(each)
            ]
            found[name] = running.enter_context(made())
        yield found


@dataclass(frozen=True, slots=True)
class Plan:
    """What will become of an order. `fate`: its buyer pays, cancels, pays when the time was out, or never answers."""

    gateway: str
    fate: str
    twice: bool
    late: bool
    lost: bool
    forged: bool
    cut: bool


@dataclass(slots=True)
class Bought:
    """One order of the day."""

    order: OrderView
    buyer: Person
    course_id: UUID
    plan: Plan
    begun: bool = False

    @property
    def gateway(self) -> str:
        """Where it is paid."""
        return self.plan.gateway


def planned(count: int, seed: int) -> list[Plan]:
    """The day's plans: the shares hold exactly, the seed says whom they meet. Only what is paid can be late or lost."""
    draw = Random(seed)
    places = [*PROVIDERS, "sandbox"]
    gateways = [places[number % len(places)] for number in range(count)]
    fates = [fate for fate, share in FATES.items() for _ in range(round(share * count))][:count]
    fates += ["pays"] * (count - len(fates))
    draw.shuffle(gateways)
    draw.shuffle(fates)
    payers = [number for number in range(count) if fates[number] == "pays"]
    wired = [number for number in payers if gateways[number] != "sandbox"]
    lost = set(draw.sample(payers, round(LOST * count)))
    late = set(draw.sample([number for number in payers if number not in lost], round(LATE * count)))
    told = [number for number in range(count) if fates[number] != "never" and number not in lost]
    twice = set(draw.sample(told, round(TWICE * count)))
    forged = set(draw.sample(range(count), round(FORGED * count)))
    # Pesapal knows a charge by a number alone that its answer or its callback brings: who was never led to its page
    # cannot pay there, and of whom no callback tells either, nobody can ever know.
    nowhere = {number for number in lost if gateways[number] == "pesapal"}
    cut = set(draw.sample([number for number in wired if number not in nowhere], round(CUT * count)))
    return [
        Plan(
            gateways[number], fates[number], twice=number in twice, late=number in late, lost=number in lost,
            forged=number in forged, cut=number in cut,
        )
        for number in range(count)
    ]  # fmt: skip


@dataclass
class Tally:
    """What was done to us."""

    delivered: int = 0
    repeated: int = 0
    late: int = 0
    lost: int = 0
    forged: int = 0
    refused: int = 0  # of the forged ones, those that were answered as such
    cut: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Market:
    """An installation with courses for sale, buyers, and an account at every provider."""

    database: Database
    seed: int
    admin: Person
    people: list[Person]
    shelf: list[tuple[UUID, ProductView]]
    accounts: dict[str, AccountView]
    at: dict[str, Provider]
    plans: list[Plan]
    tally: Tally = field(default_factory=Tally)
    bought: list[Bought] = field(default_factory=list)

    @property
    def tenant_id(self) -> UUID:
        """The institution."""
        return self.admin.tenant_id

    def order(self, number: int) -> Bought:
        """The next order: every buyer buys every course once. Safe to repeat."""
        buyer = self.people[number // len(self.shelf)]
        course_id, product = self.shelf[number % len(self.shelf)]
        plan = self.plans[number]
        currency = Currency.USD if plan.gateway == "paypal" else Currency.KES
        actor = actor_of(self.database, buyer)
        key = f"order-{self.seed}-{number}"
        with self.database.write(actor) as ctx:
            orders.add(ctx, item=CartItemIn(product_id=product.id))
            orders.change(ctx, change=CartChange(currency=currency))
        with self.database.write(actor) as ctx:
            placed = orders.place(ctx, checkout=CheckoutIn(), key=key)
        return Bought(placed, buyer, course_id, plan)

    def begin(self, bought: Bought, *, key: str) -> None:
        """The buyer chooses how to pay. The same key again is the same attempt."""
        simulator = self.at[bought.gateway]
        if bought.plan.cut and not bought.begun and isinstance(simulator, Simulator):
            simulator.faults.append("cut")
            self.tally.cut += 1
        bought.begun = True
        paying = PayIn(account_id=self.accounts[bought.gateway].id, phone="0712345678")
        orders.pay(
            self.database, actor_of(self.database, bought.buyer), order_id=bought.order.id, paying=paying, key=key
        )

    def references(self, bought: Bought) -> list[str]:
        """Our references of what was asked for an order, the first attempt first."""
        with self.database.read(system_actor(self.tenant_id)) as ctx:
            return [each.reference for intent in orders.payments_of(ctx, bought.order.id) for each in intent.payments]

    def do(self, bought: Bought, act: Callable[[Provider, str], None]) -> list[str]:
        """Somebody acts on every charge of an order that its provider knows; their references."""
        done = []
        for reference in self.references(bought):
            try:
                act(self.at[bought.gateway], reference)
            except (KeyError, StopIteration):  # the call was lost on the way there: nobody can pay it
                continue
            done.append(reference)
        return done

    def happen(self, bought: Bought, deliver: "Deliver") -> None:
        """What comes of an order at once: forgers, its buyer, and the callbacks that are in time."""
        plan = bought.plan
        if plan.forged:
            self.forge(bought, deliver)
        if plan.fate == "pays":
            self.do(bought, lambda provider, reference: provider.pay(reference))
        elif plan.fate != "never":
            reason = "cancelled" if plan.fate == "cancels" else "timeout"
            self.do(bought, lambda provider, reference: provider.fail(reference, reason))
        self.tally.lost += plan.lost
        if plan.fate != "never" and not plan.lost and not plan.late:
            self.tell(bought, deliver)

    def happen_late(self, bought: Bought, deliver: "Deliver") -> None:
        """Whose time was out pays after all, and what was held up on the way arrives."""
        if bought.plan.fate == "late":
            self.do(bought, lambda provider, reference: provider.pay(reference))
        if bought.plan.late or bought.plan.fate == "late":
            self.tally.late += 1
            self.tell(bought, deliver)

    def forge(self, bought: Bought, deliver: "Deliver") -> None:
        """Somebody who does not know the secret says that it was paid."""
        sent: list[Sent] = []
        self.do(bought, lambda provider, reference: sent.extend(provider.forged(reference)))
        for each in sent:
            status = deliver(self.accounts[bought.gateway], each)
            self.tally.forged += 1
            self.tally.refused += status in (400, 401, 429)
            if status == 200 and bought.gateway != "pesapal":  # which does not sign: a hint, and the provider is asked
                self.tally.problems.append(f"{bought.gateway} took a forged callback")

    def tell(self, bought: Bought, deliver: "Deliver") -> None:
        """The callbacks of an order arrive, twice where so drawn."""
        sent: list[Sent] = []
        self.do(bought, lambda provider, reference: sent.extend(provider.callbacks(reference)))
        for each in sent:
            for time in range(3 if bought.plan.twice else 1):
                status = deliver(self.accounts[bought.gateway], each)
                self.tally.delivered += 1
                self.tally.repeated += time > 0
                if status != 200:
                    self.tally.problems.append(f"{bought.gateway}: a callback was answered {status}")


Deliver = Callable[[AccountView, Sent], int]


def open_market(
    database: Database, simulators: dict[str, Simulator], *, orders_: int, courses: int, seed: int
) -> Market:
    """Courses, buyers for so many orders, and an account at every provider."""
    admin = create_person(database, role=Role.ADMIN)
    instructor = create_person(database, role=Role.INSTRUCTOR)
    shelf = [_for_sale(database, admin, instructor, number) for number in range(courses)]
    people = [create_person(database) for _ in range(-(-orders_ // courses))]
    accounts = {
        name: _account(database, admin, name, {**each.credentials, **each.options}, each.base_url)
        for name, each in simulators.items()
    }
    accounts["sandbox"] = _account(database, admin, "sandbox", {"secret": SECRET}, "")
    house = House(database, admin.tenant_id, accounts["sandbox"].id)
    at: dict[str, Provider] = {**simulators, "sandbox": house}
    return Market(database, seed, admin, people, shelf, accounts, at, planned(orders_, seed))


def path_of(account: AccountView, sent: Sent) -> str:
    """Where a callback goes on the installation's host."""
    return urlsplit(account.callback_url).path + (f"/{sent.topic}" if sent.topic else "")


def attempts(database: Database, tenant_id: UUID) -> Sequence[Payment]:
    """Every attempt there was."""
    with database.read(system_actor(tenant_id)) as ctx:
        return list(ctx.session.execute(select(Payment).order_by(Payment.id)).scalars())


def _for_sale(database: Database, admin: Person, instructor: Person, number: int) -> tuple[UUID, ProductView]:
    course = create_course(database, instructor, title=f"Trade {number}")
    prices = [PriceIn(amount=amount + 100 * number, currency=currency) for currency, amount in PRICES.items()]
    given = ProductIn.model_validate({"kind": "course", "subject_id": course.id, "prices": prices})
    with database.write(actor_of(database, admin)) as ctx:
        return course.id, products.create(ctx, product=given)


def _account(database: Database, admin: Person, name: str, values: dict[str, str], base_url: str) -> AccountView:
    given = AccountIn(gateway=name, mode=Mode.TEST, name=name, values=values, base_url=base_url)
    made = payments.save_account(database, actor_of(database, admin), account=given, request_id=str(new_id()))
    if not made.enabled:
        raise RuntimeError(f"{name}: {made.health}")
    return made


def _opened(database: Database, tenant_id: UUID, account_id: UUID) -> Account:
    with database.read(system_actor(tenant_id)) as ctx:
        row = ctx.session.execute(select(ProviderAccount).where(ProviderAccount.id == account_id)).scalar_one()
        return opened(ctx, row).account
