"""The facts of a subscription with what people are told: who, of which plan, and until when."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lms_core.commerce.subscriptions import queries
from lms_core.commerce.subscriptions.events import (
    RenewalComing,
    RenewalFailed,
    SubscriptionChanged,
    SubscriptionEnded,
    SubscriptionPaused,
    SubscriptionRenewed,
    SubscriptionResumed,
    SubscriptionStarted,
    SubscriptionUnpaid,
)
from lms_core.commerce.subscriptions.models import Subscription, Way
from lms_core.commerce.subscriptions.transitions import State
from lms_core.kit.context import WriteCtx
from lms_core.kit.events import Notice
from lms_core.kit.money import Currency, Money, to_major


def written(amount: int, currency: Currency) -> str:
    """`KES 1,500.00`."""
    return f"{Currency(currency).value} {to_major(Money(amount=amount, currency=Currency(currency))):,}"


def _about(row: Subscription) -> dict[str, Any]:
    return {"subscription_id": row.id, "user_id": row.user_id, "plan_id": row.plan_id}


def _to(row: Subscription) -> tuple[Any, ...]:
    return () if row.user_id is None else (row.user_id,)


def _day(row: Subscription, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(row.zone)).date().isoformat()


def _plan(ctx: WriteCtx, row: Subscription) -> str:
    return queries.plan(ctx, row.plan_id).title


def started(ctx: WriteCtx, row: Subscription) -> None:
    """It is open for the first time."""
    about = {"plan": _plan(ctx, row), "until": _day(row, row.ends_at)}
    if row.state == State.TRIALING:
        told = Notice(recipients=_to(row), kind="subscriptions.trial_started", variables=about)
    else:
        told = Notice(recipients=_to(row), kind="subscriptions.started", variables=about)
    ctx.emit(SubscriptionStarted(**_about(row), notice=told))


def renewed(ctx: WriteCtx, row: Subscription) -> None:
    """The next term runs."""
    about = {"plan": _plan(ctx, row), "until": _day(row, row.ends_at)}
    told = Notice(recipients=_to(row), kind="subscriptions.renewed", variables=about)
    ctx.emit(SubscriptionRenewed(**_about(row), until=row.ends_at, notice=told))


def renewal_coming(ctx: WriteCtx, row: Subscription, amount: int) -> None:
    """Its term or trial ends in a few days."""
    about = {"plan": _plan(ctx, row), "day": _day(row, row.ends_at), "amount": written(amount, row.currency)}
    told = Notice(recipients=_to(row), kind="subscriptions.renewal_coming", variables=about)
    ctx.emit(RenewalComing(**_about(row), at=row.ends_at, notice=told))


def renewal_failed(
    ctx: WriteCtx, row: Subscription, *, attempt: int, way: Way, reason: str, until: datetime, amount: int
) -> None:
    """A term waits for its money: an attempt failed, or somebody has to pay by hand."""
    about = {"plan": _plan(ctx, row), "until": _day(row, until), "amount": written(amount, row.currency)}
    if way == Way.BY_HAND:
        told = Notice(recipients=_to(row), kind="subscriptions.payment_due", variables=about)
    else:
        told = Notice(recipients=_to(row), kind="subscriptions.renewal_failed", variables=about)
    ctx.emit(RenewalFailed(**_about(row), attempt=attempt, reason=reason, notice=told))


def unpaid(ctx: WriteCtx, row: Subscription) -> None:
    """The days of grace are over."""
    told = Notice(recipients=_to(row), kind="subscriptions.unpaid", variables={"plan": _plan(ctx, row)})
    ctx.emit(SubscriptionUnpaid(**_about(row), notice=told))


def changed(ctx: WriteCtx, row: Subscription, former: Any) -> None:
    """Another price or plan holds."""
    told = Notice(recipients=_to(row), kind="subscriptions.changed", variables={"plan": _plan(ctx, row)})
    ctx.emit(SubscriptionChanged(**_about(row), former_plan_id=former, notice=told))


def paused(ctx: WriteCtx, row: Subscription, until: datetime) -> None:
    """It rests; whoever paused it knows."""
    ctx.emit(SubscriptionPaused(**_about(row), until=until))


def resumed(ctx: WriteCtx, row: Subscription) -> None:
    """It goes on."""
    about = {"plan": _plan(ctx, row), "until": _day(row, row.ends_at)}
    told = Notice(recipients=_to(row), kind="subscriptions.resumed", variables=about)
    ctx.emit(SubscriptionResumed(**_about(row), notice=told))


def ended(ctx: WriteCtx, row: Subscription) -> None:
    """It is over."""
    told = Notice(recipients=_to(row), kind="subscriptions.ended", variables={"plan": _plan(ctx, row)})
    ctx.emit(SubscriptionEnded(**_about(row), state=row.state.value, notice=told))
