"""Using what a plan meters."""

from uuid import UUID

from lms_core.commerce.orders import service as orders
from lms_core.commerce.subscriptions import metering, queries
from lms_core.commerce.subscriptions.errors import AllowanceUsed
from lms_core.commerce.subscriptions.models import Metric, PlanAllowance, Subscription, Usage
from lms_core.commerce.subscriptions.transitions import OPEN
from lms_core.kit.context import ReadCtx, WriteCtx


def use(ctx: WriteCtx, *, course_id: UUID, metric: Metric, key: str, quantity: int = 1) -> bool:
    """Count that the caller uses something of a course they are in by a plan; the same `key` counts once.

    False: nothing to count, because the course is theirs another way, or no plan of theirs meters this. AllowanceUsed
    when neither the allowance nor what the plan sells beyond it is enough: nothing is counted then.
    """
    metered = _metered(ctx, course_id, metric)
    held = queries.held(ctx, metered[0].id) if metered is not None else None
    if metered is None or held is None or held.state not in OPEN or ctx.actor.user_id is None:
        return False
    if queries.usage(ctx, held.id, metric, key) is not None:
        return True
    now = metering.meter(ctx, held, metered[1], ctx.actor.user_id)
    beyond = now.further(quantity)
    if beyond is None:
        raise AllowanceUsed()
    ctx.add(
        Usage(
            subscription_id=held.id, user_id=ctx.actor.user_id, metric=metric, key=key, quantity=quantity,
            beyond=beyond, unit=now.unit or 0 if beyond else 0, term_from=held.starts_at, at=ctx.now,
        )
    )  # fmt: skip
    return True


def _metered(ctx: ReadCtx, course_id: UUID, metric: Metric) -> tuple[Subscription, PlanAllowance] | None:
    """By which subscription the caller is in a course, where its plan meters this. A statement for who has none."""
    user_id = ctx.actor.user_id
    rows = queries.rights(ctx, user_id) if user_id is not None else []
    if user_id is None or not rows or orders.bought_among(ctx, [course_id], user_id=user_id):
        return None
    allowances = queries.allowances_of(ctx, [each.plan_id for each in rows])
    for row in rows:
        opened = queries.opened(ctx, row.id, user_id)
        if not any(each.course_id == course_id and each.closed_at is None for each in opened):
            continue
        found = next((each for each in allowances[row.plan_id] if each.metric == metric), None)
        if found is not None:
            return row, found
    return None
