"""Inputs and views of passkeys. `options` and `credential` are the JSON forms of WebAuthn Level 3 (5.1.8, 5.1.9)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from lms_core.identity.accounts.schemas import FullName, LinkToken


class Ceremony(BaseModel):
    """What a browser's `navigator.credentials` is given; `challenge` comes back with its answer."""

    challenge: str
    options: dict[str, Any]


class NewPasskey(BaseModel):
    """What `navigator.credentials.create` gave, and what its owner calls it."""

    challenge: LinkToken
    name: Annotated[FullName, Field(max_length=80)]
    credential: dict[str, Any]


class PasskeyName(BaseModel):
    """What its owner calls a passkey from now on."""

    name: Annotated[FullName, Field(max_length=80)]


class PasskeyLogin(BaseModel):
    """What `navigator.credentials.get` gave."""

    challenge: LinkToken
    credential: dict[str, Any]


class PasskeyView(BaseModel):
    """A passkey, as its owner sees it."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
