"""The tables of alerts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class AlertKind(StrEnum):
    """What was noticed."""

    NEW_DEVICE = "new_device"
    NEW_COUNTRY = "new_country"
    IMPOSSIBLE_TRAVEL = "impossible_travel"
    CONCURRENT_LOGIN = "concurrent_login"
    MANY_FAILURES = "many_failures"
    MANY_WRONG_CODES = "many_wrong_codes"


class TraitKind(StrEnum):
    """What about a login is remembered."""

    DEVICE = "device"
    COUNTRY = "country"


class KnownTrait(TenantOwned, table=True):
    """Something that logins of a person had before: a kind of device in words, or a country (ISO 3166-1 alpha-2)."""

    __tablename__ = "known_trait"
    __table_args__ = (one_of("kind", TraitKind), UniqueConstraint("user_id", "kind", "value"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    kind: TraitKind = Field(sa_type=Text)
    value: str = Field(max_length=100)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)


class SecurityAlert(TenantOwned, table=True):
    """One thing noticed. `about` makes it one: the same kind about the same is not written again.

    `details`: numbers and names of the other side of a journey or of a concurrent use.
    """

    __tablename__ = "security_alert"
    __table_args__ = (one_of("kind", AlertKind), UniqueConstraint("user_id", "kind", "about"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    kind: AlertKind = Field(sa_type=Text)
    about: str = Field(max_length=200)
    user_agent: str = Field(default="", max_length=300)
    ip: str = Field(default="", max_length=45)
    country: str = Field(default="", max_length=2)
    city: str = Field(default="", max_length=80)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(sa_type=UtcDateTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
