"""Inputs and views of documents, and what a document says."""

import re
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from lms_core.commerce.documents.models import ControlState, DocumentKind, MailState
from lms_core.kit.money import BasisPoints, Currency

# One line of ordinary text: no control characters, which a font cannot show.
Line = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")]
# Several lines; nothing but line breaks of what cannot be printed.
Lines = Annotated[
    str, StringConstraints(max_length=600, strip_whitespace=True, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")
]
# A Kenyan PIN: A for people, P for companies, nine digits, a letter (KRA). Other countries' numbers have other forms.
KRA_PIN = re.compile(r"[AP]\d{9}[A-Z]")
LOOSE_PIN = re.compile(r"[A-Z0-9][A-Z0-9/-]{3,29}")
MAXIMUM_LINES = 500


def _pin(value: str) -> str:
    """A tax number, in capitals and without spaces; one that begins as a Kenyan PIN must be a whole one."""
    plain = re.sub(r"\s", "", value).upper()
    if plain and not (KRA_PIN.fullmatch(plain) or (LOOSE_PIN.fullmatch(plain) and not re.match(r"[AP]\d{6}", plain))):
        raise ValueError("a KRA PIN is a letter A or P, nine digits and a letter, such as P051234567X")
    return plain


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class SellerIn(BaseModel):
    """Who sells, as documents print it from now on; those that are issued stay as they are."""

    legal_name: Annotated[Line, Field(min_length=2)]
    address: Lines = ""
    pin: Line = ""
    email: Line = ""
    phone: Annotated[Line, Field(max_length=40)] = ""
    note: Lines = ""
    time_zone: Annotated[Line, Field(max_length=64)] = "Africa/Nairobi"
    vat_registered: bool = False
    etims: bool = False
    etims_serial: Annotated[Line, Field(max_length=60)] = ""

    _tax_number = field_validator("pin")(_pin)

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("choose a time zone such as Africa/Nairobi") from error
        return value

    @model_validator(mode="after")
    def _registered_sellers_have_a_number(self) -> Self:
        if (self.vat_registered or self.etims) and not self.pin:
            raise ValueError("a seller who charges VAT or uses eTIMS has a PIN: write it")
        return self


class SellerView(View):
    """Who sells. `complete`: enough is known for tax invoices."""

    legal_name: str
    address: str
    pin: str
    email: str
    phone: str
    note: str
    time_zone: str
    vat_registered: bool
    etims: bool
    etims_serial: str
    complete: bool
    updated_at: datetime | None


class BillingIn(BaseModel):
    """What to print for a buyer; an empty name is that of the account."""

    name: Line = ""
    address: Lines = ""
    pin: Line = ""

    _tax_number = field_validator("pin")(_pin)


class BillingView(View):
    """What is printed for a buyer on documents to come."""

    name: str
    address: str
    pin: str


class Party(View):
    """A seller or buyer as printed."""

    name: str
    address: str = ""
    pin: str = ""
    email: str = ""
    phone: str = ""


class ContentLine(View):
    """A line as printed: minor units, for the whole quantity but `unit`. `tax_rate` in basis points."""

    line_id: UUID
    title: str
    quantity: int
    unit: int
    discount: int
    net: int
    tax: int
    tax_rate: BasisPoints
    total: int


class PaidBy(View):
    """How money came in: at which provider, its receipt number there, when."""

    gateway: str
    receipt: str
    amount: int
    at: datetime | None


class Content(View):
    """What a document says. `supplied_at`: when it was paid or given back; `corrects`: the invoice of a credit note."""

    seller: Party
    buyer: Party
    lines: tuple[ContentLine, ...]
    supplied_at: datetime
    time_zone: str
    note: str = ""
    vat_registered: bool = False
    etims: bool = False
    corrects: str = ""
    corrects_at: datetime | None = None
    paid_by: tuple[PaidBy, ...] = ()


class TaxView(View):
    """A document's sums under one rate (basis points)."""

    rate: int
    net: int
    tax: int


class ControlUnit(View):
    """What the tax authority's control unit gave. Empty while `state` is `waiting`."""

    state: ControlState
    number: str
    serial: str
    url: str
    at: datetime | None


class ControlUnitIn(BaseModel):
    """What the control unit, or the tax authority's portal, gave for a document; `url` is what its QR code says."""

    number: Annotated[str, StringConstraints(min_length=3, max_length=80, pattern=r"^[A-Za-z0-9/ .-]+$")]
    serial: Annotated[str, StringConstraints(min_length=3, max_length=80, pattern=r"^[A-Za-z0-9/ .-]+$")]
    url: Annotated[str, StringConstraints(max_length=500, pattern=r"^(https://[\x21-\x7e]+)?$")] = ""
    at: AwareDatetime | None = None


class DocumentRow(View):
    """A document in a list. `ready`: its PDF is printed."""

    id: UUID
    kind: DocumentKind
    number: str
    order_id: UUID
    order_number: str
    buyer_name: str
    currency: Currency
    net: int
    tax: int
    total: int
    issued_at: datetime
    ready: bool
    mail_state: MailState
    control_state: ControlState


class DocumentView(DocumentRow):
    """A document whole."""

    content: Content
    language: str
    taxes: tuple[TaxView, ...]
    control: ControlUnit
    corrects_id: UUID | None
    corrected_by: tuple[UUID, ...]


class VatLine(View):
    """What was invoiced and credited in a month under one rate (basis points), in one currency."""

    currency: Currency
    rate: int
    invoices: int
    net: int
    tax: int
    credited_net: int
    credited_tax: int


class VatReport(View):
    """A month of the institution's calendar, `2026-01`, for a VAT return."""

    month: str
    lines: tuple[VatLine, ...]
