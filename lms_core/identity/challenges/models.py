"""The table of challenges."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class ChallengePurpose(StrEnum):
    """What a challenge waits for."""

    SECOND_FACTOR = "second_factor"
    PASSKEY_LOGIN = "passkey_login"
    PASSKEY_REGISTRATION = "passkey_registration"
    OIDC_LOGIN = "oidc_login"


class Challenge(TenantOwned, table=True):
    """One unfinished proof. `data` holds what its second half is compared with, nothing that proves anything by itself.

    `user_id` None: who it is for comes out at its end.
    """

    __tablename__ = "challenge"
    __table_args__ = (one_of("purpose", ChallengePurpose),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    purpose: ChallengePurpose = Field(sa_type=Text)
    user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="CASCADE", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    tries: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
