"""Payments to test on: accounts at the provider in the house, intents, and what payers do there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways import Gateways
from lms_core.commerce.payments.gateways.port import Answer, Callback, Mode, Payer
from lms_core.commerce.payments.gateways.sandbox import Sandbox
from lms_core.commerce.payments.models import ProviderAccount
from lms_core.commerce.payments.schemas import AccountIn, AccountView, IntentView, MethodIn, PaymentView
from lms_core.commerce.payments.service.accounts import opened
from lms_core.commerce.sandbox.models import SandboxCharge
from lms_core.commerce.sandbox.schemas import Act
from lms_core.kit.context import Actor, Database, system_actor
from lms_core.kit.events import Event
from lms_core.kit.ids import new_id
from lms_core.kit.jobs import Job
from lms_core.kit.money import Currency, Money
from lms_core.kit.permissions import Role
from tests.factories.people import Person, actor_of, create_person, default_tenant

SECRET = "a secret of the sandbox"
PHONE = "254712345678"


@dataclass(frozen=True, slots=True)
class Shop:
    """An installation with an account at the sandbox, somebody who looks after money, and a buyer."""

    database: Database
    finance: Actor
    buyer: Person
    account: AccountView

    @property
    def system(self) -> Actor:
        """The platform."""
        return system_actor(self.finance.tenant_id)

    @property
    def bank(self) -> Sandbox:
        """The provider in the house."""
        gateway = self.database.resources.get(Gateways)["sandbox"]
        assert isinstance(gateway, Sandbox)
        return gateway

    def intent(
        self, amount: int = 150_000, *, key: str = "", currency: Currency = Currency.KES, **more: Any
    ) -> IntentView:
        """An open intent of the buyer's, for a purpose of its own."""
        with self.database.write(self.system) as ctx:
            return payments.open_intent(
                ctx,
                purpose=more.pop("purpose", ("order", new_id())),
                amount=Money(amount=amount, currency=currency),
                payer_id=self.buyer.id,
                payer=Payer(email=self.buyer.email, name="Asha Otieno", phone=PHONE),
                description="Water and ice",
                key=key or str(new_id()),
                return_url="/orders",
                **more,
            )

    def pay(self, intent: IntentView, *, key: str = "", account_id: UUID | None = None) -> PaymentView:
        """The attempt that the buyer begins."""
        method = MethodIn(account_id=account_id or self.account.id, phone="0712 345 678")
        actor = actor_of(self.database, self.buyer)
        last = payments.pay(self.database, actor, intent_id=intent.id, method=method, key=key or str(new_id())).last
        assert last is not None
        return last

    def see(self, intent: IntentView) -> IntentView:
        """How an intent stands."""
        with self.database.read(self.system) as ctx:
            return payments.view(ctx, intent.id)

    def charge_token(self, payment: PaymentView) -> str:
        """The page's token of an attempt's charge."""
        return payment.url.rsplit("/", 1)[1]

    def act(self, payment: PaymentView, act: Act) -> None:
        """What the payer does at the provider; nobody is told."""
        self.bank.bank.act(self.token_of(payment), act, pin="1234")

    def token_of(self, payment: PaymentView) -> str:
        """The page's token of an attempt's charge, from the provider's books."""
        with self.database.read(self.system) as ctx:
            wanted = select(SandboxCharge.token).where(SandboxCharge.reference == payment.reference)
            token: str = ctx.session.execute(wanted).scalar_one()
            return token

    def callback(self, payment: PaymentView) -> Callback:
        """What the provider sends now."""
        charge = self.bank.bank.by_token(self.token_of(payment))
        with self.database.read(self.system) as ctx:
            row = ctx.session.execute(
                select(ProviderAccount).where(ProviderAccount.id == payment.account_id)
            ).scalar_one()
            account = opened(ctx, row).account
            return self.bank.callback(account, charge, ctx.now)

    def deliver(self, callback: Callback) -> Answer:
        """A callback arrives at the account's address."""
        token = self.account.callback_url.rsplit("/", 1)[1]
        return payments.receive(self.database, gateway="sandbox", token=token, callback=callback)

    def balance(self, kind: AccountKind, currency: Currency = Currency.KES) -> int:
        """What accounts of a kind hold together (debit positive)."""
        with self.database.read(self.system) as ctx:
            return sum(each.balance for each in ledger.balances(ctx) if each.kind == kind and each.currency == currency)

    def told(self, kind: type[Event]) -> list[dict[str, Any]]:
        """The facts of a kind told so far that anybody listens to, each once."""
        with self.database.read(system_actor()) as ctx:
            rows = ctx.session.execute(select(Job).order_by(Job.id)).scalars()
            found = {
                str(row.payload["data"]): row.payload["data"] for row in rows if row.payload.get("event") == kind.name
            }
            return list(found.values())


def account_in(**given: Any) -> AccountIn:
    """An account at the sandbox, to be saved."""
    return AccountIn(
        **{"gateway": "sandbox", "mode": Mode.TEST, "name": "Play money", "values": {"secret": SECRET}, **given}
    )


def open_shop(database: Database) -> Shop:
    """A shop in the default institution."""
    default_tenant(database)
    admin = create_person(database, role=Role.ADMIN)
    finance = actor_of(database, admin)
    account = payments.save_account(database, finance, account=account_in())
    return Shop(database, finance, create_person(database), account)
