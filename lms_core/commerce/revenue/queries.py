"""The selects of revenue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from lms_core.commerce.revenue.errors import BatchNotFound
from lms_core.commerce.revenue.models import (
    Earning,
    PayoutBatch,
    PayoutDetails,
    PayoutHold,
    PayoutItem,
    RevenueSale,
    RevenueSettings,
    RevenueShare,
)
from lms_core.kit.context import ReadCtx, WriteCtx


def settings(ctx: ReadCtx) -> RevenueSettings | None:
    """The institution's terms, once somebody saved them."""
    found: RevenueSettings | None = ctx.session.execute(select(RevenueSettings)).scalar_one_or_none()
    return found


def shares_at(ctx: ReadCtx, course_ids: Sequence[UUID], at: datetime) -> list[RevenueShare]:
    """The shares of courses that are in force at a moment, in the order they were set. One statement, none for none."""
    if not course_ids:
        return []
    in_force = (RevenueShare.starts_at <= at) & or_(RevenueShare.ends_at.is_(None), RevenueShare.ends_at > at)
    wanted = select(RevenueShare).where(RevenueShare.course_id.in_(course_ids), in_force).order_by(RevenueShare.id)
    return list(ctx.session.execute(wanted).scalars())


def shares_of(ctx: ReadCtx, course_id: UUID) -> list[RevenueShare]:
    """Every share of a course there ever was, newest first."""
    wanted = select(RevenueShare).where(RevenueShare.course_id == course_id)
    return list(ctx.session.execute(wanted.order_by(RevenueShare.id.desc())).scalars())


def sale(ctx: ReadCtx, sale_id: UUID) -> RevenueSale | None:
    """The sale, once it was shared."""
    found: RevenueSale | None = ctx.session.execute(
        select(RevenueSale).where(RevenueSale.sale_id == sale_id)
    ).scalar_one_or_none()
    return found


def locked_sale(ctx: WriteCtx, sale_id: UUID) -> RevenueSale | None:
    """The same, which has one refund at a time."""
    found: RevenueSale | None = ctx.session.execute(
        select(RevenueSale).where(RevenueSale.sale_id == sale_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    return found


def earned_of(ctx: ReadCtx, sale_id: UUID) -> list[Earning]:
    """Everything that was earned of a sale and taken back of it, in order."""
    return list(ctx.session.execute(select(Earning).where(Earning.sale_id == sale_id).order_by(Earning.id)).scalars())


def unpaid_sums(ctx: ReadCtx, user_id: UUID) -> list[Any]:
    """(currency, still held?, sum) of what is in no payout. One statement."""
    held = (Earning.held_until > ctx.now).label("held")
    wanted = (
        select(Earning.currency, held, func.sum(Earning.amount))
        .where(Earning.user_id == user_id, Earning.item_id.is_(None))
        .group_by(Earning.currency, held)
    )
    return list(ctx.session.execute(wanted))


def payout_sums(ctx: ReadCtx, user_id: UUID) -> list[Any]:
    """(currency, state of the payout, sum). One statement."""
    wanted = (
        select(PayoutBatch.currency, PayoutItem.state, func.sum(PayoutItem.amount))
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(PayoutItem.user_id == user_id)
        .group_by(PayoutBatch.currency, PayoutItem.state)
    )
    return list(ctx.session.execute(wanted))


def due(ctx: ReadCtx) -> list[Any]:
    """(person, currency, sum) of everybody with something that is due, or owed back. One statement."""
    wanted = (
        select(Earning.user_id, Earning.currency, func.sum(Earning.amount))
        .where(Earning.item_id.is_(None), Earning.held_until <= ctx.now)
        .group_by(Earning.user_id, Earning.currency)
        .having(func.sum(Earning.amount) != 0)
        .order_by(Earning.user_id, Earning.currency)
    )
    return list(ctx.session.execute(wanted))


def details(ctx: ReadCtx, user_ids: Sequence[UUID]) -> dict[UUID, PayoutDetails]:
    """Where people are paid out. One statement."""
    wanted = select(PayoutDetails).where(PayoutDetails.user_id.in_(user_ids))
    return {row.user_id: row for row in ctx.session.execute(wanted).scalars()}


def holds(ctx: ReadCtx) -> list[PayoutHold]:
    """The holds in force, newest first."""
    wanted = select(PayoutHold).where(PayoutHold.lifted_at.is_(None)).order_by(PayoutHold.id.desc())
    return list(ctx.session.execute(wanted).scalars())


def is_held(ctx: ReadCtx, user_id: UUID) -> bool:
    """Whether nothing is paid out to somebody now."""
    wanted = select(PayoutHold.id).where(PayoutHold.user_id == user_id, PayoutHold.lifted_at.is_(None)).limit(1)
    return ctx.session.execute(wanted).first() is not None


def batch(ctx: ReadCtx, batch_id: UUID) -> PayoutBatch:
    """The row; BatchNotFound."""
    row: PayoutBatch | None = ctx.session.execute(
        select(PayoutBatch).where(PayoutBatch.id == batch_id)
    ).scalar_one_or_none()
    if row is None:
        raise BatchNotFound()
    return row


def locked_batch(ctx: WriteCtx, batch_id: UUID) -> PayoutBatch:
    """The row, which one person moves at a time; BatchNotFound."""
    wanted = select(PayoutBatch).where(PayoutBatch.id == batch_id).with_for_update(key_share=True)
    row: PayoutBatch | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise BatchNotFound()
    return row


def items(ctx: ReadCtx, batch_id: UUID) -> list[PayoutItem]:
    """The payouts of a batch by name."""
    wanted = select(PayoutItem).where(PayoutItem.batch_id == batch_id).order_by(PayoutItem.name, PayoutItem.id)
    return list(ctx.session.execute(wanted).scalars())


def item(ctx: ReadCtx, item_id: UUID) -> PayoutItem:
    """One payout; BatchNotFound."""
    row: PayoutItem | None = ctx.session.execute(
        select(PayoutItem).where(PayoutItem.id == item_id)
    ).scalar_one_or_none()
    if row is None:
        raise BatchNotFound()
    return row
