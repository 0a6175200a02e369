"""Another plan or price: what it would cost, and changing to it now or when the term ends."""

from datetime import datetime
from typing import NamedTuple

from lms_core.commerce.subscriptions import collecting, proration, queries, settling
from lms_core.commerce.subscriptions.errors import OtherCurrency, SamePrice, SubscriptionState
from lms_core.commerce.subscriptions.models import Plan, PlanPrice, Subscription, Term, TermKind
from lms_core.commerce.subscriptions.periods import Interval, boundary, days_left
from lms_core.commerce.subscriptions.policies import subscriber
from lms_core.commerce.subscriptions.schemas import ChangeIn, ChangePreview, CheckoutView, SubscriptionView, When
from lms_core.commerce.subscriptions.shown import subscription_view, term_view, verbs
from lms_core.commerce.subscriptions.transitions import State
from lms_core.kit.context import ReadCtx, WriteCtx


class Quote(NamedTuple):
    """A change, reckoned: the sums, of how many days, and what they cover."""

    sums: proration.Proration
    days: int
    whole: int
    starts_at: datetime
    ends_at: datetime


def preview_change(ctx: ReadCtx, *, given: ChangeIn) -> ChangePreview:
    """What a change would cost the caller now. NoSubscription, PriceNotFound, OtherCurrency, SamePrice,
    SubscriptionState."""
    row = queries.living(ctx, subscriber(ctx))
    price, plan, row = _checked(ctx, row, given)
    return _preview(row, price, plan, given.when, _quote(ctx, row, price, given.when))


def change(ctx: WriteCtx, *, given: ChangeIn) -> CheckoutView:
    """Change the caller's plan: now (once `due` is paid, where something is due), or when the term ends.

    Asking again replaces what was asked for before. Errors as of `preview_change`.
    """
    row = queries.living_held(ctx, subscriber(ctx))
    price, plan, row = _checked(ctx, row, given)
    settling.drop_dues(ctx, row, TermKind.CHANGE)
    if given.when == When.PERIOD_END:
        row.next_price_id = price.id
        ctx.session.flush()
        return CheckoutView(subscription=subscription_view(ctx, row), due=None)
    row.next_price_id = None
    quote = _quote(ctx, row, price, given.when)
    if row.state == State.TRIALING:
        _switch_trial(ctx, row, price, plan)
        return CheckoutView(subscription=subscription_view(ctx, row), due=None)
    term = _change_term(ctx, row, price, plan, quote)
    if term.amount == 0:
        settling.begin_term(ctx, row, term)
        return CheckoutView(subscription=subscription_view(ctx, row), due=None)
    collecting.intent_of(ctx, row, term, title=plan.title)
    return CheckoutView(subscription=subscription_view(ctx, row), due=term_view(term))


def keep_plan(ctx: WriteCtx) -> SubscriptionView:
    """Take back a change that was to come, or that waits for its payment. NoSubscription."""
    row = queries.living_held(ctx, subscriber(ctx))
    settling.drop_dues(ctx, row, TermKind.CHANGE)
    row.next_price_id = None
    ctx.session.flush()
    return subscription_view(ctx, row)


def _checked(ctx: ReadCtx, row: Subscription | None, given: ChangeIn) -> tuple[PlanPrice, Plan, Subscription]:
    price, plan = queries.offered(ctx, given.price_id)
    if row is None or "change" not in verbs(row, due=False) or row.ends_at <= ctx.now:
        raise SubscriptionState()
    if price.currency != row.currency:
        raise OtherCurrency()
    if price.id == row.price_id:
        raise SamePrice()
    return price, plan, row


def _quote(ctx: ReadCtx, row: Subscription, price: PlanPrice, when: When) -> Quote:
    """The sums of a change. A trial has cost nothing, and a change at the end of a term owes nothing for this one."""
    days, whole = days_left(row.starts_at, row.ends_at, ctx.now, row.zone)
    interval = Interval(price.interval)
    if when == When.PERIOD_END:
        sums = proration.Proration(0, 0, row.credit)
        return Quote(sums, 0, whole, row.ends_at, boundary(row.ends_at, interval, 1, row.zone))
    if row.state == State.TRIALING:
        return Quote(proration.Proration(0, 0, row.credit), days, whole, ctx.now, row.ends_at)
    if interval == row.interval:
        sums = proration.within_term(row.amount, price.amount, days=days, whole=whole, balance=row.credit)
        return Quote(sums, days, whole, ctx.now, row.ends_at)
    sums = proration.new_term(row.amount, price.amount, days=days, whole=whole, balance=row.credit)
    return Quote(sums, days, whole, ctx.now, boundary(ctx.now, interval, 1, row.zone))


def _change_term(ctx: WriteCtx, row: Subscription, price: PlanPrice, plan: Plan, quote: Quote) -> Term:
    return ctx.add(
        Term(
            subscription_id=row.id, number=queries.next_number(ctx, row.id), kind=TermKind.CHANGE,
            plan_id=plan.id, price_id=price.id, currency=row.currency, tax_rate=plan.tax_rate,
            full_price=price.amount, price=quote.sums.charge, credit_used=quote.sums.balance, kept=quote.sums.kept,
            amount=quote.sums.due, starts_at=quote.starts_at, ends_at=quote.ends_at, made_at=ctx.now,
        )
    )  # fmt: skip


def _switch_trial(ctx: WriteCtx, row: Subscription, price: PlanPrice, plan: Plan) -> None:
    """The trial goes on to its end with another plan."""
    former = row.plan_id
    row.plan_id, row.price_id, row.tax_rate = plan.id, price.id, plan.tax_rate
    row.amount, row.interval = price.amount, price.interval
    ctx.session.flush()
    settling.after_change(ctx, row, former)


def _preview(row: Subscription, price: PlanPrice, plan: Plan, when: When, quote: Quote) -> ChangePreview:
    sums = quote.sums
    return ChangePreview(
        price_id=price.id, plan_title=plan.title, when=when, currency=row.currency, amount=price.amount,
        interval=price.interval, days_left=quote.days, days=quote.whole, credit=sums.credit, charge=sums.charge,
        balance=sums.balance, due=sums.due, kept=sums.kept, starts_at=quote.starts_at, ends_at=quote.ends_at,
    )  # fmt: skip
