"""The tables of accounts."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class User(TenantOwned, table=True):
    """A person; or, when `is_service`, the installation itself: nobody logs in as it and no list of people shows it.

    `password_hash` None: logs in by other means only. `deleted_at`: nothing but the id is left of a person.
    """

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("tenant_id", "email_key"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(max_length=254)
    email_key: str = Field(max_length=254)
    full_name: str = Field(max_length=120)
    is_service: bool = False
    password_hash: str | None = Field(default=None, max_length=200)
    language: str = Field(default="en", max_length=10)
    time_zone: str = Field(default="Africa/Nairobi", max_length=64)
    email_verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failed_logins: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_login_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class LinkPurpose(StrEnum):
    """What a link sent by mail is good for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a purpose
    INVITATION = "invitation"


class AccountLink(TenantOwned, table=True):
    """A single-use link: the hash of its token, and the address it was sent to."""

    __tablename__ = "account_link"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", index=True)
    purpose: LinkPurpose = Field(sa_type=Text)
    email_key: str = Field(max_length=254)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
