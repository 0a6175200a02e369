"""The tables of the provider in the house."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency


class ChargeState(StrEnum):
    """What the payer did. What timed out may still be paid."""

    OPEN = "open"
    PAID = "paid"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    REVERSED = "reversed"


class MovementKind(StrEnum):
    """Money that leaves the provider."""

    REFUND = "refund"
    PAYOUT = "payout"


class SandboxCharge(TenantOwned, table=True):
    """Play money that is asked for. `account` is the merchant; `version` counts what was told about it."""

    __tablename__ = "sandbox_charge"
    __table_args__ = (
        UniqueConstraint("token"),
        UniqueConstraint("account", "key"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("refunded >= 0 AND refunded <= amount", name="refunded"),
        one_of("state", ChargeState),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    token: str = Field(max_length=64)
    account: UUID
    key: str = Field(max_length=120)
    reference: str = Field(max_length=12, index=True)
    amount: int = Field(sa_type=BigInteger)
    refunded: int = Field(default=0, sa_type=BigInteger)
    currency: Currency = Field(sa_type=Text)
    description: str = Field(default="", max_length=200)
    payer: str = Field(default="", max_length=20)
    return_url: str = Field(default="", max_length=600)
    cancel_url: str = Field(default="", max_length=600)
    keep: bool = False
    method: str = Field(default="", max_length=64)
    state: ChargeState = Field(default=ChargeState.OPEN, sa_type=Text)
    receipt: str = Field(default="", max_length=20)
    version: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SandboxMovement(TenantOwned, table=True):
    """Play money that went back, or out to a phone."""

    __tablename__ = "sandbox_movement"
    __table_args__ = (
        UniqueConstraint("account", "key"),
        CheckConstraint("amount > 0", name="amount"),
        one_of("kind", MovementKind),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account: UUID
    kind: MovementKind = Field(sa_type=Text)
    key: str = Field(max_length=120)
    charge_id: UUID | None = Field(default=None, foreign_key="sandbox_charge.id", index=True)
    amount: int = Field(sa_type=BigInteger)
    currency: Currency = Field(sa_type=Text)
    done: bool = True
    receipt: str = Field(default="", max_length=20)
    created_at: datetime = Field(sa_type=UtcDateTime)
