"""Inputs and views of accounts."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema

from lms_core.identity.accounts import addresses, passwords

BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})  # Unicode general categories


def _printable(text: str) -> str:
    if any(character in BIDI_CONTROLS or unicodedata.category(character) in UNPRINTABLE for character in text):
        raise ValueError("control characters are not allowed here")
    return text


def _name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", _printable(text)).split())
    if not name:
        raise ValueError("a name has at least one character")
    return name


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("this is not valid Unicode text") from error
    return text


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _time_zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError("this is not a time zone of the IANA database, such as Africa/Nairobi")
    return name


EmailAddress = Annotated[
    str,
    Field(max_length=320),
    AfterValidator(addresses.normalise),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": addresses.MAXIMUM_LENGTH}),
]
FullName = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_name)]
NewPassword = Annotated[
    str,
    Field(min_length=passwords.MINIMUM_LENGTH, max_length=passwords.MAXIMUM_LENGTH),
    AfterValidator(_encodable),
]
GivenPassword = Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_encodable)]
LinkToken = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_encodable)]
TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_time_zone)]
SearchText = Annotated[str, Field(max_length=200), AfterValidator(_printable)]
Language = Literal["en", "sw"]


class Registration(BaseModel):
    """What a person gives to have an account."""

    email: EmailAddress
    password: NewPassword
    full_name: FullName
    language: Language = "en"
    time_zone: TimeZone = "Africa/Nairobi"


class ProfileUpdate(BaseModel):
    """What people say about themselves; all of it, each time."""

    full_name: FullName
    language: Language
    time_zone: TimeZone


class PasswordChange(BaseModel):
    """The present password, and the one to have from now on."""

    current_password: GivenPassword
    new_password: NewPassword


class PasswordReset(BaseModel):
    """The token of a reset link, and the password to have from now on."""

    token: LinkToken
    password: NewPassword


class AddressOnly(BaseModel):
    """An e-mail address to send a link to."""

    email: EmailAddress


class LinkGiven(BaseModel):
    """The token of a link that came by mail."""

    token: LinkToken


class Addressee(BaseModel):
    """Somebody to write to. `verified`: they confirmed that the address is theirs."""

    id: UUID
    email: str
    full_name: str
    language: str
    verified: bool


class Account(BaseModel):
    """A person's account, as they and their administrators see it."""

    id: UUID
    email: str
    full_name: str
    language: str
    time_zone: str
    email_verified: bool
    disabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What a warning says about the login it is about; what is not known is empty.

    `program` and `system` as in `kit.agents`, `country` ISO 3166-1 alpha-2.
    """

    at: datetime
    program: str = ""
    system: str = ""
    ip: str = ""
    country: str = ""
    city: str = ""
