"""What orders hold about a person: what they bought, were given and asked to be given back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from lms_core.commerce.orders.models import Cart, CartItem, Gift, Grant, LineItem, Order, OrderRefund
from lms_core.kit.context import WriteCtx
from lms_core.kit.personal import Act, Mine, Stays, declare

APART = {"synchronize_session": False}


def _keyless(now: datetime) -> dict[str, Any]:
    return {"coupon_code": ""}


def _forget_others(ctx: WriteCtx, user_id: UUID) -> None:
    """Addresses and messages that the person wrote for those they gave something to."""
    own = select(col(Order.id)).where(col(Order.buyer_id) == user_id)
    lines = update(LineItem).where(col(LineItem.order_id).in_(own)).values(recipients=[], message="")
    gifts = update(Gift).where(col(Gift.order_id).in_(own)).values(email="")
    for each in (lines, gifts):
        ctx.session.execute(each, execution_options=APART)


declare(
    "orders",
    Mine(Cart.user_id),
    Mine(CartItem.cart_id, via=Cart.user_id),
    Stays(
        Order.buyer_id,
        why="what was sold and taxed is kept as long as tax law asks; it names nobody once the account is empty",
        blank=_keyless,
        without=frozenset({"key", "fingerprint"}),
    ),
    Mine(Grant.user_id),
    Act(Gift.claimed_by, only=("id", "number", "claimed_at")),
    Act(OrderRefund.asked_by, why="who asked for a refund is in the audit log"),
    first=_forget_others,
)
