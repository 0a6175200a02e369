"""Inputs and views of the second factor."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from lms_core.identity.accounts.schemas import LinkToken


def _compact(text: str) -> str:
    compact = "".join(text.split()).replace("-", "").upper()
    if not compact.isascii() or not compact.isalnum():
        raise ValueError("a code has letters and digits only")
    return compact


Code = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_compact)]


class CodeGiven(BaseModel):
    """A code of the authenticator (six digits), or a recovery code."""

    code: Code


class SecondStep(BaseModel):
    """The second half of a login."""

    challenge: LinkToken
    code: Code


class Setup(BaseModel):
    """What an authenticator application needs; it counts once a code of it is confirmed."""

    secret: str
    address: str
    qr_svg: str


class RecoveryCodes(BaseModel):
    """Codes shown this once; each logs in one time without the authenticator."""

    codes: list[str]


class TrustedDeviceView(BaseModel):
    """A browser that needs no code until `expires_at`; `program` and `system` as in `kit.agents`."""

    id: UUID
    user_agent: str
    program: str
    system: str
    ip: str
    country: str
    city: str
    created_at: datetime
    expires_at: datetime


class SecondFactorView(BaseModel):
    """How one's second factor stands."""

    on: bool
    since: datetime | None
    recovery_codes_left: int
    trusted_devices: list[TrustedDeviceView]
