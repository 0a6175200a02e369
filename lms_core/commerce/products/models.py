"""The tables of products: what is sold, prices, taxes, coupons, affiliates."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency


class ProductKind(StrEnum):
    """What is sold. Of a course: access, or a seat that somebody else takes, or the fee of its certificate."""

    COURSE = "course"
    PATH = "path"
    PLAN = "plan"
    CERTIFICATE_FEE = "certificate_fee"
    BUNDLE = "bundle"
    SEAT = "seat"


class OnReversal(StrEnum):
    """What becomes of the access when the money goes back."""

    REVOKE = "revoke"
    KEEP = "keep"


class Interval(StrEnum):
    """How often a price is asked for."""

    ONCE = "once"
    MONTH = "month"
    YEAR = "year"


class TaxRate(TenantOwned, table=True):
    """A tax: `basis_points` of the price, within it where `inclusive`. Not edited; `active` offers it to products."""

    __tablename__ = "tax_rate"
    __table_args__ = (CheckConstraint("basis_points >= 0 AND basis_points <= 10000", name="basis_points"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=80)
    basis_points: int
    inclusive: bool = True
    country: str = Field(default="KE", max_length=2)
    active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class Product(TenantOwned, table=True):
    """Something for sale. `subject_id`: the course, path or plan; a bundle has none. Prices are rows of their own."""

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "subject_id"),
        Index("ix_product_shown", "tenant_id", "active", "id"),
        one_of("kind", ProductKind),
        one_of("on_reversal", OnReversal),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: ProductKind = Field(sa_type=Text)
    subject_id: UUID | None = Field(default=None, index=True)
    title: str = Field(max_length=200)
    summary: str = Field(default="", sa_type=Text)
    active: bool = True
    on_reversal: OnReversal = Field(default=OnReversal.REVOKE, sa_type=Text)
    tax_rate_id: UUID | None = Field(default=None, foreign_key="tax_rate.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class BundleItem(TenantOwned, table=True):
    """A product in a bundle."""

    __tablename__ = "bundle_item"

    bundle_id: UUID = Field(foreign_key="product.id", ondelete="CASCADE", primary_key=True)
    product_id: UUID = Field(foreign_key="product.id", ondelete="CASCADE", primary_key=True, index=True)
    position: int = 0


class Price(TenantOwned, table=True):
    """What a product costs from `valid_from` on and before `valid_to`, in minor units."""

    __tablename__ = "price"
    __table_args__ = (
        UniqueConstraint("product_id", "currency", "interval", "valid_from"),
        CheckConstraint("amount >= 0", name="amount"),
        one_of("interval", Interval),
        one_of("currency", Currency),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    product_id: UUID = Field(foreign_key="product.id", ondelete="CASCADE")
    currency: Currency = Field(sa_type=Text)
    amount: int = Field(sa_type=BigInteger)
    interval: Interval = Field(default=Interval.ONCE, sa_type=Text)
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Coupon(TenantOwned, table=True):
    """A code that takes something off: a share in `basis_points`, or `amount` of `currency`. Empty limits: none.

    `used` is counted with the row held, so that it never passes `uses_allowed`.
    """

    __tablename__ = "coupon"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code_key"),
        CheckConstraint("(basis_points > 0) <> (amount IS NOT NULL)", name="one_way"),
        CheckConstraint("basis_points >= 0 AND basis_points <= 10000", name="basis_points"),
        CheckConstraint("amount IS NULL OR amount > 0", name="amount"),
        CheckConstraint("used >= 0 AND (uses_allowed IS NULL OR used <= uses_allowed)", name="used"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(max_length=40)
    code_key: str = Field(max_length=80)
    basis_points: int = 0
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = Field(default=None, max_length=3)
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    uses_allowed: int | None = None
    uses_per_person: int | None = None
    used: int = 0
    first_purchase: bool = False
    active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class CouponProduct(TenantOwned, table=True):
    """A product that a coupon is for; a coupon without any is for all."""

    __tablename__ = "coupon_product"

    coupon_id: UUID = Field(foreign_key="coupon.id", ondelete="CASCADE", primary_key=True)
    product_id: UUID = Field(foreign_key="product.id", ondelete="CASCADE", primary_key=True, index=True)


class CouponUse(TenantOwned, table=True):
    """That somebody used a coupon for something (an order, a subscription); released when nothing came of it."""

    __tablename__ = "coupon_use"
    __table_args__ = (
        UniqueConstraint("coupon_id", "subject_id"),
        Index("ix_coupon_use_of_person", "coupon_id", "user_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    coupon_id: UUID = Field(foreign_key="coupon.id", ondelete="CASCADE")
    subject_id: UUID = Field(index=True)
    user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    at: datetime = Field(sa_type=UtcDateTime)


class Affiliate(TenantOwned, table=True):
    """Somebody who sends buyers and earns `share_bp` of what they pay within `window_days` of their visit.

    `visits`: how often others opened the link.
    """

    __tablename__ = "affiliate"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code_key"),
        UniqueConstraint("tenant_id", "user_id"),
        CheckConstraint("share_bp >= 0 AND share_bp <= 10000", name="share_bp"),
        CheckConstraint("window_days >= 1 AND window_days <= 365", name="window_days"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    code: str = Field(max_length=40)
    code_key: str = Field(max_length=80)
    share_bp: int
    window_days: int = 30
    active: bool = True
    visits: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)


class Attribution(TenantOwned, table=True):
    """Whose link somebody came by last, and until when it counts."""

    __tablename__ = "attribution"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    affiliate_id: UUID = Field(foreign_key="affiliate.id", ondelete="CASCADE", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
