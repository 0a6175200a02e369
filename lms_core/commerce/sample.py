"""The sample shop of the demo: a course with a price, a coupon, a plan, and the payment provider in the house.

Made once: where anything is for sale already, nothing is touched.
"""

from uuid import UUID

from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways.port import Mode
from lms_core.commerce.payments.schemas import AccountIn
from lms_core.commerce.products import service as products
from lms_core.commerce.products.models import Interval, ProductKind
from lms_core.commerce.products.schemas import CouponIn, PriceIn, ProductIn, TaxRateIn
from lms_core.commerce.subscriptions.schemas import PlanChange, PlanIn, Scope
from lms_core.commerce.subscriptions.schemas import PriceIn as PlanPriceIn
from lms_core.commerce.subscriptions.service import plans
from lms_core.kit.context import Database, WriteCtx, system_actor
from lms_core.kit.ids import new_token
from lms_core.kit.money import Currency

COURSE_PRICE = 50_000  # KES 500.00
MONTH, YEAR = 90_000, 900_000
COUPON = "KARIBU"


def ensure_sample_shop(database: Database, *, tenant_id: UUID, course_id: UUID) -> None:
    """Put the course up for sale, with a coupon, a plan of everything, and a test account that needs no provider."""
    actor = system_actor(tenant_id)
    with database.write(actor) as ctx:
        if products.of_subject(ctx, course_id, kind=ProductKind.COURSE) is not None:
            return
        _sell(ctx, course_id)
        _offer_plan(ctx)
    account = AccountIn(
        gateway="sandbox", mode=Mode.TEST, name="Sandbox (play money)", values={"secret": new_token()}, is_default=True
    )
    payments.save_account(database, actor, account=account)


def _sell(ctx: WriteCtx, course_id: UUID) -> None:
    vat = products.add_rate(ctx, rate=TaxRateIn(name="VAT 16 %", basis_points=1600, inclusive=True))
    price = PriceIn(amount=COURSE_PRICE, currency=Currency.KES, interval=Interval.ONCE)
    sold = ProductIn(kind=ProductKind.COURSE, subject_id=course_id, tax_rate_id=vat.id, prices=[price])
    products.create(ctx, product=sold)
    products.add_coupon(ctx, coupon=CouponIn(code=COUPON, basis_points=2000, uses_per_person=1))


def _offer_plan(ctx: WriteCtx) -> None:
    plan = plans.create_plan(
        ctx,
        plan=PlanIn(
            title="Everything",
            summary="Every course for as long as you subscribe.",
            features=["All courses", "Cancel whenever you like"],
            scope=Scope.ALL,
            trial_days=7,
        ),
    )
    for amount, interval in ((MONTH, "month"), (YEAR, "year")):
        plans.set_price(
            ctx, plan.id, price=PlanPriceIn.model_validate({"amount": amount, "currency": "KES", "interval": interval})
        )
    plans.change_plan(ctx, plan.id, change=PlanChange(active=True))
