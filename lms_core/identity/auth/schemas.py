"""Inputs and views of logins."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from lms_core.identity.accounts.schemas import EmailAddress, GivenPassword, LinkToken


@dataclass(frozen=True, slots=True)
class Client:
    """Where a login comes from, as it says itself."""

    ip: str = ""
    user_agent: str = ""


class LoginInput(BaseModel):
    """What a person logs in with."""

    email: EmailAddress
    password: GivenPassword


class RefreshInput(BaseModel):
    """The newest refresh token of a session."""

    refresh_token: LinkToken


class Tokens(BaseModel):
    """What a program holds: an access token for `expires_in` seconds, and the refresh token for the next pair."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a scheme
    expires_in: int


@dataclass(frozen=True, slots=True)
class WebSession:
    """What a page holds: `cookie` is the cookie's value until `expires_at`."""

    session_id: UUID
    user_id: UUID
    cookie: str
    expires_at: datetime


class SessionView(BaseModel):
    """One login, as its owner sees it."""

    id: UUID
    kind: str
    user_agent: str
    ip: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool
