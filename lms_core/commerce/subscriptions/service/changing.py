"""Another plan or price: what it would cost, and changing to it now or when the term ends."""

from datetime import datetime
from typing import NamedTuple

from lms_core.commerce.subscriptions import collecting, opening, proration, queries, seating, settling
from lms_core.commerce.subscriptions.errors import (
    NoSubscription,
    OtherCurrency,
    SamePrice,
    SeatsTaken,
    SubscriptionState,
)
from lms_core.commerce.subscriptions.models import Plan, PlanPrice, Subscription, Term, TermKind
from lms_core.commerce.subscriptions.periods import Interval, boundary, days_left
from lms_core.commerce.subscriptions.policies import subscriber
from lms_core.commerce.subscriptions.schemas import (
    ChangeIn,
    ChangePreview,
    CheckoutView,
    SeatsIn,
    SubscriptionView,
    When,
)
from lms_core.commerce.subscriptions.shown import subscription_view, term_view, verbs
from lms_core.commerce.subscriptions.transitions import State
from lms_core.kit.context import ReadCtx, WriteCtx


class Quote(NamedTuple):
    """A change, reckoned: to so many seats at `unit` each, the sums, of how many days, and what they cover."""

    seats: int
    unit: int
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
    seats, _ = seating.seats_of(ctx, row)
    return _preview(row, price, plan, given.when, _quote(ctx, row, price, given.when, seats, price.amount))


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
    seats, _ = seating.seats_of(ctx, row)
    quote = _quote(ctx, row, price, given.when, seats, price.amount)
    if row.state == State.TRIALING:
        _switch_trial(ctx, row, price, plan.tax_rate, quote)
        return CheckoutView(subscription=subscription_view(ctx, row), due=None)
    return _asked(ctx, row, _change_term(ctx, row, price, plan.tax_rate, quote), plan)


def preview_seats(ctx: ReadCtx, *, given: SeatsIn) -> ChangePreview:
    """What another number of seats would cost the caller now. NoSubscription, SubscriptionState, TooMuchToPay."""
    row = queries.living(ctx, subscriber(ctx))
    if row is None:
        raise NoSubscription()
    price, plan = queries.price(ctx, row.price_id), queries.plan(ctx, row.plan_id)
    return _preview(row, price, plan, When.NOW, _seats_quote(ctx, row, price, given.seats))


def set_seats(ctx: WriteCtx, *, given: SeatsIn) -> CheckoutView:
    """Have so many seats from now on, at the price the subscription was made with.

    More of them once what is `due` for the rest of the term is paid; fewer at once, and their rest stays as credit.

    NoSubscription, SubscriptionState, SeatsTaken, TooMuchToPay.
    """
    row = queries.living_held(ctx, subscriber(ctx))
    price, plan = queries.price(ctx, row.price_id), queries.plan(ctx, row.plan_id)
    quote = _seats_quote(ctx, row, price, given.seats)
    present, _ = seating.seats_of(ctx, row)
    own_seat = row.own_seat if given.own_seat is None else given.own_seat
    if queries.given_seats(ctx, row.id) + own_seat > min(present, given.seats):
        raise SeatsTaken()
    settling.drop_dues(ctx, row, TermKind.CHANGE)
    if own_seat != row.own_seat:
        row.own_seat = own_seat
        ctx.session.flush()
        opening.settle(ctx, row)
    if given.seats == present:
        return CheckoutView(subscription=subscription_view(ctx, row), due=None)
    if row.state == State.TRIALING:
        _switch_trial(ctx, row, price, row.tax_rate, quote)
        return CheckoutView(subscription=subscription_view(ctx, row), due=None)
    return _asked(ctx, row, _change_term(ctx, row, price, row.tax_rate, quote), plan)


def _seats_quote(ctx: ReadCtx, row: Subscription, price: PlanPrice, seats: int) -> Quote:
    if "seats" not in verbs(row, due=False) or row.ends_at <= ctx.now:
        raise SubscriptionState()
    return _quote(ctx, row, price, When.NOW, seats, seating.seats_of(ctx, row)[1])


def _asked(ctx: WriteCtx, row: Subscription, term: Term, plan: Plan) -> CheckoutView:
    """Begin what a change made of a term, or ask for its money first."""
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
    if row is None:
        raise NoSubscription()
    price, plan = queries.offered(ctx, given.price_id)
    if "change" not in verbs(row, due=False) or row.ends_at <= ctx.now:
        raise SubscriptionState()
    if price.currency != row.currency:
        raise OtherCurrency()
    if price.id == row.price_id:
        raise SamePrice()
    return price, plan, row


def _quote(ctx: ReadCtx, row: Subscription, price: PlanPrice, when: When, seats: int, unit: int) -> Quote:
    """The sums of a change. A trial has cost nothing, and a change at the end of a term owes nothing for this one."""
    days, whole = days_left(row.starts_at, row.ends_at, ctx.now, row.zone)
    interval, amount = Interval(price.interval), seating.total(unit, seats)
    if when == When.PERIOD_END:
        sums = proration.Proration(0, 0, row.credit)
        return Quote(seats, unit, sums, 0, whole, row.ends_at, boundary(row.ends_at, interval, 1, row.zone))
    if row.state == State.TRIALING:
        return Quote(seats, unit, proration.Proration(0, 0, row.credit), days, whole, ctx.now, row.ends_at)
    if interval == row.interval:
        sums = proration.within_term(row.amount, amount, days=days, whole=whole, balance=row.credit)
        return Quote(seats, unit, sums, days, whole, ctx.now, row.ends_at)
    sums = proration.new_term(row.amount, amount, days=days, whole=whole, balance=row.credit)
    return Quote(seats, unit, sums, days, whole, ctx.now, boundary(ctx.now, interval, 1, row.zone))


def _change_term(ctx: WriteCtx, row: Subscription, price: PlanPrice, tax_rate: int, quote: Quote) -> Term:
    return ctx.add(
        Term(
            subscription_id=row.id, number=queries.next_number(ctx, row.id), kind=TermKind.CHANGE,
            plan_id=price.plan_id, price_id=price.id, currency=row.currency, tax_rate=tax_rate,
            seats=quote.seats, full_price=quote.unit * quote.seats, price=quote.sums.charge,
            credit_used=quote.sums.balance, kept=quote.sums.kept,
            amount=quote.sums.due, starts_at=quote.starts_at, ends_at=quote.ends_at, made_at=ctx.now,
        )
    )  # fmt: skip


def _switch_trial(ctx: WriteCtx, row: Subscription, price: PlanPrice, tax_rate: int, quote: Quote) -> None:
    """The trial goes on to its end with another plan, or other seats."""
    former = row.plan_id
    row.plan_id, row.price_id, row.tax_rate = price.plan_id, price.id, tax_rate
    row.amount, row.interval = quote.unit * quote.seats, price.interval
    seating.consist(ctx, row, plan_id=price.plan_id, price_id=price.id, seats=quote.seats, unit=quote.unit)
    ctx.session.flush()
    settling.after_change(ctx, row, former)


def _preview(row: Subscription, price: PlanPrice, plan: Plan, when: When, quote: Quote) -> ChangePreview:
    sums = quote.sums
    return ChangePreview(
        price_id=price.id, plan_title=plan.title, when=when, currency=row.currency, seats=quote.seats,
        amount=quote.unit * quote.seats,
        interval=price.interval, days_left=quote.days, days=quote.whole, credit=sums.credit, charge=sums.charge,
        balance=sums.balance, due=sums.due, kept=sums.kept, starts_at=quote.starts_at, ends_at=quote.ends_at,
    )  # fmt: skip
