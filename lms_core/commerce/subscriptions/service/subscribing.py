"""Beginning a subscription, seeing how it stands, paying what is due, and picking courses."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms_core.commerce.subscriptions import collecting, dunning, opening, queries, settling, telling
from lms_core.commerce.subscriptions.errors import AlreadySubscribed, CourseNotInPlan, NothingToPay
from lms_core.commerce.subscriptions.models import Plan, PlanPrice, Scope, Subscription, Term, TermState, Way
from lms_core.commerce.subscriptions.periods import INSTITUTION_ZONE, Interval, boundary
from lms_core.commerce.subscriptions.policies import subscriber
from lms_core.commerce.subscriptions.schemas import CheckoutIn, CheckoutView, StatusView, SubscriptionView, WayIn
from lms_core.commerce.subscriptions.shown import course_views, subscription_view, term_view
from lms_core.commerce.subscriptions.states import move
from lms_core.commerce.subscriptions.transitions import OPEN, OVER, Cause, State
from lms_core.content.courses import service as courses
from lms_core.content.courses.models import CourseStatus
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid


def checkout(ctx: WriteCtx, *, given: CheckoutIn) -> CheckoutView:
    """Subscribe the caller at a price: on trial, or open at once where nothing is to be paid, else once it is paid.

    Asking again before the first payment replaces what was asked for. AlreadySubscribed, PriceNotFound.
    """
    user_id = subscriber(ctx)
    price, plan = queries.offered(ctx, given.price_id)
    present = queries.living(ctx, user_id)
    if present is not None:
        present = queries.living_held(ctx, user_id)
        if present.state != State.INCOMPLETE:
            raise AlreadySubscribed()
        waiting = queries.due(ctx, present.id)
        if present.price_id == price.id and waiting is not None:
            _collect_by(ctx, present, given.way, given.phone or "", present.method_id)
            return CheckoutView(subscription=subscription_view(ctx, present), due=term_view(waiting))
        settling.drop_dues(ctx, present)
        move(ctx, present, Cause.CANCELLED)
    row = _begin(ctx, user_id, price, plan)
    _collect_by(ctx, row, given.way, given.phone or "", None)
    if row.state == State.TRIALING:
        opening.open_listed(ctx, row)
        settling.plan_look(row)
        ctx.session.flush()
        telling.started(ctx, row)
        return CheckoutView(subscription=subscription_view(ctx, row), due=None)
    term = _first_term(ctx, row)
    if term.amount == 0:
        settling.begin_term(ctx, row, term)
        return CheckoutView(subscription=subscription_view(ctx, row), due=None)
    collecting.intent_of(ctx, row, term, title=plan.title)
    return CheckoutView(subscription=subscription_view(ctx, row), due=term_view(term))


def _begin(ctx: WriteCtx, user_id: UUID, price: PlanPrice, plan: Plan) -> Subscription:
    trial = timedelta(days=plan.trial_days)
    on_trial = bool(trial) and price.amount > 0 and not queries.had_trial(ctx, user_id)
    starts, ends = ctx.now, ctx.now + trial if on_trial else ctx.now
    row = Subscription(
        user_id=user_id, living=user_id.hex, plan_id=plan.id, price_id=price.id, currency=price.currency,
        interval=price.interval, amount=price.amount, tax_rate=plan.tax_rate,
        state=State.TRIALING if on_trial else State.INCOMPLETE, zone=INSTITUTION_ZONE,
        anchor_at=ends, cycle=0, starts_at=starts, ends_at=ends, trial_ends_at=ends if on_trial else None,
        look_at=ctx.now + dunning.FIRST_PAYMENT, created_at=ctx.now, credit=_credit_from_before(ctx, user_id, price),
    )  # fmt: skip
    try:
        with ctx.session.begin_nested():
            return ctx.add(row)
    except IntegrityError as error:  # the same person subscribed in another window, on PostgreSQL
        raise AlreadySubscribed() from error


def _credit_from_before(ctx: WriteCtx, user_id: UUID, price: PlanPrice) -> int:
    """What is left of earlier subscriptions in this currency; it is theirs to use once."""
    held = select(Subscription).where(
        Subscription.user_id == user_id,
        Subscription.currency == price.currency,
        Subscription.state.in_(list(OVER)),
        Subscription.credit > 0,
    )
    total = 0
    for row in ctx.session.execute(held.order_by(Subscription.id).with_for_update(key_share=True)).scalars():
        total += row.credit
        row.credit = 0
    return total


def _first_term(ctx: WriteCtx, row: Subscription) -> Term:
    used = min(row.credit, row.amount)
    return ctx.add(
        Term(
            subscription_id=row.id, number=1, plan_id=row.plan_id, price_id=row.price_id, currency=row.currency,
            tax_rate=row.tax_rate, full_price=row.amount, price=row.amount, credit_used=used,
            amount=row.amount - used, starts_at=ctx.now,
            ends_at=boundary(ctx.now, Interval(row.interval), 1, row.zone), made_at=ctx.now,
        )
    )  # fmt: skip


def status(ctx: ReadCtx) -> StatusView:
    """The caller's subscription with its terms and courses; twelve statements at most, however many there are."""
    row = queries.living(ctx, subscriber(ctx))
    if row is None:
        return StatusView(subscription=None, terms=(), courses=(), now=ctx.now)
    opened = [each.course_id for each in queries.opened(ctx, row.id) if each.closed_at is None]
    terms = tuple(term_view(each) for each in queries.terms(ctx, row.id) if each.state != TermState.VOID)
    shown = tuple(course_views(ctx, opened)) if opened else ()
    said = subscription_view(ctx, row)
    paying = collecting.paying(ctx, said.due.intent_id) if said.due is not None else ""
    return StatusView(subscription=said, paying=paying, terms=terms, courses=shown, now=ctx.now)


def access_due(ctx: WriteCtx) -> UUID:
    """The intent that the caller has to pay, for `payments.pay`. NoSubscription, NothingToPay."""
    row = queries.living_held(ctx, subscriber(ctx))
    term = queries.due(ctx, row.id)
    if term is None:
        raise NothingToPay()
    intent_id = collecting.intent_of(ctx, row, term, title=queries.plan(ctx, term.plan_id).title)
    if intent_id is None:
        raise NothingToPay()
    return intent_id


def set_way(ctx: WriteCtx, *, given: WayIn) -> SubscriptionView:
    """Choose how later terms are collected. NoSubscription; Invalid for a prompt without a number."""
    row = queries.living_held(ctx, subscriber(ctx))
    method_id = given.method_id or row.method_id
    if given.method_id is not None:
        collecting.access_method(ctx, given.method_id)
    _collect_by(ctx, row, given.way, given.phone or "", method_id)
    return subscription_view(ctx, row)


def _collect_by(ctx: WriteCtx, row: Subscription, way: Way, phone: str, method_id: UUID | None) -> None:
    if way == Way.PHONE and not phone and not row.phone_sealed:
        told = {"field": "phone", "message": "Give the number that the prompt is to go to."}
        raise Invalid("A prompt needs the number of a phone.", fields=[told])
    row.way, row.method_id = way, method_id
    if phone:
        row.phone_sealed = collecting.sealed_phone(ctx, phone)
    ctx.session.flush()


def join_course(ctx: WriteCtx, course: str) -> None:
    """Open one course by a plan that leaves the choice to its subscriber. NoSubscription, CourseNotInPlan."""
    row = queries.living_held(ctx, subscriber(ctx))
    card = courses.access_course(ctx, course)
    plan = queries.plan(ctx, row.plan_id)
    listed = queries.courses_of(ctx, [plan.id])[plan.id]
    if row.state not in OPEN or card.status != CourseStatus.PUBLISHED:
        raise CourseNotInPlan()
    if plan.scope != Scope.ALL and card.id not in listed:
        raise CourseNotInPlan()
    known = {each.course_id: each for each in queries.opened(ctx, row.id)}
    opening.open_one(ctx, row, card.id, known.get(card.id))
