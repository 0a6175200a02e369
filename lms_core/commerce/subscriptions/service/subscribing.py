"""Beginning a subscription, seeing how it stands, paying what is due, and picking courses."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms_core.commerce.subscriptions import (
    collecting,
    dunning,
    metering,
    opening,
    queries,
    seating,
    settling,
    telling,
)
from lms_core.commerce.subscriptions.errors import AlreadySubscribed, CourseNotInPlan, NoSubscription, NothingToPay
from lms_core.commerce.subscriptions.models import Plan, PlanPrice, Subscription, Term, TermState, Way
from lms_core.commerce.subscriptions.periods import INSTITUTION_ZONE, Interval, boundary
from lms_core.commerce.subscriptions.policies import subscriber
from lms_core.commerce.subscriptions.schemas import (
    CheckoutIn,
    CheckoutView,
    HeldSeat,
    PlanCourseView,
    StatusView,
    SubscriptionView,
    WayIn,
)
from lms_core.commerce.subscriptions.shown import course_views, item_view, meter_views, subscription_view, term_view
from lms_core.commerce.subscriptions.states import move
from lms_core.commerce.subscriptions.transitions import OPEN, OVER, Cause, State
from lms_core.content.courses import service as courses
from lms_core.content.courses.models import CourseStatus
from lms_core.identity.accounts import service as accounts
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
        same = (present.price_id, *seating.seats_of(ctx, present)[:1], present.own_seat)
        if same == (price.id, given.seats, given.own_seat) and waiting is not None:
            _collect_by(ctx, present, given.way, given.phone or "", present.method_id)
            return CheckoutView(subscription=subscription_view(ctx, present), due=term_view(waiting))
        settling.drop_dues(ctx, present)
        move(ctx, present, Cause.CANCELLED)
    row = _begin(ctx, user_id, price, plan, given)
    _collect_by(ctx, row, given.way, given.phone or "", None)
    if row.state == State.TRIALING:
        opening.settle(ctx, row)
        settling.plan_look(row)
        ctx.session.flush()
        telling.started(ctx, row)
        return CheckoutView(subscription=subscription_view(ctx, row), due=None)
    term = _first_term(ctx, row, given.seats)
    if term.amount == 0:
        settling.begin_term(ctx, row, term)
        return CheckoutView(subscription=subscription_view(ctx, row), due=None)
    collecting.intent_of(ctx, row, term, title=plan.title)
    return CheckoutView(subscription=subscription_view(ctx, row), due=term_view(term))


def _begin(ctx: WriteCtx, user_id: UUID, price: PlanPrice, plan: Plan, given: CheckoutIn) -> Subscription:
    trial = timedelta(days=plan.trial_days)
    on_trial = bool(trial) and price.amount > 0 and not queries.had_trial(ctx, user_id)
    starts, ends = ctx.now, ctx.now + trial if on_trial else ctx.now
    row = Subscription(
        user_id=user_id, living=user_id.hex, plan_id=plan.id, price_id=price.id, currency=price.currency,
        interval=price.interval, amount=seating.total(price.amount, given.seats), tax_rate=plan.tax_rate,
        own_seat=given.own_seat,
        state=State.TRIALING if on_trial else State.INCOMPLETE, zone=INSTITUTION_ZONE,
        anchor_at=ends, cycle=0, starts_at=starts, ends_at=ends, trial_ends_at=ends if on_trial else None,
        look_at=ctx.now + dunning.FIRST_PAYMENT, created_at=ctx.now, credit=_credit_from_before(ctx, user_id, price),
    )  # fmt: skip
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:  # the same person subscribed in another window, on PostgreSQL
        raise AlreadySubscribed() from error
    seating.consist(ctx, row, plan_id=plan.id, price_id=price.id, seats=given.seats, unit=price.amount)
    return row


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


def _first_term(ctx: WriteCtx, row: Subscription, seats: int) -> Term:
    used = min(row.credit, row.amount)
    return ctx.add(
        Term(
            subscription_id=row.id, number=1, plan_id=row.plan_id, price_id=row.price_id, currency=row.currency,
            tax_rate=row.tax_rate, seats=seats, full_price=row.amount, price=row.amount, credit_used=used,
            amount=row.amount - used, starts_at=ctx.now,
            ends_at=boundary(ctx.now, Interval(row.interval), 1, row.zone), made_at=ctx.now,
        )
    )  # fmt: skip


def status(ctx: ReadCtx) -> StatusView:
    """The caller's subscription with its terms and courses; eighteen statements at most, however many there are, and
    ten for each seat that others gave them.
    """
    user_id = subscriber(ctx)
    row, held = queries.living(ctx, user_id), _held(ctx, user_id)
    if row is None:
        return StatusView(subscription=None, terms=(), courses=(), held=held, now=ctx.now)
    terms = tuple(term_view(each) for each in queries.terms(ctx, row.id) if each.state != TermState.VOID)
    said = subscription_view(ctx, row)
    paying = collecting.paying(ctx, said.due.intent_id) if said.due is not None else ""
    return StatusView(
        subscription=said,
        paying=paying,
        terms=terms,
        courses=_opened(ctx, row, user_id),
        items=tuple(item_view(each) for each in queries.items(ctx, row.id)),
        meters=meter_views(ctx, row, user_id) if row.own_seat and row.state in OPEN else (),
        extra=metering.extra_of(ctx, row),
        held=held,
        now=ctx.now,
    )


def _opened(ctx: ReadCtx, row: Subscription, user_id: UUID) -> tuple[PlanCourseView, ...]:
    opened = [each.course_id for each in queries.opened(ctx, row.id, user_id) if each.closed_at is None]
    return tuple(course_views(ctx, opened)) if opened else ()


def _held(ctx: ReadCtx, user_id: UUID) -> tuple[HeldSeat, ...]:
    """The seats somebody took that others pay for."""
    found = []
    for row in queries.seated_in(ctx, user_id):
        plan, is_open = queries.plan(ctx, row.plan_id), row.state in OPEN
        giver = accounts.names_of(ctx, [row.user_id]).get(row.user_id, "") if row.user_id is not None else ""
        found.append(
            HeldSeat(
                plan_title=plan.title, scope=plan.scope, giver=giver, open=is_open, currency=row.currency,
                courses=_opened(ctx, row, user_id), meters=meter_views(ctx, row, user_id) if is_open else (),
            )
        )  # fmt: skip
    return tuple(found)


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


def join_course(ctx: WriteCtx, course: str) -> str:
    """Open one course by a seat the caller has, their own or one that was given; its slug. A course they are in stays
    as it is. NoSubscription, CourseNotInPlan.
    """
    user_id = subscriber(ctx)
    rows = queries.rights(ctx, user_id)
    if not rows and queries.living(ctx, user_id) is None:
        raise NoSubscription()
    card = courses.access_course(ctx, course)
    able = [each for each in rows if card.id in opening.covered_by(ctx, each, [card.id])]
    if not able or card.status != CourseStatus.PUBLISHED:
        raise CourseNotInPlan()
    row = queries.held(ctx, able[0].id)
    if row is None or row.state not in OPEN:
        raise CourseNotInPlan()
    known = {each.course_id: each for each in queries.opened(ctx, row.id, user_id)}
    opening.open_one(ctx, row, user_id, card.id, known.get(card.id))
    return card.slug


def covered(ctx: ReadCtx, course_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the courses that a seat of the caller's opens now. A statement, and two for each such subscription."""
    if ctx.actor.user_id is None or not course_ids:
        return frozenset()
    rows = queries.rights(ctx, ctx.actor.user_id)
    return frozenset().union(*(opening.covered_by(ctx, each, course_ids) for each in rows))
