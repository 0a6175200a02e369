"""What the finance pages show of everybody's subscriptions."""

from uuid import UUID

from sqlalchemy import and_, func, select

from lms_core.commerce.subscriptions.models import Plan, Subscription, SubscriptionItem
from lms_core.commerce.subscriptions.periods import Interval
from lms_core.commerce.subscriptions.policies import require_reader
from lms_core.commerce.subscriptions.schemas import Figures, SubscriberRow
from lms_core.commerce.subscriptions.transitions import State
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page

PAYING = (State.ACTIVE, State.PAST_DUE)


def subscribers(
    ctx: ReadCtx, *, state: State | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[SubscriberRow]:
    """Subscriptions, newest first, of one state or all. Three statements. Forbidden."""
    require_reader(ctx)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    wanted = (
        select(Subscription, Plan.title, func.coalesce(SubscriptionItem.quantity, 1))
        .join(Plan, Plan.id == Subscription.plan_id)
        .outerjoin(
            SubscriptionItem,
            and_(SubscriptionItem.subscription_id == Subscription.id, SubscriptionItem.until.is_(None)),
        )
    )
    if state is not None:
        wanted = wanted.where(Subscription.state == state)
    if cursor:
        last = parse_id(decode_cursor(cursor, (str,))[0])
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        wanted = wanted.where(Subscription.id < last)
    rows = ctx.session.execute(wanted.order_by(Subscription.id.desc()).limit(limit + 1)).all()
    ids: list[UUID] = [row.user_id for row, _, _ in rows if row.user_id is not None]
    names, emails = accounts.names_of(ctx, ids), accounts.emails_of(ctx, ids)
    found = [
        SubscriberRow(
            id=row.id, user_id=row.user_id, person=names.get(row.user_id, ""), email=emails.get(row.user_id, ""),
            plan_title=title, state=row.state, currency=row.currency, interval=row.interval, amount=row.amount,
            seats=seats, ends_at=row.ends_at, cancel_at_end=row.cancel_at_end,
        )
        for row, title, seats in rows
    ]  # fmt: skip
    return page(found, limit, key=lambda each: (str(each.id),))


def figures(ctx: ReadCtx) -> Figures:
    """How many subscriptions stand where, and a month's worth of those that pay. One statement. Forbidden."""
    require_reader(ctx)
    counted = select(
        Subscription.state, Subscription.currency, Subscription.interval, func.count(), func.sum(Subscription.amount)
    ).group_by(Subscription.state, Subscription.currency, Subscription.interval)
    states: dict[str, int] = {}
    monthly: dict[str, int] = {}
    for state, currency, interval, count, amount in ctx.session.execute(counted):
        states[state] = states.get(state, 0) + count
        if state in PAYING:
            months = Interval(interval).months
            monthly[currency] = monthly.get(currency, 0) + (2 * int(amount) + months) // (2 * months)
    return Figures(states=states, monthly=monthly)
