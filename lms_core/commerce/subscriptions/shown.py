"""Rows as views."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from lms_core.commerce.payments import phones
from lms_core.commerce.subscriptions import collecting, dunning, metering, queries, seating
from lms_core.commerce.subscriptions.models import Plan, PlanAllowance, PlanPrice, Subscription, SubscriptionItem, Term
from lms_core.commerce.subscriptions.schemas import (
    AllowanceView,
    ItemView,
    MeterView,
    NextPrice,
    PlanCourseView,
    PlanView,
    PriceView,
    SubscriptionView,
    TermView,
)
from lms_core.commerce.subscriptions.transitions import OPEN, Cause, State, after
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx


def price_view(row: PlanPrice) -> PriceView:
    """A price."""
    return PriceView(id=row.id, currency=row.currency, interval=row.interval, amount=row.amount)


def plan_views(ctx: ReadCtx, rows: Sequence[Plan], *, drafts: bool = False) -> list[PlanView]:
    """Plans with prices and courses (published ones, unless `drafts`). Four statements, six for unknown courses."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    prices, inside, meters = queries.prices_of(ctx, ids), queries.courses_of(ctx, ids), queries.allowances_of(ctx, ids)
    known = {each.id: each for each in course_views(ctx, {id for found in inside.values() for id in found}, drafts)}
    return [
        PlanView(
            id=row.id, title=row.title, summary=row.summary, features=tuple(map(str, row.features)), scope=row.scope,
            trial_days=row.trial_days, tax_rate=row.tax_rate, active=row.active, position=row.position,
            prices=tuple(price_view(each) for each in prices[row.id]),
            courses=tuple(known[each] for each in inside[row.id] if each in known),
            allowances=tuple(allowance_view(each) for each in meters[row.id]),
        )
        for row in rows
    ]  # fmt: skip


def allowance_view(row: PlanAllowance) -> AllowanceView:
    """What a plan includes."""
    return AllowanceView.model_validate({name: getattr(row, name) for name in AllowanceView.model_fields})


def item_view(row: SubscriptionItem) -> ItemView:
    """What a subscription consists of."""
    return ItemView.model_validate({name: getattr(row, name) for name in ItemView.model_fields})


def meter_views(ctx: ReadCtx, row: Subscription, user_id: UUID) -> tuple[MeterView, ...]:
    """How somebody with a seat stands with what the plan meters. A statement, and one for each metric."""
    met = [metering.meter(ctx, row, each, user_id) for each in queries.allowances_of(ctx, [row.plan_id])[row.plan_id]]
    return tuple(
        MeterView(
            metric=each.metric, included=each.included, used=each.used, beyond=each.beyond,
            most_beyond=each.most_beyond, unit=each.unit, resets_at=row.ends_at,
        )
        for each in met
    )  # fmt: skip


def course_views(ctx: ReadCtx, course_ids: Iterable[UUID], drafts: bool = False) -> list[PlanCourseView]:
    """Courses by title; drafts are left out unless they are asked for."""
    cards = courses.cards(ctx, sorted(course_ids)).values()
    shown = [each for each in cards if drafts or each.status == "published"]
    return [
        PlanCourseView(id=each.id, slug=each.slug, title=each.title)
        for each in sorted(shown, key=lambda each: each.title)
    ]


def term_view(row: Term) -> TermView:
    """A term."""
    return TermView.model_validate({name: getattr(row, name) for name in TermView.model_fields})


def verbs(row: Subscription, *, due: bool) -> tuple[str, ...]:
    """What its person may do now."""
    state = State(row.state)
    running = state in (State.ACTIVE, State.TRIALING) and not row.cancel_at_end
    allowed = {
        "pay": due and state != State.PAUSED,
        "change": running,
        "seats": running,
        "cancel_at_end": running,
        "cancel_now": after(state, Cause.CANCELLED) is not None,
        "pause": running and after(state, Cause.PAUSED) is not None and row.amount > 0,
        "resume": state == State.PAUSED or (row.cancel_at_end and state in OPEN),
        "keep_plan": row.next_price_id is not None and state in OPEN,
    }
    return tuple(name for name, may in allowed.items() if may)


def subscription_view(ctx: ReadCtx, row: Subscription) -> SubscriptionView:
    """A subscription as its person sees it. Three statements, five with a change to come."""
    due, plan = queries.due(ctx, row.id), queries.plan(ctx, row.plan_id)
    state = State(row.state)
    seats, unit = seating.seats_of(ctx, row)
    next_price = None
    if row.next_price_id is not None:
        price = queries.price(ctx, row.next_price_id)
        title = queries.plan(ctx, price.plan_id).title
        amount = price.amount * seats
        next_price = NextPrice(price_id=price.id, plan_title=title, interval=price.interval, amount=amount)
    renews = state in (State.ACTIVE, State.TRIALING) and not row.cancel_at_end
    in_grace = state == State.PAST_DUE and row.past_due_at is not None
    return SubscriptionView(
        id=row.id, user_id=row.user_id, plan_id=row.plan_id, plan_title=plan.title, scope=plan.scope,
        price_id=row.price_id, state=state, open=state in OPEN, currency=row.currency, interval=row.interval,
        amount=row.amount, seats=seats, unit=unit, own_seat=row.own_seat, credit=row.credit,
        starts_at=row.starts_at, ends_at=row.ends_at,
        renews_at=row.ends_at if renews else None, trial_ends_at=row.trial_ends_at, cancel_at_end=row.cancel_at_end,
        paused_until=row.paused_until,
        grace_until=row.past_due_at + dunning.GRACE if in_grace and row.past_due_at else None,
        next_price=next_price, due=term_view(due) if due else None, way=row.way,
        phone=phones.masked(collecting.phone_of(ctx, row)), may=verbs(row, due=due is not None),
        created_at=row.created_at, ended_at=row.ended_at,
    )  # fmt: skip
