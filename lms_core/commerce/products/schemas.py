"""Inputs and views of products, prices, taxes, coupons and affiliates."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from lms_core.commerce.products.models import Interval, OnReversal, ProductKind
from lms_core.kit.money import MAX_AMOUNT, BasisPoints, Currency, PositiveMinor

MOST_IN_A_BUNDLE = 50

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40, pattern=r"^[\w-]+$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Asked = Annotated[int, Field(ge=0, le=MAX_AMOUNT)]
Times = Annotated[int, Field(ge=1, le=1_000_000)]


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class PriceIn(BaseModel):
    """A new price in minor units, from now on or from `valid_from`; it ends the one before."""

    amount: Asked
    currency: Currency
    interval: Interval = Interval.ONCE
    valid_from: AwareDatetime | None = None


class ProductIn(BaseModel):
    """Something to sell. `subject_id`: the course, path or plan; a bundle names the products in it instead."""

    kind: ProductKind
    subject_id: UUID | None = None
    title: Line | None = None
    summary: Text = ""
    on_reversal: OnReversal = OnReversal.REVOKE
    tax_rate_id: UUID | None = None
    active: bool = True
    items: list[UUID] = Field(default=[], max_length=MOST_IN_A_BUNDLE)
    prices: list[PriceIn] = Field(default=[], max_length=20)

    @model_validator(mode="after")
    def _subject_or_items(self) -> Self:
        if (self.kind == ProductKind.BUNDLE) != (self.subject_id is None):
            raise ValueError("a bundle names the products in it, everything else what it is")
        if (self.kind == ProductKind.BUNDLE) != bool(self.items):
            raise ValueError("a bundle has products in it, and nothing else does")
        if len(set(self.items)) < len(self.items):
            raise ValueError("a product stands once in a bundle")
        return self


class ProductChange(BaseModel):
    """What to change of a product; what is left out stays. `untaxed` takes the rate of tax off."""

    title: Line | None = None
    summary: Text | None = None
    active: bool | None = None
    on_reversal: OnReversal | None = None
    tax_rate_id: UUID | None = None
    untaxed: bool = False


class PriceView(View):
    """A price as it holds now."""

    id: UUID
    currency: Currency
    amount: int
    interval: Interval
    valid_from: datetime
    valid_to: datetime | None


class TaxRateIn(BaseModel):
    """A new rate of tax: 1600 basis points are 16 %."""

    name: Name
    basis_points: BasisPoints
    inclusive: bool = True
    country: Country = "KE"


class TaxRateView(View):
    """A rate of tax."""

    id: UUID
    name: str
    basis_points: int
    inclusive: bool
    country: str
    active: bool


class ProductView(View):
    """A product with the prices that hold now. `items`: the products in a bundle."""

    id: UUID
    kind: ProductKind
    subject_id: UUID | None
    title: str
    summary: str
    active: bool
    on_reversal: OnReversal
    tax_rate_id: UUID | None
    tax_rate: int
    tax_inclusive: bool
    prices: tuple[PriceView, ...]
    items: tuple[UUID, ...] = ()

    def price(self, currency: Currency, interval: Interval = Interval.ONCE) -> PriceView | None:
        """The price in this currency, if there is one now."""
        same = (each for each in self.prices if each.currency == currency and each.interval == interval)
        return next(same, None)


class SubscribedPrice(View):
    """A price of a plan: its id is that of the plan's own price."""

    id: UUID
    currency: Currency
    interval: Interval
    amount: Asked
    valid_from: datetime


class Subscribed(View):
    """A plan as it stands on the shelf. `id`: the plan's, and its product's."""

    id: UUID
    title: str
    summary: str
    active: bool
    prices: tuple[SubscribedPrice, ...]


class CouponIn(BaseModel):
    """A new coupon: a share (`basis_points`), or an amount of a currency. Limits that are left out do not limit."""

    code: Code
    basis_points: Annotated[int, Field(gt=0, le=10_000)] | None = None
    amount: PositiveMinor | None = None
    currency: Currency | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    uses_allowed: Times | None = None
    uses_per_person: Times | None = None
    first_purchase: bool = False
    products: list[UUID] = Field(default=[], max_length=200)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.basis_points is None) == (self.amount is None):
            raise ValueError("a coupon takes a share or an amount off")
        if (self.amount is None) != (self.currency is None):
            raise ValueError("an amount has a currency, and a share has none")
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("a coupon ends after it starts")
        return self


class CouponChange(BaseModel):
    """What of a coupon can change: whether it works, until when, and how often."""

    active: bool | None = None
    ends_at: AwareDatetime | None = None
    uses_allowed: Times | None = None


class CouponView(View):
    """A coupon, and how often it was used."""

    id: UUID
    code: str
    basis_points: int
    amount: int | None
    currency: Currency | None
    starts_at: datetime | None
    ends_at: datetime | None
    uses_allowed: int | None
    uses_per_person: int | None
    used: int
    first_purchase: bool
    active: bool
    products: tuple[UUID, ...] = ()


class AffiliateIn(BaseModel):
    """Somebody who is to earn a share of what the buyers they send pay."""

    user_id: UUID
    code: Code
    share_bp: BasisPoints
    window_days: Annotated[int, Field(ge=1, le=365)] = 30


class AffiliateChange(BaseModel):
    """What to change of an affiliate."""

    share_bp: BasisPoints | None = None
    window_days: Annotated[int, Field(ge=1, le=365)] | None = None
    active: bool | None = None


class AffiliateView(View):
    """An affiliate."""

    id: UUID
    user_id: UUID | None
    code: str
    share_bp: int
    window_days: int
    active: bool
    visits: int
