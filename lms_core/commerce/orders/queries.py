"""The selects of orders."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from lms_core.commerce.orders.errors import OrderNotFound
from lms_core.commerce.orders.models import Cart, CartItem, Gift, Grant, GrantKind, LineItem, Order, OrderRefund
from lms_core.commerce.orders.schemas import OrderCard
from lms_core.commerce.orders.transitions import HOLDING, UNPAID, OrderState
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import decode_cursor

_CARD = tuple(name for name in OrderCard.model_fields if name != "titles")


def order(ctx: ReadCtx, order_id: UUID) -> Order:
    """The row of an order; OrderNotFound."""
    row: Order | None = ctx.session.execute(select(Order).where(col(Order.id) == order_id)).scalar_one_or_none()
    if row is None:
        raise OrderNotFound()
    return row


def locked(ctx: WriteCtx, order_id: UUID) -> Order:
    """The row of an order, which has one writer at a time; OrderNotFound."""
    wanted = select(Order).where(col(Order.id) == order_id).with_for_update(key_share=True)
    row: Order | None = ctx.session.execute(wanted, execution_options={"populate_existing": True}).scalar_one_or_none()
    if row is None:
        raise OrderNotFound()
    return row


def with_key(ctx: ReadCtx, *, buyer_id: UUID, key: str) -> Order | None:
    """The order that somebody placed with this key."""
    wanted = select(Order).where(col(Order.buyer_id) == buyer_id, col(Order.key) == key)
    row: Order | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def lines_of(ctx: ReadCtx, order_ids: Collection[UUID]) -> dict[UUID, list[LineItem]]:
    """The lines of each order, in order. One statement, none without orders."""
    found: dict[UUID, list[LineItem]] = {order_id: [] for order_id in order_ids}
    if order_ids:
        wanted = select(LineItem).where(col(LineItem.order_id).in_(list(order_ids)))
        for row in ctx.session.execute(wanted.order_by(col(LineItem.position))).scalars():
            found[row.order_id].append(row)
    return found


def cards(ctx: ReadCtx, rows: Sequence[Order]) -> list[OrderCard]:
    """Orders as lists show them. One statement, none without orders."""
    inside = lines_of(ctx, [row.id for row in rows])
    return [card(row, inside[row.id]) for row in rows]


def card(row: Order, lines: Sequence[LineItem]) -> OrderCard:
    """An order with the titles in it."""
    said = {name: getattr(row, name) for name in _CARD}
    return OrderCard(**said, titles=tuple(each.title for each in lines))


def gifts_of(ctx: ReadCtx, order_id: UUID) -> list[Gift]:
    """The seats of others of an order. One statement."""
    wanted = select(Gift).where(col(Gift.order_id) == order_id).order_by(col(Gift.line_id), col(Gift.number))
    return list(ctx.session.execute(wanted).scalars())


def refunds_of(ctx: ReadCtx, order_id: UUID) -> list[OrderRefund]:
    """The refunds of an order, first to last. One statement."""
    wanted = select(OrderRefund).where(col(OrderRefund.order_id) == order_id).order_by(col(OrderRefund.id))
    return list(ctx.session.execute(wanted).scalars())


def grants_of(ctx: ReadCtx, order_id: UUID) -> list[Grant]:
    """What an order gave and did not take back. One statement."""
    wanted = select(Grant).where(col(Grant.order_id) == order_id, col(Grant.taken_at).is_(None))
    return list(ctx.session.execute(wanted.order_by(col(Grant.id))).scalars())


def unopened_lines(ctx: ReadCtx, user_id: UUID, *, without: UUID | None = None) -> list[LineItem]:
    """The lines of somebody's orders, but for one, that are paid and not opened yet. One statement."""
    wanted = (
        select(LineItem)
        .join(Order, col(Order.id) == col(LineItem.order_id))
        .where(col(Order.buyer_id) == user_id, col(Order.state).in_(HOLDING), col(Order.fulfilled_at).is_(None))
    )
    if without is not None:
        wanted = wanted.where(col(Order.id) != without)
    return list(ctx.session.execute(wanted.order_by(col(LineItem.id))).scalars())


def unpaid_beside(ctx: ReadCtx, row: Order) -> list[Order]:
    """The other orders of its buyer whose money may still come: open ones, and those closed within a day.

    A person has few of them: at most a hundred are looked at, the newest. One statement.
    """
    wanted = select(Order).where(
        col(Order.buyer_id) == row.buyer_id,
        col(Order.id) != row.id,
        col(Order.state).in_(UNPAID),
        or_(col(Order.state) == OrderState.OPEN, col(Order.closed_at) > ctx.now - timedelta(days=1)),
    )
    return list(ctx.session.execute(wanted.order_by(col(Order.id).desc()).limit(100)).scalars())


def granted(
    ctx: ReadCtx,
    object_ids: Collection[UUID],
    *,
    user_id: UUID,
    kinds: Collection[GrantKind],
    without: UUID | None = None,
) -> frozenset[UUID]:
    """Those of the objects that orders (but `without`) gave somebody. One statement, none without objects."""
    if not object_ids:
        return frozenset()
    wanted = select(col(Grant.object_id)).where(
        col(Grant.user_id) == user_id,
        col(Grant.object_id).in_(list(object_ids)),
        col(Grant.kind).in_(list(kinds)),
        col(Grant.taken_at).is_(None),
    )
    if without is not None:
        wanted = wanted.where(col(Grant.order_id) != without)
    return frozenset(ctx.session.execute(wanted).scalars())


def only_bought(ctx: ReadCtx, object_ids: Collection[UUID], *, user_id: UUID) -> frozenset[UUID]:
    """Those of the objects that somebody has by orders alone. One statement, none without objects."""
    if not object_ids:
        return frozenset()
    wanted = select(col(Grant.object_id)).where(
        col(Grant.user_id) == user_id,
        col(Grant.object_id).in_(list(object_ids)),
        col(Grant.fresh).is_(True),
        col(Grant.taken_at).is_(None),
    )
    return frozenset(ctx.session.execute(wanted).scalars())


def has_bought(ctx: ReadCtx, user_id: UUID) -> bool:
    """Whether somebody ever paid for an order (a free one does not count). One statement."""
    kept = (*HOLDING, OrderState.REFUNDED)
    wanted = select(col(Order.id)).where(
        col(Order.buyer_id) == user_id, col(Order.state).in_(kept), col(Order.total) > 0
    )
    return ctx.session.execute(wanted.limit(1)).first() is not None


def cart(ctx: ReadCtx, user_id: UUID) -> Cart | None:
    """Somebody's cart."""
    row: Cart | None = ctx.session.execute(select(Cart).where(col(Cart.user_id) == user_id)).scalar_one_or_none()
    return row


def locked_cart(ctx: WriteCtx, user_id: UUID) -> Cart | None:
    """Somebody's cart, which has one writer at a time."""
    wanted = select(Cart).where(col(Cart.user_id) == user_id).with_for_update(key_share=True)
    row: Cart | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def items_of(ctx: ReadCtx, cart_id: UUID) -> list[CartItem]:
    """What is in a cart, in the order in which it was put there. One statement."""
    wanted = select(CartItem).where(col(CartItem.cart_id) == cart_id).order_by(col(CartItem.id))
    return list(ctx.session.execute(wanted).scalars())


def after(cursor: str) -> UUID:
    """The id that a list goes on after. Invalid for a cursor of another list."""
    last = parse_id(decode_cursor(cursor, (str,))[0])
    if last is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return last
