"""The tables of logins."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class SessionKind(StrEnum):
    """How a session is held: by a cookie, or by tokens."""

    WEB = "web"
    API = "api"


class AuthSession(TenantOwned, table=True):
    """One login. `cookie_hash` is set for pages, None for programs.

    `last_seen_at` moves every few minutes of use. `impersonator_id`: the administrator who acts as the person.
    `proved_at`: when its holder last gave a password, a code or a passkey; None: at its beginning.
    """

    __tablename__ = "auth_session"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", index=True)
    kind: SessionKind = Field(sa_type=Text)
    cookie_hash: str | None = Field(default=None, max_length=64, unique=True)
    user_agent: str = Field(default="", max_length=300)
    ip: str = Field(default="", max_length=45)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    impersonator_id: UUID | None = None
    proved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RefreshToken(TenantOwned, table=True):
    """One link of a session's chain. Used ones are kept until the session expires, to notice their reuse."""

    __tablename__ = "refresh_token"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    session_id: UUID = Field(foreign_key="auth_session.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
