"""Inputs and views of logins."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from lms_core.identity.accounts.schemas import EmailAddress, GivenPassword, LinkToken, SearchText


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
    """One login, as its owner sees it. `program` and `system` are its device in words, `country` ISO 3166-1 alpha-2;
    each is empty when unknown.
    """

    id: UUID
    kind: str
    user_agent: str
    program: str
    system: str
    ip: str
    country: str
    city: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool


class Proof(BaseModel):
    """What shows that it is the owner who asks: the password, or else a code where codes are on."""

    password: Annotated[str, Field(max_length=1024)] = ""
    code: Annotated[SearchText, Field(max_length=40)] = ""


class WaysView(BaseModel):
    """What one can prove with that it is oneself; `fresh_until` None: the next asking will want a proof."""

    fresh_until: datetime | None
    password: bool
    code: bool
    passkey: bool = False


class ConfirmedView(BaseModel):
    """A proof was taken; it counts until then."""

    fresh_until: datetime
