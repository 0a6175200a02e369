"""What the clock does to a subscription: reminders, renewals, repeated asking, and the ends of patience.

`look_at` says when the next of these is due. `look` does all that is due, in order, so a clock that stood still for
weeks (a machine that was off) catches up; only asking for money is never repeated quicker than `dunning.APART`.
"""

from collections.abc import Callable
from datetime import datetime

from lms_core.commerce.subscriptions import collecting, dunning, metering, queries, seating, settling, telling
from lms_core.commerce.subscriptions.models import (
    Outcome,
    RenewalAttempt,
    Subscription,
    Term,
    TermKind,
    TermState,
    Way,
)
from lms_core.commerce.subscriptions.periods import Interval, boundary
from lms_core.commerce.subscriptions.states import move
from lms_core.commerce.subscriptions.transitions import Cause, State
from lms_core.kit.context import WriteCtx

MOST_STEPS = 64  # at one look: five years of free months


def look(ctx: WriteCtx, row: Subscription) -> int:
    """Do everything that is due; the caller holds the row. How many steps that were."""
    for step in range(MOST_STEPS):
        if row.look_at is None or row.look_at > ctx.now:
            return step
        STEPS[State(row.state)](ctx, row)
        ctx.session.flush()
    return MOST_STEPS


def _give_up_first(ctx: WriteCtx, row: Subscription) -> None:
    if settling.first_deadline(row) > ctx.now:
        row.look_at = settling.first_deadline(row)
        return
    settling.drop_dues(ctx, row)
    move(ctx, row, Cause.GIVEN_UP)  # nobody is told: it never began


def _run(ctx: WriteCtx, row: Subscription) -> None:
    """A trial or a paid term: remind, then end or renew."""
    if row.ends_at > ctx.now:
        if row.reminded_of != row.ends_at and settling.reminds(row):
            telling.renewal_coming(ctx, row, next_amount(ctx, row))
        row.reminded_of = row.ends_at
        row.look_at = row.ends_at
        return
    if row.cancel_at_end or row.user_id is None:
        settling.drop_dues(ctx, row)
        move(ctx, row, Cause.ENDED)
        telling.ended(ctx, row)
        return
    settling.drop_dues(ctx, row)  # a change of plan that was never paid
    term = _next_term(ctx, row)
    move(ctx, row, Cause.TERM_OVER)
    row.past_due_at = ctx.now
    if term.amount == 0:
        settling.begin_term(ctx, row, term)
        return
    _attempt(ctx, row, term, 0)


def next_amount(ctx: WriteCtx, row: Subscription) -> int:
    """What the next term will cost as it stands, with what was used beyond the allowance, less the credit there is."""
    seats, unit = seating.seats_of(ctx, row)
    if row.next_price_id is not None:
        unit = queries.price(ctx, row.next_price_id).amount
    return max(unit * seats + metering.extra_of(ctx, row) - row.credit, 0)


def _next_term(ctx: WriteCtx, row: Subscription) -> Term:
    """The term after the running one, at the price that holds from then on."""
    price = queries.price(ctx, row.next_price_id or row.price_id)
    tax_rate = row.tax_rate if price.plan_id == row.plan_id else queries.plan(ctx, price.plan_id).tax_rate
    seats, unit = seating.seats_of(ctx, row)
    amount = seats * (unit if row.next_price_id is None else price.amount)
    extra = metering.extra_of(ctx, row)
    if price.interval == row.interval:
        ends_at = boundary(row.anchor_at, Interval(row.interval), row.cycle + 1, row.zone)
    else:
        ends_at = boundary(row.ends_at, Interval(price.interval), 1, row.zone)
    used = min(row.credit, amount + extra)
    term = ctx.add(
        Term(
            subscription_id=row.id, number=queries.next_number(ctx, row.id), kind=TermKind.TERM,
            plan_id=price.plan_id, price_id=price.id, currency=row.currency, tax_rate=tax_rate,
            seats=seats, full_price=amount, extra=extra, price=amount + extra, credit_used=used,
            amount=amount + extra - used, starts_at=row.ends_at, ends_at=ends_at, made_at=ctx.now,
        )
    )  # fmt: skip
    if extra:
        metering.bill(ctx, row, term)
    return term


def _attempt(ctx: WriteCtx, row: Subscription, term: Term, number: int) -> None:
    """Ask for the money once more, and plan the next time."""
    way = collecting.ask(ctx, row, term, number=number, title=queries.plan(ctx, term.plan_id).title)
    ctx.add(RenewalAttempt(subscription_id=row.id, term_id=term.id, number=number, way=way, at=ctx.now))
    if way == Way.BY_HAND:
        until = (row.past_due_at or ctx.now) + dunning.GRACE
        telling.renewal_failed(ctx, row, attempt=number, way=way, reason="by_hand", until=until, amount=term.amount)
    row.look_at = _after(row, ctx.now, number)


def _after(row: Subscription, last: datetime, number: int) -> datetime:
    asked_from = row.past_due_at or last
    return dunning.attempt_at(asked_from, last, number + 1) or dunning.patience_ends(asked_from, last)


def _press(ctx: WriteCtx, row: Subscription) -> None:
    """An unpaid term within its days of grace: ask again, or let patience end."""
    term = next(iter(queries.dues(ctx, row.id, TermKind.TERM)), None)
    if term is None:  # cannot be: past due is having such a term
        row.look_at = None
        return
    made = queries.attempts(ctx, term.id)
    last = made[-1].at if made else None
    planned = dunning.attempt_at(row.past_due_at or ctx.now, last, len(made))
    if planned is not None:
        if planned <= ctx.now:
            _attempt(ctx, row, term, len(made))
        else:
            row.look_at = planned
        return
    patience = dunning.patience_ends(row.past_due_at or ctx.now, made[-1].at)
    if patience > ctx.now:
        row.look_at = patience
        return
    end_grace(ctx, row)


def end_grace(ctx: WriteCtx, row: Subscription) -> None:
    """Nothing more is asked for: the courses close, and what is due can still be paid for a month."""
    move(ctx, row, Cause.GRACE_OVER)
    row.unpaid_at = ctx.now
    row.look_at = ctx.now + dunning.UNPAID_FOR
    telling.unpaid(ctx, row)


def _give_up(ctx: WriteCtx, row: Subscription) -> None:
    settling.drop_dues(ctx, row)
    move(ctx, row, Cause.GIVEN_UP)
    telling.ended(ctx, row)


def resume(ctx: WriteCtx, row: Subscription) -> None:
    """Go on after a pause: the term ends as much later as the pause was long, and later terms follow from there."""
    assert row.paused_at is not None
    until = min(ctx.now, row.paused_until or ctx.now)  # a machine that was off costs nobody a day
    row.ends_at += until - row.paused_at
    row.anchor_at, row.cycle = row.ends_at, 0
    row.paused_at, row.paused_until = None, None
    move(ctx, row, Cause.RESUMED)
    settling.plan_look(row)
    telling.resumed(ctx, row)


def failed(ctx: WriteCtx, row: Subscription, term: Term, *, reason: str) -> None:
    """An attempt came to nothing. What its subscriber tried by themselves is not told to them again."""
    asked = queries.last_attempt(ctx, term.id, Outcome.ASKED)
    if term.state != TermState.DUE or asked is None or asked.way == Way.BY_HAND:
        return
    asked.outcome, asked.reason = Outcome.FAILED, reason
    ctx.session.flush()
    if row.state != State.PAST_DUE:
        return
    asked_from = row.past_due_at or asked.at
    if asked.number + 1 >= len(dunning.OFFSETS) and ctx.now >= asked_from + dunning.GRACE:
        end_grace(ctx, row)
        return
    telling.renewal_failed(
        ctx, row, attempt=asked.number, way=asked.way, reason=reason,
        until=asked_from + dunning.GRACE, amount=term.amount,
    )  # fmt: skip


STEPS: dict[State, Callable[[WriteCtx, Subscription], None]] = {
    State.INCOMPLETE: _give_up_first,
    State.TRIALING: _run,
    State.ACTIVE: _run,
    State.PAST_DUE: _press,
    State.UNPAID: _give_up,
    State.PAUSED: resume,
}
