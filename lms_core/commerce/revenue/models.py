"""The tables of revenue."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency


class EarnerKind(StrEnum):
    """Why somebody earns."""

    INSTRUCTOR = "instructor"
    AFFILIATE = "affiliate"


class PayoutWay(StrEnum):
    """How somebody is paid out: to a phone, or by a file that the institution's bank carries out."""

    PHONE = "phone"
    BANK = "bank"


class BatchState(StrEnum):
    """Where a batch stands."""

    DRAFT = "draft"
    WAITING = "waiting"
    APPROVED = "approved"
    SENDING = "sending"
    DONE = "done"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    """Where one payout stands. `ready`: not sent yet."""

    READY = "ready"
    SENDING = "sending"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RevenueSettings(TenantOwned, table=True):
    """The institution's terms; one row. `owner_share`: basis points of a course nobody has a share of, for its owner.

    `two_above`, `smallest`: minor units by currency. Above the first two people approve a batch, below the second
    nothing is paid out.
    """

    __tablename__ = "revenue_settings"
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        CheckConstraint("hold_days >= 0 AND owner_share BETWEEN 0 AND 10000", name="terms"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    hold_days: int = 14
    owner_share: int = 0
    two_above: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    smallest: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class RevenueShare(TenantOwned, table=True):
    """What somebody earns of a course from a moment on; ended, never edited."""

    __tablename__ = "revenue_share"
    __table_args__ = (
        CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
        Index("ix_revenue_share_course", "course_id", "starts_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    basis_points: int
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    set_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)


class PayoutBatch(TenantOwned, table=True):
    """Payouts that are approved and sent together. `two` was decided when it was handed in."""

    __tablename__ = "payout_batch"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        one_of("way", PayoutWay),
        one_of("state", BatchState),
        CheckConstraint("total >= 0", name="total"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int
    way: PayoutWay = Field(sa_type=Text)
    currency: Currency = Field(max_length=3, sa_type=Text)
    state: BatchState = Field(default=BatchState.DRAFT, sa_type=Text)
    total: int = Field(sa_type=BigInteger)
    two: bool = False
    made_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    first_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    first_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    second_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    second_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PayoutItem(TenantOwned, table=True):
    """What one person is paid in a batch. `sealed`: where to, frozen when the batch was drawn up; `shown`: masked.

    `parts`: what the amount is made of, as [kind of earner, owner, minor units].
    """

    __tablename__ = "payout_item"
    __table_args__ = (
        UniqueConstraint("batch_id", "user_id"),
        one_of("state", ItemState),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    batch_id: UUID = Field(foreign_key="payout_batch.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="user.id", index=True)
    name: str = Field(max_length=200)
    sealed: str = Field(sa_type=Text)
    shown: str = Field(max_length=80)
    amount: int = Field(sa_type=BigInteger)
    parts: list[Any] = Field(default_factory=list, sa_type=JSON)
    state: ItemState = Field(default=ItemState.READY, sa_type=Text)
    payout_id: UUID | None = None
    reference: str = Field(default="", max_length=80)
    reason: str = Field(default="", max_length=300)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RevenueSale(TenantOwned, table=True):
    """A sale that was shared; its row is what refunds of it wait for. Both by line: its price without tax, and what of
    that went back so far.
    """

    __tablename__ = "revenue_sale"
    __table_args__ = (UniqueConstraint("tenant_id", "sale_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sale_id: UUID
    nets: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    returned: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Earning(TenantOwned, table=True):
    """What somebody earned of a line, or (negative) what a refund took back.

    `origin` names it once and for all; `basis` is the part of the line's price without tax that the share is of.
    `owner` is whose account in the ledger it is: a user's id, or an affiliate's.
    """

    __tablename__ = "earning"
    __table_args__ = (
        UniqueConstraint("tenant_id", "origin"),
        one_of("kind", EarnerKind),
        CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
        Index("ix_earning_person", "user_id", "id"),
        Index("ix_earning_due", "tenant_id", "item_id", "held_until"),
        Index("ix_earning_sale", "tenant_id", "sale_id", "line_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    origin: str = Field(max_length=160)
    kind: EarnerKind = Field(sa_type=Text)
    user_id: UUID = Field(foreign_key="user.id")
    owner: str = Field(max_length=40)
    sale_id: UUID
    sale_number: str = Field(max_length=60)
    refund_id: UUID | None = None
    line_id: UUID
    course_id: UUID | None = None
    title: str = Field(max_length=300)
    currency: Currency = Field(max_length=3, sa_type=Text)
    basis: int = Field(sa_type=BigInteger)
    basis_points: int
    amount: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UtcDateTime)
    held_until: datetime = Field(sa_type=UtcDateTime)
    item_id: UUID | None = Field(default=None, foreign_key="payout_item.id")


class PayoutDetails(TenantOwned, table=True):
    """Where somebody is paid out. `sealed` holds the whole of it; `shown` is masked."""

    __tablename__ = "payout_details"
    __table_args__ = (UniqueConstraint("user_id"), one_of("way", PayoutWay))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    way: PayoutWay = Field(sa_type=Text)
    sealed: str = Field(sa_type=Text)
    shown: str = Field(max_length=80)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class PayoutHold(TenantOwned, table=True):
    """That nothing is paid out to somebody until the hold is lifted."""

    __tablename__ = "payout_hold"
    __table_args__ = (Index("ix_payout_hold_person", "user_id", "lifted_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    reason: str = Field(max_length=500)
    placed_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    placed_at: datetime = Field(sa_type=UtcDateTime)
    lifted_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
