"""The tables of orders: carts, orders and their lines, what they gave, gifts, refunds."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.commerce.orders.transitions import OrderState
from lms_core.commerce.products.models import OnReversal, ProductKind
from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency


class GrantKind(StrEnum):
    """What a line of an order gave somebody."""

    COURSE = "course"
    PATH = "path"
    CERTIFICATE_FEE = "certificate_fee"


class RefundState(StrEnum):
    """Where a refund of an order stands."""

    ASKED = "asked"
    SETTLED = "settled"
    FAILED = "failed"


class Cart(TenantOwned, table=True):
    """What somebody is about to buy."""

    __tablename__ = "cart"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id"), one_of("currency", Currency))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    currency: Currency = Field(default=Currency.KES, sa_type=Text)
    coupon_code: str = Field(default="", max_length=40)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class CartItem(TenantOwned, table=True):
    """A product in a cart. `seen`: the price it was put in at. `recipients`: addresses it is for, when for others."""

    __tablename__ = "cart_item"
    __table_args__ = (
        UniqueConstraint("cart_id", "product_id", "for_others"),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    cart_id: UUID = Field(foreign_key="cart.id", ondelete="CASCADE")
    product_id: UUID = Field(foreign_key="product.id", ondelete="CASCADE", index=True)
    quantity: int = 1
    for_others: bool = False
    recipients: list[str] = Field(default_factory=list, sa_type=JSON)
    message: str = Field(default="", max_length=500)
    seen: int = Field(sa_type=BigInteger)
    added_at: datetime = Field(sa_type=UtcDateTime)


class Order(TenantOwned, table=True):
    """What somebody buys, its amounts frozen (minor units). `refunded`: what went back of `total`, once it is there.

    `key` is the Idempotency-Key it was placed with, unique for its buyer; `fingerprint` is of what was asked with it.
    """

    __tablename__ = "purchase_order"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("buyer_id", "key"),
        Index("ix_purchase_order_of_buyer", "buyer_id", "id"),
        Index("ix_purchase_order_by_state", "tenant_id", "state", "id"),
        CheckConstraint("total >= 0 AND net >= 0 AND tax >= 0 AND discount >= 0", name="amounts"),
        CheckConstraint("refunded >= 0 AND refunded <= total", name="refunded"),
        one_of("state", OrderState),
        one_of("currency", Currency),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: str = Field(max_length=20)
    buyer_id: UUID = Field(foreign_key="user.id")
    state: OrderState = Field(default=OrderState.OPEN, sa_type=Text)
    currency: Currency = Field(sa_type=Text)
    gross: int = Field(sa_type=BigInteger)
    discount: int = Field(sa_type=BigInteger)
    net: int = Field(sa_type=BigInteger)
    tax: int = Field(sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)
    refunded: int = Field(default=0, sa_type=BigInteger)
    coupon_id: UUID | None = Field(default=None, foreign_key="coupon.id", ondelete="SET NULL", index=True)
    coupon_code: str = Field(default="", max_length=40)
    affiliate_id: UUID | None = Field(default=None, foreign_key="affiliate.id", ondelete="SET NULL", index=True)
    key: str = Field(max_length=100)
    fingerprint: str = Field(max_length=64)
    intent_id: UUID | None = Field(default=None, index=True)
    payment_id: UUID | None = Field(default=None, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fulfilled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LineItem(TenantOwned, table=True):
    """A line of an order as it was when it was placed. `back_*`: what of it went back or is on its way back."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("quantity > 0 AND unit >= 0 AND discount >= 0", name="counts"),
        CheckConstraint("net >= 0 AND tax >= 0 AND total >= 0", name="amounts"),
        CheckConstraint("back_total >= 0 AND back_total <= total", name="back"),
        one_of("kind", ProductKind),
        one_of("on_reversal", OnReversal),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="purchase_order.id", ondelete="CASCADE")
    position: int = 0
    product_id: UUID = Field(foreign_key="product.id", index=True)
    kind: ProductKind = Field(sa_type=Text)
    title: str = Field(max_length=200)
    unit: int = Field(sa_type=BigInteger)
    quantity: int
    discount: int = Field(sa_type=BigInteger)
    net: int = Field(sa_type=BigInteger)
    tax: int = Field(sa_type=BigInteger)
    tax_rate: int
    tax_inclusive: bool = True
    total: int = Field(sa_type=BigInteger)
    on_reversal: OnReversal = Field(default=OnReversal.REVOKE, sa_type=Text)
    for_others: bool = False
    recipients: list[str] = Field(default_factory=list, sa_type=JSON)
    message: str = Field(default="", max_length=500)
    opens: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # ids as text, as `Opens` has them
    back_net: int = Field(default=0, sa_type=BigInteger)
    back_tax: int = Field(default=0, sa_type=BigInteger)
    back_total: int = Field(default=0, sa_type=BigInteger)


class Grant(TenantOwned, table=True):
    """Something that a line of an order gave somebody. `fresh`: they have it by orders alone."""

    __tablename__ = "order_grant"
    __table_args__ = (
        UniqueConstraint("line_id", "user_id", "kind", "object_id"),
        Index("ix_order_grant_of_person", "user_id", "object_id"),
        one_of("kind", GrantKind),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="purchase_order.id", ondelete="CASCADE", index=True)
    line_id: UUID = Field(foreign_key="order_line.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    kind: GrantKind = Field(sa_type=Text)
    object_id: UUID
    fresh: bool
    given_at: datetime = Field(sa_type=UtcDateTime)
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Gift(TenantOwned, table=True):
    """A seat for somebody else: without an address until its buyer says who. The token is made when its letter goes."""

    __tablename__ = "order_gift"
    __table_args__ = (UniqueConstraint("line_id", "number"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="purchase_order.id", ondelete="CASCADE", index=True)
    line_id: UUID = Field(foreign_key="order_line.id", ondelete="CASCADE")
    number: int
    email: str = Field(default="", max_length=320)
    language: str = Field(default="en", max_length=35)
    token_hash: str | None = Field(default=None, max_length=64, unique=True)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OrderRefund(TenantOwned, table=True):
    """Money of an order on its way back, or back. `refund_id`: the payments' refund; None while it is being asked for.

    `lines`: what of each line, as `{"line_id", "net", "tax", "total"}`.
    """

    __tablename__ = "order_refund"
    __table_args__ = (
        UniqueConstraint("tenant_id", "refund_id"),
        UniqueConstraint("order_id", "key"),
        CheckConstraint("amount > 0", name="amount"),
        one_of("state", RefundState),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    order_id: UUID = Field(foreign_key="purchase_order.id", ondelete="CASCADE", index=True)
    refund_id: UUID | None = None
    key: str = Field(max_length=120)
    amount: int = Field(sa_type=BigInteger)
    reason: str = Field(default="", max_length=200)
    state: RefundState = Field(default=RefundState.ASKED, sa_type=Text)
    lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    asked_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
