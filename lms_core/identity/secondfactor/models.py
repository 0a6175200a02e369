"""The tables of the second factor."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class TotpDevice(TenantOwned, table=True):
    """A person's authenticator. `sealed_secret` is encrypted; `last_step` is the time step of the last code taken.

    `wrong_codes` counts those in a row; until `paused_until` its codes are refused unseen.
    """

    __tablename__ = "totp_device"
    __table_args__ = (UniqueConstraint("user_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    sealed_secret: str = Field(max_length=300)
    last_step: int = 0
    wrong_codes: int = 0
    paused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCode(TenantOwned, table=True):
    """One code for the day the authenticator is lost."""

    __tablename__ = "recovery_code"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    code_hash: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TrustedDevice(TenantOwned, table=True):
    """A browser that needs no second factor until `expires_at`."""

    __tablename__ = "trusted_device"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    user_agent: str = Field(default="", max_length=300)
    ip: str = Field(default="", max_length=45)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
