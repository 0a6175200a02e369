"""Inputs and views of certificates."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lms_core.learning.certificates.models import CheckKind, CheckOutcome

PLACEHOLDERS = ("name", "course", "date", "hours", "institution")
_PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")

# One line of ordinary text: no control characters, which a font cannot show.
Line = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")]
Passage = Annotated[str, StringConstraints(max_length=400, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True)]
Picture = Literal["logo", "signature"]


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class Shown(StrEnum):
    """The optional fields of a certificate."""

    DATE = "date"
    EXPIRY = "expiry"
    HOURS = "hours"
    QR = "qr"
    CODE = "code"


class Design(BaseModel):
    """How a certificate looks. Empty texts mean the usual words of the language.

    `note` may hold {name}, {course}, {date}, {hours} and {institution}.
    `valid_months` None: for ever; `remind_days` before the end its holder is told.
    """

    model_config = ConfigDict(extra="forbid")

    page: Literal["A4", "Letter"] = "A4"
    language: Literal["en", "sw"] = "en"
    title: Line = ""
    before: Line = ""
    after: Line = ""
    note: Passage = ""
    signer_name: Line = ""
    signer_title: Line = ""
    accent: Colour = "#0c6350"
    ink: Colour = "#1c2126"
    paper: Colour = "#fffdf8"
    frame: Literal["double", "line", "none"] = "double"
    shown: frozenset[Shown] = frozenset(Shown)
    valid_months: int | None = Field(default=None, ge=1, le=120)
    remind_days: int = Field(default=30, ge=1, le=180)


def filled(text: str, values: dict[str, str]) -> str:
    """`text` with its placeholders filled; anything else in braces stays as it is."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


class TemplateIn(BaseModel):
    """A design and, for a course, whether completing it earns the certificate."""

    design: Design = Design()
    issue_on_completion: bool = False


class TemplateView(View):
    """A template as it is in force. `own` false: nothing was chosen here yet, so the institution's is shown."""

    course_id: UUID | None
    design: Design
    issue_on_completion: bool
    has_logo: bool
    has_signature: bool
    own: bool
    updated_at: datetime | None


class IssueIn(BaseModel):
    """Who gets a certificate: people by address, or everybody in the course who completed it."""

    emails: list[Annotated[str, StringConstraints(max_length=254, strip_whitespace=True)]] = Field(
        default_factory=list, max_length=2000
    )
    all_completed: bool = False


class IssueView(View):
    """What issuing did: new certificates, people who hold one already, addresses that are nobody in this course."""

    issued: int
    already: int
    unknown: tuple[str, ...]


class RevokeIn(BaseModel):
    """Why a certificate is withdrawn; shown to whoever verifies it."""

    reason: Reason


Standing = Literal["preparing", "valid", "expired", "revoked"]


class CertificateView(View):
    """A certificate as its holder and its instructors see it. `share_url` is the public page."""

    id: UUID
    code: str
    user_id: UUID
    course_id: UUID | None
    recipient_name: str
    course_title: str
    standing: Standing
    ready: bool
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    revoke_reason: str
    share_url: str
    linkedin_url: str


class CertificateRow(CertificateView):
    """A certificate in an instructor's list, with how often it was verified."""

    checks: int


class VerificationView(View):
    """What anybody may know who has the code. `pdf_url` and `credential_url` are None while they are prepared."""

    code: str
    status: Literal["valid", "revoked", "expired"]
    recipient_name: str
    course_title: str
    issuer: str
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    revoke_reason: str
    verification_url: str
    pdf_url: str | None
    credential_url: str | None
    checked_at: datetime


class InspectionView(View):
    """What an uploaded document is: `outcome`, why (`findings`, stable codes), and the certificate it claims to be."""

    outcome: CheckOutcome
    kind: CheckKind
    findings: tuple[str, ...]
    certificate: VerificationView | None


class MonthFigure(View):
    """A month (`2026-01`) with its certificates and verifications."""

    month: str
    issued: int
    checks: int


class Figures(View):
    """A course's certificates in numbers; `months` are the last twelve, oldest first."""

    issued: int
    valid: int
    revoked: int
    expired: int
    expiring: int
    checks: int
    completed_without: int
    months: tuple[MonthFigure, ...]
