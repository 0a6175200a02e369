"""Seats of others: prepared when an order is paid, sent to an address, taken by whoever opens the letter's link."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from lms_core.commerce.orders import queries
from lms_core.commerce.orders.errors import GiftClaimed, GiftNotFound, OrderNotFound
from lms_core.commerce.orders.models import Gift, LineItem, Order
from lms_core.commerce.orders.schemas import GiftShown, GiftView
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.ids import token_hash

MAIL_GIFT = "orders.mail_gift"


def prepare(ctx: WriteCtx, order: Order, line: LineItem) -> None:
    """Make the seats of a line, and write to those whose address is known. Safe to repeat."""
    known = ctx.session.execute(select(col(Gift.number)).where(col(Gift.line_id) == line.id)).scalars().all()
    buyer = accounts.person(ctx, user_id=order.buyer_id)
    addresses = [*line.recipients, *([""] * (line.quantity - len(line.recipients)))]
    for number, email in enumerate(addresses, start=1):
        if number in known:
            continue
        gift = ctx.add(Gift(order_id=order.id, line_id=line.id, number=number, email=email, language=buyer.language))
        if email:
            ctx.enqueue(MAIL_GIFT, gift_id=str(gift.id))


def send(ctx: WriteCtx, gift_id: UUID, *, email: str) -> GiftView:
    """Say whom a seat is for, or write to them again: an earlier letter's link works no longer.

    GiftNotFound (somebody else's, too), GiftClaimed.
    """
    gift = _locked(ctx, col(Gift.id) == gift_id)
    if gift is None or gift.withdrawn_at is not None:
        raise GiftNotFound()
    try:
        order = queries.order(ctx, gift.order_id)
    except OrderNotFound as error:
        raise GiftNotFound() from error
    if order.buyer_id != ctx.actor.user_id:
        raise GiftNotFound()
    if gift.claimed_at is not None:
        raise GiftClaimed()
    gift.email, gift.token_hash, gift.sent_at = email, None, None
    ctx.session.flush()
    ctx.enqueue(MAIL_GIFT, gift_id=str(gift.id))
    return GiftView.model_validate(gift)


def shown(ctx: ReadCtx, *, token: str) -> GiftShown:
    """A gift, for whoever holds its link. GiftNotFound. Four statements."""
    wanted = select(Gift).where(col(Gift.token_hash) == token_hash(token), col(Gift.withdrawn_at).is_(None))
    gift: Gift | None = ctx.session.execute(wanted).scalar_one_or_none()
    if gift is None:
        raise GiftNotFound()
    line: LineItem = ctx.session.execute(select(LineItem).where(col(LineItem.id) == gift.line_id)).scalar_one()
    buyer_id = queries.order(ctx, gift.order_id).buyer_id
    giver = accounts.names_of(ctx, [buyer_id]).get(buyer_id, "")
    return GiftShown(title=line.title, giver=giver, message=line.message, claimed=gift.claimed_at is not None)


def claimable(ctx: WriteCtx, *, token: str, user_id: UUID) -> Gift:
    """The gift with this token, held, for somebody to take or who took it before. GiftNotFound, GiftClaimed."""
    gift = _locked(ctx, col(Gift.token_hash) == token_hash(token))
    if gift is None or gift.withdrawn_at is not None:
        raise GiftNotFound()
    if gift.claimed_at is not None and gift.claimed_by != user_id:
        raise GiftClaimed()
    return gift


def _locked(ctx: WriteCtx, about: object) -> Gift | None:
    wanted = select(Gift).where(about).with_for_update(key_share=True)
    row: Gift | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row
