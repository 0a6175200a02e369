"""What a plan meters: counted once a key, within the allowance of each seat, and beyond it as the plan says.

An allowance is for each seat and each month of a term, and begins anew with every term. What goes beyond is refused, or
asked for with the next term; during a trial, while a payment is due, or where no term follows, it is always refused.
"""

from dataclasses import dataclass
from uuid import UUID

from lms_core.commerce.subscriptions import queries
from lms_core.commerce.subscriptions.models import (
    ItemKind,
    Metric,
    PlanAllowance,
    Subscription,
    SubscriptionItem,
    Term,
    Usage,
)
from lms_core.commerce.subscriptions.periods import Interval
from lms_core.commerce.subscriptions.transitions import State
from lms_core.kit.context import ReadCtx, WriteCtx


@dataclass(frozen=True, slots=True)
class Meter:
    """How much somebody with a seat has in the running term. `unit`: minor units for one beyond; None: refused."""

    metric: Metric
    included: int
    used: int
    most_beyond: int
    unit: int | None

    @property
    def beyond(self) -> int:
        """What was used beyond what is included."""
        return max(self.used - self.included, 0)

    def further(self, quantity: int) -> int | None:
        """How many of `quantity` more would go beyond; None: so many cannot be had."""
        would_be = max(self.used + quantity - self.included, 0)
        if would_be > self.beyond and (self.unit is None or would_be > self.most_beyond):
            return None
        return would_be - self.beyond


def meter(ctx: ReadCtx, row: Subscription, allowance: PlanAllowance, user_id: UUID) -> Meter:
    """How somebody with a seat stands with an allowance. One statement."""
    months = Interval(row.interval).months
    goes_on = row.state == State.ACTIVE and not row.cancel_at_end
    unit = allowance.beyond_prices.get(row.currency) if goes_on else None
    return Meter(
        metric=Metric(allowance.metric),
        included=allowance.included * months,
        used=queries.used(ctx, row.id, user_id, allowance.metric, row.starts_at),
        most_beyond=allowance.most_beyond * months if unit is not None else 0,
        unit=int(unit) if unit is not None and allowance.most_beyond else None,
    )


def extra_of(ctx: ReadCtx, row: Subscription) -> int:
    """What was used beyond allowances and not asked for yet, in minor units. One statement."""
    return sum(each.beyond * each.unit for each in queries.unbilled(ctx, row.id))


def bill(ctx: WriteCtx, row: Subscription, term: Term) -> None:
    """Write down that a term asks for all of it: an item for each metric and price."""
    found: dict[tuple[Metric, int], list[Usage]] = {}
    for each in queries.unbilled(ctx, row.id):
        found.setdefault((each.metric, each.unit), []).append(each)
    for (metric, unit), uses in found.items():
        ctx.add(
            SubscriptionItem(
                subscription_id=row.id, kind=ItemKind.EXTRA, plan_id=row.plan_id, term_id=term.id, metric=metric,
                quantity=sum(each.beyond for each in uses), unit=unit,
                since=min(each.term_from for each in uses), until=ctx.now,
            )
        )  # fmt: skip
        for each in uses:
            each.billed_in = term.id
    ctx.session.flush()
