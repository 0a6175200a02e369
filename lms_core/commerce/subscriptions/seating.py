"""What a subscription consists of: seats at a price, of which one is its person's own and others are given away."""

from uuid import UUID

from lms_core.commerce.subscriptions import queries
from lms_core.commerce.subscriptions.errors import TooMuchToPay
from lms_core.commerce.subscriptions.models import Subscription, SubscriptionItem
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.money import MAX_AMOUNT


def consist(ctx: WriteCtx, row: Subscription, *, plan_id: UUID, price_id: UUID, seats: int, unit: int) -> None:
    """From now on it consists of so many seats at this price. Again: nothing happens."""
    live = queries.live_item(ctx, row.id)
    if live is not None:
        if (live.plan_id, live.price_id, live.quantity, live.unit) == (plan_id, price_id, seats, unit):
            return
        live.until = ctx.now
        ctx.session.flush()
    ctx.add(
        SubscriptionItem(
            subscription_id=row.id, plan_id=plan_id, price_id=price_id, quantity=seats, unit=unit, since=ctx.now
        )
    )


def end(ctx: WriteCtx, row: Subscription) -> None:
    """It is over, and consists of nothing any more."""
    live = queries.live_item(ctx, row.id)
    if live is not None:
        live.until = ctx.now
        ctx.session.flush()


def seats_of(ctx: ReadCtx, row: Subscription) -> tuple[int, int]:
    """How many seats it has, and what one costs a term; of one that is over, what it had last."""
    item = queries.live_item(ctx, row.id) or queries.last_item(ctx, row.id)
    return (item.quantity, item.unit) if item is not None else (1, row.amount)


def total(unit: int, seats: int) -> int:
    """What so many seats cost a term, in minor units. TooMuchToPay."""
    if unit * seats > MAX_AMOUNT:
        raise TooMuchToPay()
    return unit * seats
