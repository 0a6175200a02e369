"""What money does to a subscription: a paid term begins, money paid again is kept as credit, money taken back ends it.

Callers hold the row of the subscription. A fact of payments may be heard twice; the second time nothing happens.
"""

from datetime import datetime
from uuid import UUID

from lms_core.commerce.orders.events import PeriodPaid, PeriodRefunded
from lms_core.commerce.subscriptions import books, collecting, dunning, opening, queries, seating, telling
from lms_core.commerce.subscriptions.models import Outcome, Subscription, Term, TermKind, TermPayment, TermState, Way
from lms_core.commerce.subscriptions.periods import Interval, boundary
from lms_core.commerce.subscriptions.states import move
from lms_core.commerce.subscriptions.transitions import OVER, TABLE, Cause, State
from lms_core.kit.context import WriteCtx
from lms_core.kit.money import Currency


def first_deadline(row: Subscription) -> datetime:
    """Until when the first payment is waited for."""
    return row.created_at + dunning.FIRST_PAYMENT


def reminds(row: Subscription) -> bool:
    """Whether its person is told before the running term ends: trials, years, and whoever has to pay by hand."""
    if row.cancel_at_end or row.user_id is None or (row.amount == 0 and row.next_price_id is None):
        return False
    return row.state == State.TRIALING or row.interval == Interval.YEAR or row.way != Way.SAVED


def plan_look(row: Subscription) -> None:
    """Set when the clock has to look at a trial or a running term again."""
    remind_at = row.ends_at - dunning.REMIND_BEFORE
    row.look_at = remind_at if row.reminded_of != row.ends_at and remind_at > row.starts_at else row.ends_at


def drop_dues(ctx: WriteCtx, row: Subscription, kind: TermKind | None = None) -> None:
    """Nobody waits for what is due any more."""
    for term in queries.dues(ctx, row.id, kind):
        term.state = TermState.VOID
        ctx.session.flush()
        collecting.forget(ctx, term)


def paid(ctx: WriteCtx, row: Subscription, term: Term, *, payment_id: UUID, amount: int, at: datetime) -> None:
    """Money for a term is here. Whatever the term's state, it is booked once and counts for its person."""
    if queries.payment(ctx, payment_id) is not None:
        return
    ctx.add(TermPayment(term_id=term.id, payment_id=payment_id, amount=amount, at=at))
    title = queries.plan(ctx, term.plan_id).title
    books.earned(ctx, term, payment_id=payment_id, amount=amount, title=title)
    begins = term.state == TermState.DUE and row.state not in OVER
    if begins:
        term.payment_id, term.paid_at = payment_id, at
        begin_term(ctx, row, term)
    else:
        _keep(ctx, row, amount)
    line = books.paid_line(term, amount=amount, course_ids=_courses(ctx, term), title=title)
    ctx.emit(
        PeriodPaid(
            subscription_id=row.id, user_id=row.user_id, plan_id=term.plan_id, period_id=term.id, payment_id=payment_id,
            currency=Currency(term.currency), lines=(line,), at=at,
        )
    )  # fmt: skip


def _keep(ctx: WriteCtx, row: Subscription, amount: int) -> None:
    """Money that no term waited for helps to pay later ones, of the living subscription where this one is over."""
    kept_by = row
    if row.state in OVER and row.user_id is not None:
        living = queries.living(ctx, row.user_id)
        other = queries.held(ctx, living.id) if living is not None else None
        if other is not None and other.currency == row.currency and other.state not in OVER:
            kept_by = other
    kept_by.credit += amount
    ctx.session.flush()


def begin_term(ctx: WriteCtx, row: Subscription, term: Term) -> None:
    """A term is paid, or costs nothing after credit: its price and dates hold from now on."""
    former_plan, first = row.plan_id, row.state == State.INCOMPLETE
    term.state = TermState.PAID
    term.paid_at = term.paid_at or ctx.now
    row.credit = max(row.credit + term.kept - term.credit_used, 0)  # some of it may have been taken back meanwhile
    for asked in queries.attempts(ctx, term.id):
        if asked.outcome == Outcome.ASKED:
            asked.outcome = Outcome.PAID
    if term.kind == TermKind.CHANGE:
        _place_change(ctx, row, term)
    else:
        _place_term(ctx, row, term)
    row.plan_id, row.price_id, row.tax_rate, row.amount = term.plan_id, term.price_id, term.tax_rate, term.full_price
    if row.next_price_id == row.price_id:
        row.next_price_id = None
    seating.consist(
        ctx, row, plan_id=term.plan_id, price_id=term.price_id, seats=term.seats, unit=term.full_price // term.seats
    )
    row.past_due_at, row.unpaid_at = None, None
    plan_look(row)
    ctx.session.flush()
    if row.state not in (State.ACTIVE, State.TRIALING):
        move(ctx, row, Cause.PAID)
    if term.kind == TermKind.CHANGE or row.plan_id != former_plan:
        after_change(ctx, row, former_plan)
    elif first:
        telling.started(ctx, row)
    else:
        telling.renewed(ctx, row)


def after_change(ctx: WriteCtx, row: Subscription, former_plan: UUID) -> None:
    """Another plan or price holds: its courses follow, and people are told."""
    if row.plan_id != former_plan:
        opening.settle(ctx, row)
    telling.changed(ctx, row, former_plan)


def _place_term(ctx: WriteCtx, row: Subscription, term: Term) -> None:
    """When a whole term runs: from the end of the one before, or from now where nothing was open meanwhile."""
    interval = Interval(queries.price(ctx, term.price_id).interval)
    if row.state in (State.INCOMPLETE, State.UNPAID):
        row.anchor_at, row.cycle = ctx.now, 1
        term.starts_at, term.ends_at = ctx.now, boundary(ctx.now, interval, 1, row.zone)
    elif interval != row.interval:
        row.anchor_at, row.cycle = term.starts_at, 1
    else:
        row.cycle += 1
    row.interval, row.starts_at, row.ends_at = interval, term.starts_at, term.ends_at


def _place_change(ctx: WriteCtx, row: Subscription, term: Term) -> None:
    """When what a change paid for runs: the rest of the term, or a new one from now where terms have another length."""
    interval = Interval(queries.price(ctx, term.price_id).interval)
    if interval != row.interval:
        row.anchor_at, row.cycle = ctx.now, 1
        term.starts_at, term.ends_at = ctx.now, boundary(ctx.now, interval, 1, row.zone)
        row.interval, row.starts_at, row.ends_at = interval, term.starts_at, term.ends_at


def took_back(ctx: WriteCtx, row: Subscription, *, payment_id: UUID, cause_id: UUID, amount: int, at: datetime) -> None:
    """Money went back, by a refund or by the payer's bank. When nothing is left of what opened this term, it ends."""
    received = queries.payment(ctx, payment_id)
    if received is None or amount <= 0 or cause_id.hex in received.causes:
        return
    amount = min(amount, received.amount - received.given_back)
    term = queries.term(ctx, received.term_id)
    if term is None or amount == 0:
        return
    title = queries.plan(ctx, term.plan_id).title
    tax = books.tax_back(received, term.tax_rate, amount)
    books.given_back(ctx, term, cause_id=cause_id, amount=amount, tax=tax, title=title)
    received.given_back += amount
    received.causes = [*received.causes, cause_id.hex]
    if term.payment_id != payment_id:
        row.credit = max(row.credit - amount, 0)  # it had only been kept
    ctx.session.flush()
    ctx.emit(
        PeriodRefunded(
            subscription_id=row.id, user_id=row.user_id, period_id=term.id, payment_id=payment_id, refund_id=cause_id,
            currency=Currency(term.currency), lines=(books.refunded_line(term, amount=amount, tax=tax),), at=at,
        )
    )  # fmt: skip
    runs = term.payment_id == payment_id and term.ends_at > ctx.now and row.ends_at >= term.ends_at
    if runs and received.given_back == received.amount and (row.state, Cause.TAKEN_BACK) in TABLE:
        drop_dues(ctx, row)
        move(ctx, row, Cause.TAKEN_BACK)
        telling.ended(ctx, row)


def intent_over(ctx: WriteCtx, row: Subscription, term: Term, intent_id: UUID) -> None:
    """Payments wait no longer for an intent: the next attempt, or the next try by hand, makes another one."""
    if term.intent_id == intent_id and term.state == TermState.DUE:
        term.intent_id = None
        ctx.session.flush()


def _courses(ctx: WriteCtx, term: Term) -> tuple[UUID, ...]:
    return tuple(queries.courses_of(ctx, [term.plan_id])[term.plan_id])
