"""The selects of subscriptions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from lms_core.commerce.subscriptions.errors import NoSubscription, PlanNotFound, PriceNotFound
from lms_core.commerce.subscriptions.models import (
    ItemKind,
    Outcome,
    Plan,
    PlanAllowance,
    PlanCourse,
    PlanPrice,
    RenewalAttempt,
    SubscribedCourse,
    Subscription,
    SubscriptionItem,
    SubscriptionSeat,
    Term,
    TermKind,
    TermPayment,
    TermState,
    Usage,
)
from lms_core.commerce.subscriptions.transitions import OPEN, State
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.money import Currency


def plan(ctx: ReadCtx, plan_id: UUID) -> Plan:
    """The row of a plan; PlanNotFound."""
    row: Plan | None = ctx.session.execute(select(Plan).where(Plan.id == plan_id)).scalar_one_or_none()
    if row is None:
        raise PlanNotFound()
    return row


def plan_held(ctx: WriteCtx, plan_id: UUID) -> Plan:
    """The row of a plan, which has one writer at a time; PlanNotFound."""
    held = select(Plan).where(Plan.id == plan_id).with_for_update(key_share=True)
    row: Plan | None = ctx.session.execute(held).scalar_one_or_none()
    if row is None:
        raise PlanNotFound()
    return row


def prices_of(ctx: ReadCtx, plan_ids: Sequence[UUID]) -> dict[UUID, list[PlanPrice]]:
    """Present prices by plan, months first, cheapest first. One statement."""
    found: dict[UUID, list[PlanPrice]] = {plan_id: [] for plan_id in plan_ids}
    wanted = select(PlanPrice).where(PlanPrice.plan_id.in_(plan_ids), PlanPrice.valid_to.is_(None))
    for row in ctx.session.execute(wanted.order_by(PlanPrice.currency, PlanPrice.interval, PlanPrice.id)).scalars():
        found[row.plan_id].append(row)
    return found


def courses_of(ctx: ReadCtx, plan_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The courses that plans name. One statement."""
    found: dict[UUID, list[UUID]] = {plan_id: [] for plan_id in plan_ids}
    wanted = select(PlanCourse).where(PlanCourse.plan_id.in_(plan_ids)).order_by(PlanCourse.course_id)
    for row in ctx.session.execute(wanted).scalars():
        found[row.plan_id].append(row.course_id)
    return found


def price(ctx: ReadCtx, price_id: UUID) -> PlanPrice:
    """The row of a price, whether or not it is offered; PriceNotFound."""
    row: PlanPrice | None = ctx.session.execute(select(PlanPrice).where(PlanPrice.id == price_id)).scalar_one_or_none()
    if row is None:
        raise PriceNotFound()
    return row


def offered(ctx: ReadCtx, price_id: UUID) -> tuple[PlanPrice, Plan]:
    """A price that can be had now, and its plan; PriceNotFound."""
    row = ctx.session.execute(
        select(PlanPrice, Plan)
        .join(Plan, Plan.id == PlanPrice.plan_id)
        .where(PlanPrice.id == price_id, PlanPrice.valid_to.is_(None), Plan.active)
    ).one_or_none()
    if row is None:
        raise PriceNotFound()
    return row[0], row[1]


def present_price(ctx: ReadCtx, plan_id: UUID, currency: Currency, interval: str) -> PlanPrice | None:
    """The price of a plan that is offered for this term."""
    wanted = select(PlanPrice).where(
        PlanPrice.plan_id == plan_id,
        PlanPrice.currency == currency,
        PlanPrice.interval == interval,
        PlanPrice.valid_to.is_(None),
    )
    row: PlanPrice | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def living(ctx: ReadCtx, user_id: UUID) -> Subscription | None:
    """Somebody's subscription that is not over."""
    wanted = select(Subscription).where(Subscription.living == user_id.hex)
    row: Subscription | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def living_held(ctx: WriteCtx, user_id: UUID) -> Subscription:
    """The same, which has one writer at a time; NoSubscription."""
    held = select(Subscription).where(Subscription.living == user_id.hex).with_for_update(key_share=True)
    row: Subscription | None = ctx.session.execute(held).scalar_one_or_none()
    if row is None:
        raise NoSubscription()
    return row


def held(ctx: WriteCtx, subscription_id: UUID) -> Subscription | None:
    """A subscription, which has one writer at a time."""
    wanted = select(Subscription).where(Subscription.id == subscription_id).with_for_update(key_share=True)
    row: Subscription | None = ctx.session.execute(
        wanted.execution_options(populate_existing=True)
    ).scalar_one_or_none()
    return row


def by_id(ctx: ReadCtx, subscription_id: UUID) -> Subscription | None:
    """A subscription by its id."""
    wanted = select(Subscription).where(Subscription.id == subscription_id)
    row: Subscription | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def had_trial(ctx: ReadCtx, user_id: UUID) -> bool:
    """Whether somebody ever had a trial here."""
    wanted = select(Subscription.id).where(Subscription.user_id == user_id, Subscription.trial_ends_at.is_not(None))
    return ctx.session.execute(wanted.limit(1)).first() is not None


def terms(ctx: ReadCtx, subscription_id: UUID, limit: int = 24) -> list[Term]:
    """The latest terms, newest first."""
    wanted = select(Term).where(Term.subscription_id == subscription_id).order_by(Term.number.desc()).limit(limit)
    return list(ctx.session.execute(wanted).scalars())


def term(ctx: ReadCtx, term_id: UUID) -> Term | None:
    """A term by its id."""
    row: Term | None = ctx.session.execute(select(Term).where(Term.id == term_id)).scalar_one_or_none()
    return row


def payment(ctx: ReadCtx, payment_id: UUID) -> TermPayment | None:
    """Money that arrived for a term, by payments' id of it."""
    wanted = select(TermPayment).where(TermPayment.payment_id == payment_id)
    row: TermPayment | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def due(ctx: ReadCtx, subscription_id: UUID) -> Term | None:
    """The term that waits for money: a whole one before a change."""
    wanted = select(Term).where(Term.subscription_id == subscription_id, Term.state == TermState.DUE)
    found = list(ctx.session.execute(wanted.order_by(Term.number.desc())).scalars())
    return next((each for each in found if each.kind == TermKind.TERM), found[0] if found else None)


def dues(ctx: ReadCtx, subscription_id: UUID, kind: TermKind | None = None) -> list[Term]:
    """All terms that wait for money, of one kind or both."""
    wanted = select(Term).where(Term.subscription_id == subscription_id, Term.state == TermState.DUE)
    if kind is not None:
        wanted = wanted.where(Term.kind == kind)
    return list(ctx.session.execute(wanted.order_by(Term.number)).scalars())


def next_number(ctx: ReadCtx, subscription_id: UUID) -> int:
    """The number of the term to come, from 1."""
    highest = select(func.max(Term.number)).where(Term.subscription_id == subscription_id)
    return int(ctx.session.execute(highest).scalar_one() or 0) + 1


def attempts(ctx: ReadCtx, term_id: UUID) -> list[RenewalAttempt]:
    """How often a term was asked for, in order."""
    wanted = select(RenewalAttempt).where(RenewalAttempt.term_id == term_id).order_by(RenewalAttempt.number)
    return list(ctx.session.execute(wanted).scalars())


def last_attempt(ctx: ReadCtx, term_id: UUID, outcome: Outcome | None = None) -> RenewalAttempt | None:
    """The latest of them, or the latest that ended so."""
    found = [each for each in attempts(ctx, term_id) if outcome is None or each.outcome == outcome]
    return found[-1] if found else None


def opened(ctx: ReadCtx, subscription_id: UUID, user_id: UUID) -> list[SubscribedCourse]:
    """The courses a subscription opened to somebody, closed ones too."""
    wanted = select(SubscribedCourse).where(
        SubscribedCourse.subscription_id == subscription_id, SubscribedCourse.user_id == user_id
    )
    return list(ctx.session.execute(wanted.order_by(SubscribedCourse.course_id)).scalars())


def open_of_plan(ctx: ReadCtx, plan_id: UUID, states: Iterable[State], *, after: UUID | None, limit: int) -> list[UUID]:
    """Subscriptions of a plan in these states, by id from behind `after` on: for work in batches."""
    wanted = select(Subscription.id).where(Subscription.plan_id == plan_id, Subscription.state.in_(list(states)))
    if after is not None:
        wanted = wanted.where(Subscription.id > after)
    return list(ctx.session.execute(wanted.order_by(Subscription.id).limit(limit)).scalars())


def plans(ctx: ReadCtx, *, offered_only: bool, after: tuple[int, UUID] | None, limit: int) -> list[Plan]:
    """Plans in their order."""
    wanted = select(Plan)
    if offered_only:
        wanted = wanted.where(Plan.active)
    if after is not None:
        position, last = after
        wanted = wanted.where(or_(Plan.position > position, (Plan.position == position) & (Plan.id > last)))
    return list(ctx.session.execute(wanted.order_by(Plan.position, Plan.id).limit(limit)).scalars())


def rights(ctx: ReadCtx, user_id: UUID) -> list[Subscription]:
    """The subscriptions that open courses to somebody now, by their own seat or one that was given. One statement."""
    taken = select(SubscriptionSeat.subscription_id).where(SubscriptionSeat.user_id == user_id)
    own = (Subscription.user_id == user_id) & Subscription.own_seat
    wanted = select(Subscription).where(Subscription.state.in_(sorted(OPEN)), or_(own, Subscription.id.in_(taken)))
    return list(ctx.session.execute(wanted.order_by(Subscription.id)).scalars())


def seated_in(ctx: ReadCtx, user_id: UUID) -> list[Subscription]:
    """The living subscriptions of others that somebody took a seat in. One statement."""
    taken = select(SubscriptionSeat.subscription_id).where(SubscriptionSeat.user_id == user_id)
    wanted = select(Subscription).where(Subscription.living.is_not(None), Subscription.id.in_(taken))
    return list(ctx.session.execute(wanted.order_by(Subscription.id)).scalars())


def live_item(ctx: ReadCtx, subscription_id: UUID) -> SubscriptionItem | None:
    """The seats a subscription consists of now."""
    wanted = select(SubscriptionItem).where(
        SubscriptionItem.subscription_id == subscription_id, SubscriptionItem.until.is_(None)
    )
    row: SubscriptionItem | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def last_item(ctx: ReadCtx, subscription_id: UUID) -> SubscriptionItem | None:
    """The seats a subscription consisted of last."""
    wanted = select(SubscriptionItem).where(
        SubscriptionItem.subscription_id == subscription_id, SubscriptionItem.kind == ItemKind.SEATS
    )
    row: SubscriptionItem | None = (
        ctx.session.execute(wanted.order_by(SubscriptionItem.since.desc(), SubscriptionItem.id.desc()).limit(1))
        .scalars()
        .first()
    )
    return row


def items(ctx: ReadCtx, subscription_id: UUID, limit: int = 50) -> list[SubscriptionItem]:
    """What a subscription consists and consisted of, the latest first."""
    wanted = select(SubscriptionItem).where(SubscriptionItem.subscription_id == subscription_id)
    latest = wanted.order_by(SubscriptionItem.since.desc(), SubscriptionItem.id.desc()).limit(limit)
    return list(ctx.session.execute(latest).scalars())


def any_seat(ctx: ReadCtx, subscription_id: UUID) -> bool:
    """Whether a seat was ever given away."""
    wanted = select(SubscriptionSeat.id).where(SubscriptionSeat.subscription_id == subscription_id)
    return ctx.session.execute(wanted.limit(1)).first() is not None


def given_seats(ctx: ReadCtx, subscription_id: UUID) -> int:
    """How many seats are given away."""
    wanted = select(func.count()).where(SubscriptionSeat.subscription_id == subscription_id)
    return int(ctx.session.execute(wanted).scalar_one())


def seats(ctx: ReadCtx, subscription_id: UUID, *, after: UUID | None = None, limit: int) -> list[SubscriptionSeat]:
    """Seats that are given away, in the order they were, from behind `after` on."""
    wanted = select(SubscriptionSeat).where(SubscriptionSeat.subscription_id == subscription_id)
    if after is not None:
        wanted = wanted.where(SubscriptionSeat.id > after)
    return list(ctx.session.execute(wanted.order_by(SubscriptionSeat.id).limit(limit)).scalars())


def seat_of(ctx: ReadCtx, token: str) -> SubscriptionSeat | None:
    """The seat whose letter has this token, hashed."""
    wanted = select(SubscriptionSeat).where(SubscriptionSeat.token_hash == token)
    row: SubscriptionSeat | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def seat_held(ctx: WriteCtx, about: ColumnElement[bool]) -> SubscriptionSeat | None:
    """A seat, which has one writer at a time."""
    wanted = select(SubscriptionSeat).where(about).with_for_update(key_share=True)
    row: SubscriptionSeat | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def allowances_of(ctx: ReadCtx, plan_ids: Sequence[UUID]) -> dict[UUID, list[PlanAllowance]]:
    """What plans include. One statement."""
    found: dict[UUID, list[PlanAllowance]] = {plan_id: [] for plan_id in plan_ids}
    wanted = select(PlanAllowance).where(PlanAllowance.plan_id.in_(plan_ids)).order_by(PlanAllowance.metric)
    for row in ctx.session.execute(wanted).scalars():
        found[row.plan_id].append(row)
    return found


def usage(ctx: ReadCtx, subscription_id: UUID, metric: str, key: str) -> Usage | None:
    """What was counted under a key."""
    wanted = select(Usage).where(Usage.subscription_id == subscription_id, Usage.metric == metric, Usage.key == key)
    row: Usage | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def used(ctx: ReadCtx, subscription_id: UUID, user_id: UUID, metric: str, term_from: datetime) -> int:
    """How much somebody used in the term that began then. One statement."""
    wanted = select(func.coalesce(func.sum(Usage.quantity), 0)).where(
        Usage.subscription_id == subscription_id,
        Usage.user_id == user_id,
        Usage.metric == metric,
        Usage.term_from == term_from,
    )
    return int(ctx.session.execute(wanted).scalar_one())


def unbilled(ctx: ReadCtx, subscription_id: UUID) -> list[Usage]:
    """What was used beyond allowances and no term asked for yet."""
    wanted = select(Usage).where(Usage.subscription_id == subscription_id, Usage.beyond > 0, Usage.billed_in.is_(None))
    return list(ctx.session.execute(wanted.order_by(Usage.id)).scalars())
