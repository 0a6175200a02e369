"""A shop with a till: a course for sale, a buyer, and a provider that prompts phones and says what the test tells."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.models import Order
from lms_core.commerce.orders.schemas import CartItemIn, CheckoutIn, OrderView, PayIn, PayingView
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways.port import Mode
from lms_core.commerce.payments.models import Payment
from lms_core.commerce.payments.schemas import AccountIn, PaymentView
from lms_core.commerce.payments.service import settling
from lms_core.kit.context import Actor, Database, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency, Money
from lms_core.kit.permissions import Role
from tests import draining
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, actor_of, create_person, default_tenant
from tests.factories.shop import sell
from tests.lms_core.commerce.scripted import PASSWORD, Till, install, paid

PRICE = 150_000


@dataclass(frozen=True, slots=True)
class TillShop:
    """A till, a course for sale, and somebody who wants it."""

    database: Database
    till: Till
    admin: Person
    buyer: Person
    course: Made
    product_id: UUID
    account_id: UUID

    @property
    def actor(self) -> Actor:
        """The buyer."""
        return actor_of(self.database, self.buyer)

    @property
    def finance(self) -> Actor:
        """Who looks after the money."""
        return actor_of(self.database, self.admin)

    @property
    def system(self) -> Actor:
        """The platform."""
        return system_actor(self.buyer.tenant_id)

    def order(self, *product_ids: UUID, **more: object) -> OrderView:
        """An open order of the course, or of these."""
        with self.database.write(self.actor) as ctx:
            for each in product_ids or (self.product_id,):
                orders.add(ctx, item=CartItemIn.model_validate({"product_id": each, **more}))
            return orders.place(ctx, checkout=CheckoutIn(), key=str(new_id()))

    def pay(self, order: OrderView, *, key: str = "") -> PayingView:
        """The buyer asks for the prompt."""
        paying = PayIn(account_id=self.account_id, phone="0712345678")
        return orders.pay(self.database, self.actor, order_id=order.id, paying=paying, key=key or str(new_id()))

    def attempts(self, order: OrderView) -> list[PaymentView]:
        """The attempts to pay an order, first to last."""
        with self.database.read(self.system) as view:
            return [each for intent in orders.payments_of(view, order.id) for each in intent.payments]

    def succeed(self, order: OrderView) -> UUID:
        """The money of an order's last attempt arrives; nobody has worked on it yet."""
        last = self.attempts(order)[-1]
        with self.database.write(self.system) as ctx:
            settling.apply(ctx, last.id, paid(last.reference, last.amount, receipt=f"R{last.reference}"))
        return last.id

    def prompt_straight(self, order: OrderView) -> None:
        """A prompt that no guard was asked about: an attempt from before two orders were compared."""
        with self.database.write(self.system) as ctx:
            row = ctx.session.execute(select(Order).where(Order.id == order.id)).scalar_one()
            assert row.intent_id is not None
            known = payments.view(ctx, row.intent_id)
            ctx.add(
                Payment(
                    id=new_id(), intent_id=known.id, account_id=self.account_id, gateway="till", mode=Mode.TEST,
                    way="prompt", number=1, reference=f"{known.reference}A", key=str(new_id()), fingerprint="-",
                    state="pending", amount=order.total, currency=order.currency, sealed_phone="",
                    created_at=ctx.now, updated_at=ctx.now, begun_at=ctx.now,
                )
            )  # fmt: skip

    def see(self, order: OrderView) -> OrderView:
        """How an order stands."""
        with self.database.read(self.actor) as view:
            return orders.access_order(view, order.id)

    def drain(self) -> int:
        """Run what is due."""
        return draining.drain(self.database)

    def balance(self, kind: AccountKind) -> int:
        """What accounts of a kind hold in shillings (debit positive)."""
        with self.database.read(self.system) as view:
            return sum(each.balance for each in ledger.balances(view) if each.kind == kind)


def open_till(database: Database) -> TillShop:
    """A shop with a till in the default institution."""
    default_tenant(database)
    till = install(database)
    admin = create_person(database, role=Role.ADMIN)
    given = AccountIn(gateway="till", mode=Mode.TEST, name="The till", values={"word": PASSWORD})
    account = payments.save_account(database, actor_of(database, admin), account=given)
    course = create_course(database, create_person(database, role=Role.INSTRUCTOR))
    product = sell(database, admin, course.id, PRICE)
    return TillShop(database, till, admin, create_person(database), course, product.id, account.id)


def shillings(amount: int) -> Money:
    """So many cents."""
    return Money(amount=amount, currency=Currency.KES)
