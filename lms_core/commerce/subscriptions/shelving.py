"""Plans on the shelf of the shop: each is a product of its own, which always says what the plan says."""

from lms_core.commerce.products import service as products
from lms_core.commerce.products.models import Interval
from lms_core.commerce.products.schemas import Subscribed, SubscribedPrice
from lms_core.commerce.subscriptions import queries
from lms_core.commerce.subscriptions.models import Plan
from lms_core.kit.context import WriteCtx
from lms_core.kit.money import Currency


def place(ctx: WriteCtx, row: Plan) -> None:
    """Put a plan on the shelf as it is now, or take it off. Its product and prices have the ids of the plan and its."""
    prices = tuple(
        SubscribedPrice(
            id=each.id,
            currency=Currency(each.currency),
            interval=Interval(each.interval),
            amount=each.amount,
            valid_from=each.valid_from,
        )
        for each in queries.prices_of(ctx, [row.id])[row.id]
    )
    products.shelve(ctx, Subscribed(id=row.id, title=row.title, summary=row.summary, active=row.active, prices=prices))
