"""Inputs and views of foreign logins."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from lms_core.identity.accounts.schemas import FullName

LOCAL = ("localhost", "127.0.0.1", "::1")


def is_protected(address: str) -> bool:
    """Whether nobody on the way reads what is sent to this address: https, or this very machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)


def _issuer(text: str) -> str:
    parts = urlsplit(text)
    if not is_protected(text):
        raise ValueError("an issuer is an https address")
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("an issuer is an address without query, fragment or user")
    return text.rstrip("/")


class NewProvider(BaseModel):
    """A service that people may log in with, as its console gives the client's id and secret."""

    slug: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    name: Annotated[FullName, Field(max_length=80)]
    issuer: Annotated[str, Field(max_length=300), AfterValidator(_issuer)]
    client_id: Annotated[str, Field(min_length=1, max_length=300)]
    client_secret: Annotated[str, Field(max_length=500)] = ""
    domain: Annotated[str, Field(max_length=253, pattern=r"^[a-z0-9.-]*$")] = ""


class ProviderView(BaseModel):
    """A provider without its secret."""

    id: UUID
    slug: str
    name: str
    issuer: str
    client_id: str
    domain: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and the state that its cookie must bring back."""

    address: str
    state: str


@dataclass(frozen=True, slots=True)
class Client:
    """What talking to a provider needs."""

    provider_id: UUID
    issuer: str
    client_id: str
    client_secret: str
    domain: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What a checked identity token says."""

    subject: str
    email: str
    email_verified: bool
    full_name: str
    hosted_domain: str
