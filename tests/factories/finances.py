"""A month at the finances: sales by several ways, a refund, a slip, money that fits nothing, forged messages, an
affiliate, and a batch that waits. Made through the product's own verbs and routes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient

from lms_core.commerce.orders import service as orders
from lms_core.commerce.orders.schemas import RefundIn
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways.port import Entry, Mode, State
from lms_core.commerce.payments.schemas import AccountIn, BankAccountIn, ReconcileIn
from lms_core.commerce.products import service as products
from lms_core.commerce.products.schemas import AffiliateIn, TaxRateIn
from lms_core.commerce.revenue import service as revenue
from lms_core.commerce.revenue.models import PayoutWay
from lms_core.commerce.revenue.schemas import BatchIn, HoldIn, TermsIn
from lms_core.kit.clock import MovingClock
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency, Money
from lms_core.kit.permissions import Role
from tests.factories.courses import Made
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.factories.shop import API, begin, coupon, order, sell
from tests.lms_core.commerce.earning import BANK, pay_to, set_shares
from tests.lms_core.commerce.paying import Shop, account_in
from tests.lms_core.commerce.scripted import PASSWORD, Till, install, paid
from tests.lms_core.commerce.test_paying_back import PDF, sent_by_itself
from tests.lms_core.commerce.test_paying_callbacks import tell
from workers.runtime import Runtime

PRICE = 150_000
LONG_NAME = "M-Pesa Paybill 247247 of the campus in Kisumu, for evening courses"
KES = Currency.KES


@dataclass(frozen=True)
class Month:
    """Who was there, and what pages are about."""

    admin: Person
    buyer: Person
    affiliate: Person
    paid_order: str
    open_order: str
    cancelled_order: str
    product_id: UUID
    account_id: UUID
    payment_id: str
    deposit_id: str
    run_id: str
    batch_id: str
    invoice_id: str


def a_month(
    runtime: Runtime, clock: MovingClock, drain: Callable[[], int], client: TestClient, course: Made, teacher: Person
) -> Month:
    """The month, in the institution of `course`; its end is now."""
    database = runtime.database
    till = install(database)
    admin = create_person(database, role=Role.ADMIN, full_name="Zawadi Mwangi")
    buyer = create_person(database, full_name="Amina Wanjiru")
    affiliate = create_person(database, full_name="Nanjala Wafula-Oduya")
    finance = actor_of(database, admin)
    with database.write(finance) as ctx:
        rate = products.add_rate(ctx, rate=TaxRateIn(name="VAT", basis_points=1600, inclusive=True))
        terms = TermsIn(hold_days=0, two_above={KES: 1_000}, smallest={KES: 100, Currency.USD: 500})
        revenue.set_terms(ctx, given=terms)
        known = AffiliateIn(user_id=affiliate.id, code="NANJALA", share_bp=1000, window_days=30)
        products.add_affiliate(ctx, affiliate=known)
        account = BankAccountIn(
            holder="Mwalimu College of Kisumu", account="0123456789", bank="KCB", branch="Kisumu", swift="KCBLKENX"
        )
        payments.set_bank_account(ctx, KES, account=account)
    product = sell(database, admin, course.id, PRICE, tax_rate_id=rate.id)
    coupon(database, admin, "KARIBU", basis_points=2000, uses_allowed=100)
    payments.save_account(database, finance, account=account_in(name="Sandbox (play money)"))
    given = {"gateway": "till", "mode": Mode.LIVE, "name": LONG_NAME, "is_default": True}
    values = {"word": PASSWORD, "shortcode": "600966"}
    made = payments.save_account(database, finance, account=AccountIn.model_validate({**given, "values": values}))
    shop = Shop(database, finance, buyer, made)
    set_shares(client, log_in(client, admin), course.slug, **{teacher.email: 40})
    pay_to(client, log_in(client, teacher), BANK)
    clock.move(timedelta(days=4))  # where to is not new any more

    theirs = log_in(client, buyer)
    client.post(f"{API}/affiliates/NANJALA", headers=theirs)
    cancelled = order(client, theirs, product.id)
    client.post(f"{API}/orders/{cancelled['id']}/cancel", headers=theirs)
    bought = order(client, theirs, product.id)
    payment_id = _pay(shop, till, client, theirs, bought, drain)
    with database.write(finance) as ctx:
        orders.refund(
            ctx, UUID(bought["id"]), refund=RefundIn(amount=20_000, reason="Two lessons late"), key=str(new_id())
        )
    drain()
    others = log_in(client, create_person(database, full_name="Baraka Odhiambo"))
    _pay(shop, till, client, others, order(client, others, product.id), drain)
    waiting = order(client, theirs, product.id, for_others=True, quantity=3)
    _hand_in(shop, waiting)

    sent_by_itself(shop, "KARIBU SHULE", 70_000)
    tell(shop, {"about": "charge", "dedupe": "forged"}, word="not the word")
    tell(shop, {"about": "charge", "dedupe": "foreign", "reference": "NOBODYS"})
    drain()
    till.list.append(Entry("T-1", "UNKNOWN1", "RZZ", Money(amount=4_900, currency=KES), State.SUCCEEDED, clock.now()))
    clock.move(timedelta(hours=2))
    with database.write(finance) as ctx:
        run = payments.start_reconciliation(ctx, wanted=ReconcileIn(account_id=made.id), key=str(new_id()))
    drain()
    with database.write(finance) as ctx:
        batch = revenue.draw_up(ctx, given=BatchIn(way=PayoutWay.BANK, currency=KES))
        revenue.hand_in(ctx, batch.id)
        revenue.place_hold(ctx, given=HoldIn(email=affiliate.email, reason="Asked where the buyers come from"))
    drain()
    with database.read(finance) as ctx:
        deposit = payments.list_deposits(ctx).items[0]
    invoice = client.get(f"{API}/invoices", headers=log_in(client, buyer)).json()["items"][0]["id"]
    return Month(
        admin, buyer, affiliate, str(bought["id"]), str(waiting["id"]), str(cancelled["id"]), product.id, made.id,
        payment_id, str(deposit.id), str(run.id), str(batch.id), str(invoice),
    )  # fmt: skip


def _pay(
    shop: Shop,
    till: Till,
    client: TestClient,
    headers: dict[str, str],
    placed: dict[str, Any],
    drain: Callable[[], int],
) -> str:
    """An order is paid at the till; the payment's id."""
    payment_id = begin(client, headers, placed["id"], shop.account.id)
    with shop.database.read(shop.finance) as ctx:
        one = payments.access_payment(ctx, payment_id).payment
    till.says[one.reference] = paid(one.reference, one.amount, receipt=f"R{one.reference}")
    tell(shop, {"about": "charge", "dedupe": one.reference, "reference": one.reference})
    drain()
    return str(payment_id)


def _hand_in(shop: Shop, placed: dict[str, Any]) -> None:
    buyer = actor_of(shop.database, shop.buyer)
    with shop.database.read(buyer) as ctx:
        (intent,) = payments.of_purpose(ctx, ("order", UUID(str(placed["id"]))))
    payments.hand_in_slip(
        shop.database, buyer, intent_id=intent.id, bank_reference="FT26005KISUMU", note="Paid at the counter", slip=PDF,
        key="a-slip",
    )  # fmt: skip
