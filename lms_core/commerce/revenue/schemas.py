"""Inputs and views of revenue and payouts."""

import re
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from lms_core.commerce.revenue.models import BatchState, EarnerKind, ItemState, PayoutWay
from lms_core.kit.money import MAX_AMOUNT, BasisPoints, Currency

Line = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True)]
Email = Annotated[str, StringConstraints(min_length=3, max_length=254, strip_whitespace=True)]
Amounts = dict[Currency, Annotated[int, Field(ge=0, le=MAX_AMOUNT)]]
Form = Literal["csv", "xlsx"]
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{7,20}")
ACCOUNT = re.compile(r"[A-Z0-9]{4,34}")
MOST_SHARES = 20
LONGEST_HOLD = 365


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class TermsIn(BaseModel):
    """The institution's terms; `two_above` and `smallest` are minor units by currency."""

    hold_days: Annotated[int, Field(ge=0, le=LONGEST_HOLD)] = 14
    owner_share: BasisPoints = 0
    two_above: Amounts = Field(default_factory=dict)
    smallest: Amounts = Field(default_factory=dict)


class TermsView(View):
    """The terms in force."""

    hold_days: int
    owner_share: int
    two_above: dict[Currency, int]
    smallest: dict[Currency, int]


class ShareIn(BaseModel):
    """One person's share of a course, by address."""

    email: Email
    basis_points: BasisPoints


class SharesIn(BaseModel):
    """All shares of a course from now on; whoever is left out earns nothing of sales to come."""

    shares: list[ShareIn] = Field(max_length=MOST_SHARES)


class ShareView(View):
    """A share of a course. `ends_at` None: it is in force."""

    id: UUID
    user_id: UUID
    name: str
    email: str
    basis_points: int
    starts_at: datetime
    ends_at: datetime | None


class Balance(View):
    """Somebody's earnings in one currency, in minor units.

    `held`: too young to be paid out; `due`: can go into the next batch (negative after refunds of what was paid out);
    `under_way`: in a batch; `paid`: arrived.
    """

    currency: Currency
    held: int
    due: int
    under_way: int
    paid: int


class EarningRow(View):
    """One earning, or what a refund took back."""

    id: UUID
    kind: EarnerKind
    sale_number: str
    title: str
    refund: bool
    currency: Currency
    basis: int
    basis_points: int
    amount: int
    at: datetime
    held_until: datetime
    paid_out: bool


class PhoneIn(BaseModel):
    """To be paid out to a phone."""

    way: Literal[PayoutWay.PHONE] = PayoutWay.PHONE
    name: Annotated[Line, Field(min_length=2)]
    phone: str = Field(max_length=24)

    @field_validator("phone")
    @classmethod
    def _digits(cls, value: str) -> str:
        """E.164 digits without plus: 0712 345678 is 254712345678."""
        if not PHONE.fullmatch(value.strip()):
            raise ValueError("write a phone number such as 0712 345678 or +254 712 345678")
        digits = re.sub(r"\D", "", value)
        if digits.startswith("00"):
            digits = digits[2:]
        elif digits.startswith("0"):
            digits = "254" + digits[1:]
        elif len(digits) == 9 and digits[0] in "17":
            digits = "254" + digits
        if not 10 <= len(digits) <= 15 or (digits.startswith("254") and not re.fullmatch(r"254[17]\d{8}", digits)):
            raise ValueError("write a phone number such as 0712 345678 or +254 712 345678")
        return digits


class BankIn(BaseModel):
    """To be paid out to a bank account."""

    way: Literal[PayoutWay.BANK]
    name: Annotated[Line, Field(min_length=2)]
    bank: Annotated[Line, Field(min_length=2)]
    branch: Line = ""
    account: str = Field(max_length=60)

    @field_validator("account")
    @classmethod
    def _plain(cls, value: str) -> str:
        plain = re.sub(r"[\s-]", "", value).upper()
        if not ACCOUNT.fullmatch(plain):
            raise ValueError("an account number has 4 to 34 letters and digits")
        return plain


class DetailsIn(BaseModel):
    """Where to pay somebody out: a phone, or a bank account."""

    details: Annotated[PhoneIn | BankIn, Field(discriminator="way")]


class DetailsView(View):
    """Where somebody is paid out, masked. `from_when`: payouts wait until then after a change."""

    way: PayoutWay
    shown: str
    changed_at: datetime
    from_when: datetime


class EarningsView(View):
    """What somebody earns here, by currency, and where it is paid."""

    balances: tuple[Balance, ...]
    details: DetailsView | None
    held: bool
    hold_days: int
    smallest: dict[Currency, int]


class PayoutRow(View):
    """A payout as its receiver sees it."""

    id: UUID
    number: int
    currency: Currency
    amount: int
    way: PayoutWay
    shown: str
    state: ItemState
    reference: str
    made_at: datetime
    ended_at: datetime | None


class Recommended(View):
    """What came of a link in one currency, in minor units: `sold` is what buyers paid less what went back to them."""

    currency: Currency
    sold: int
    earned: int
    paid: int


class Recommendation(View):
    """An affiliate, and what came of their link. `visits`: how often others opened it; `orders`: paid ones."""

    id: UUID
    user_id: UUID | None
    name: str
    email: str
    code: str
    share_bp: int
    window_days: int
    active: bool
    visits: int
    orders: int
    sums: tuple[Recommended, ...]


class BatchIn(BaseModel):
    """A batch of everybody who is due this way and in this currency."""

    way: PayoutWay
    currency: Currency = Currency.KES


class Person(View):
    """Somebody who did something to a batch, and when."""

    user_id: UUID
    name: str
    at: datetime


class BatchRow(View):
    """A batch in the list."""

    id: UUID
    number: int
    way: PayoutWay
    currency: Currency
    state: BatchState
    total: int
    count: int
    two: bool
    made_at: datetime


class ItemView(View):
    """One payout of a batch."""

    id: UUID
    user_id: UUID
    name: str
    shown: str
    amount: int
    state: ItemState
    reference: str
    reason: str
    ended_at: datetime | None


class BatchView(BatchRow):
    """A batch whole. `may_approve`: the actor's approval is awaited."""

    made: Person | None
    first: Person | None
    second: Person | None
    items: tuple[ItemView, ...]
    may_approve: bool


class DueRow(View):
    """What somebody could be paid now, and if not, why: `details`, `fresh`, `held`, `small`."""

    user_id: UUID
    name: str
    currency: Currency
    amount: int
    way: PayoutWay | None
    shown: str
    obstacle: Literal["", "details", "fresh", "held", "small"]


class HoldIn(BaseModel):
    """That nothing is paid out to somebody, and why."""

    email: Email
    reason: Reason


class HoldView(View):
    """A hold in force."""

    id: UUID
    user_id: UUID
    name: str
    reason: str
    placed_at: datetime


class PaidIn(BaseModel):
    """That the bank carried a payout out, with its reference."""

    reference: Annotated[Line, Field(max_length=80)] = ""


class FailedIn(BaseModel):
    """That the bank did not carry a payout out, and why."""

    reason: Annotated[Reason, Field(max_length=300)]


class Span(BaseModel):
    """A span of time for a statement; without an end it goes on to now."""

    since: datetime | None = None
    until: datetime | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for each in (self.since, self.until):
            if each is not None and each.tzinfo is None:
                raise ValueError("give a time zone with each moment, such as 2026-01-01T00:00:00Z")
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("the end lies after the beginning")
        return self
