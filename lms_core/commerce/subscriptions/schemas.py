"""Inputs and views of subscriptions. Amounts are minor units."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from lms_core.commerce.subscriptions.models import ItemKind, Metric, Scope, TermKind, TermState, Way
from lms_core.commerce.subscriptions.periods import Interval
from lms_core.commerce.subscriptions.transitions import State
from lms_core.identity.accounts import addresses
from lms_core.kit.money import BasisPoints, Currency, Minor, PositiveMinor

MAXIMUM_COURSES = 200
MOST_LETTERS = 100
MOST_SEATS = 500
MOST_UNITS = 1_000_000
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Summary = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Feature = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30)]
Seats = Annotated[int, Field(ge=1, le=MOST_SEATS)]
Units = Annotated[int, Field(ge=0, le=MOST_UNITS)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=320), AfterValidator(addresses.normalise)]


class View(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


class PlanIn(BaseModel):
    """A new plan; it is not offered until it has a price and something to open. `tax_rate`: basis points within."""

    title: Title
    summary: Summary = ""
    features: list[Feature] = Field(default_factory=list, max_length=12)
    scope: Scope = Scope.COURSES
    trial_days: int = Field(default=0, ge=0, le=90)
    tax_rate: BasisPoints = 1600
    position: int = Field(default=0, ge=0, le=1000)


class PlanChange(BaseModel):
    """What to change of a plan; what is left out stays. Subscriptions keep the tax and price they were made with."""

    title: Title | None = None
    summary: Summary | None = None
    features: list[Feature] | None = Field(default=None, max_length=12)
    scope: Scope | None = None
    trial_days: int | None = Field(default=None, ge=0, le=90)
    tax_rate: BasisPoints | None = None
    position: int | None = Field(default=None, ge=0, le=1000)
    active: bool | None = None


class PlanCoursesIn(BaseModel):
    """All courses a plan opens, each once."""

    course_ids: list[UUID] = Field(max_length=MAXIMUM_COURSES)

    @field_validator("course_ids")
    @classmethod
    def _once_each(cls, course_ids: list[UUID]) -> list[UUID]:
        return list(dict.fromkeys(course_ids))


class AllowanceIn(BaseModel):
    """What a plan includes of something for each seat and month. `included` None: it is not metered any more.

    `most_beyond` further units can be had at `beyond_prices` (minor units each, by currency), asked for with the next
    term; without them what goes beyond is refused.
    """

    metric: Metric
    included: Units | None
    most_beyond: Units = 0
    beyond_prices: dict[Currency, PositiveMinor] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.most_beyond) != bool(self.beyond_prices):
            raise ValueError("what goes beyond needs both a most and a price")
        return self


class AllowanceView(View):
    """What a plan includes of something for each seat and month, and what goes beyond."""

    metric: Metric
    included: int
    most_beyond: int
    beyond_prices: dict[Currency, int]


class PriceIn(BaseModel):
    """The price of a term from now on, tax included. `amount` None: it is not offered any more."""

    currency: Currency
    interval: Interval
    amount: Annotated[Minor, Field(ge=0)] | None


class PriceView(View):
    """A price that is offered."""

    id: UUID
    currency: Currency
    interval: Interval
    amount: int


class PlanCourseView(View):
    """A course of a plan."""

    id: UUID
    slug: str
    title: str


class PlanView(View):
    """A plan with its present prices and courses."""

    id: UUID
    title: str
    summary: str
    features: tuple[str, ...]
    scope: Scope
    trial_days: int
    tax_rate: int
    active: bool
    position: int
    prices: tuple[PriceView, ...]
    courses: tuple[PlanCourseView, ...]
    allowances: tuple[AllowanceView, ...] = ()


class CheckoutIn(BaseModel):
    """The price to subscribe at, for how many seats, and how later terms are to be collected.

    `own_seat`: one of the seats is the subscriber's; else all are given away.
    """

    price_id: UUID
    seats: Seats = 1
    own_seat: bool = True
    way: Way = Way.BY_HAND
    phone: Phone | None = None


class TermView(View):
    """A term. `intent_id`: what payments know it by, once it was asked for."""

    id: UUID
    number: int
    kind: TermKind
    state: TermState
    currency: Currency
    seats: int
    extra: int
    price: int
    credit_used: int
    amount: int
    starts_at: datetime
    ends_at: datetime
    intent_id: UUID | None
    paid_at: datetime | None


class NextPrice(View):
    """What holds from the next term on."""

    price_id: UUID
    plan_title: str
    interval: Interval
    amount: int


class SubscriptionView(View):
    """How a subscription stands. `amount` is that of a term: `seats` times `unit`.

    `due` is what waits for payment; `renews_at` None: it ends, or nothing runs.
    `grace_until`: how long the courses of an unpaid term stay open. `may`: the verbs that are allowed now.
    """

    id: UUID
    user_id: UUID | None
    plan_id: UUID
    plan_title: str
    scope: Scope
    price_id: UUID
    state: State
    open: bool
    currency: Currency
    interval: Interval
    amount: int
    seats: int
    unit: int
    own_seat: bool
    credit: int
    starts_at: datetime
    ends_at: datetime
    renews_at: datetime | None
    trial_ends_at: datetime | None
    cancel_at_end: bool
    paused_until: datetime | None
    grace_until: datetime | None
    next_price: NextPrice | None
    due: TermView | None
    way: Way
    phone: str
    may: tuple[str, ...]
    created_at: datetime
    ended_at: datetime | None


class CheckoutView(View):
    """The subscription, and what is to be paid first (None: it runs already)."""

    subscription: SubscriptionView
    due: TermView | None


class MeterView(View):
    """What the caller used of something in the running term, of how many. `beyond` units are asked for later, at `unit`
    each (minor units; None: what goes beyond is refused), `most_beyond` at most.
    """

    metric: Metric
    included: int
    used: int
    beyond: int
    most_beyond: int
    unit: int | None
    resets_at: datetime


class ItemView(View):
    """What a subscription consists or consisted of: `quantity` times `unit`, until `until`."""

    kind: ItemKind
    metric: str
    quantity: int
    unit: int
    since: datetime
    until: datetime | None


class HeldSeat(View):
    """A seat that somebody else pays for. `currency` is that of what goes beyond an allowance."""

    plan_title: str
    scope: Scope
    giver: str
    open: bool
    currency: Currency
    courses: tuple[PlanCourseView, ...]
    meters: tuple[MeterView, ...]


class StatusView(View):
    """The caller's subscription (None: they have none that lives), its terms, and the courses it opened.

    `paying`: the state of the latest attempt to pay what is due, "" before the first. `extra`: what was used beyond
    allowances by all seats, and comes with the next term. `held`: seats of other subscriptions that the caller took.
    """

    subscription: SubscriptionView | None
    paying: str = ""
    terms: tuple[TermView, ...]
    courses: tuple[PlanCourseView, ...]
    items: tuple[ItemView, ...] = ()
    meters: tuple[MeterView, ...] = ()
    extra: int = 0
    held: tuple[HeldSeat, ...] = ()
    now: datetime


class DueView(View):
    """What payments know a due term by."""

    intent_id: UUID


class When(StrEnum):
    """At once, or when the running term ends."""

    NOW = "now"
    PERIOD_END = "period_end"


class ChangeIn(BaseModel):
    """Another price, of this plan or another one."""

    price_id: UUID
    when: When = When.NOW


class SeatsIn(BaseModel):
    """How many seats from now on; fewer leave credit. `own_seat` None: as it is."""

    seats: Seats
    own_seat: bool | None = None


class SeatsGivenIn(BaseModel):
    """Whom to give seats to, each address once."""

    emails: list[Email] = Field(min_length=1, max_length=MOST_LETTERS)

    @field_validator("emails")
    @classmethod
    def _once_each(cls, emails: list[str]) -> list[str]:
        return list(dict.fromkeys(emails))


class SeatView(View):
    """A seat that is given away. `taken_at` None: its letter was not followed yet."""

    id: UUID
    email: str
    person: str
    given_at: datetime
    taken_at: datetime | None


class SeatOffer(View):
    """What the letter's link shows: a seat of which plan, and from whom. `taken`: the caller has it."""

    plan_title: str
    giver: str
    taken: bool


class ChangePreview(View):
    """What a change would cost. credit + balance + due = charge + kept; `starts_at` to `ends_at` is what it covers."""

    price_id: UUID
    plan_title: str
    when: When
    currency: Currency
    seats: int
    amount: int
    interval: Interval
    days_left: int
    days: int
    credit: int
    charge: int
    balance: int
    due: int
    kept: int
    starts_at: datetime
    ends_at: datetime


class CancelIn(BaseModel):
    """When it is to end. At once gives no money back; what is unused is lost."""

    when: When = When.PERIOD_END


class PauseIn(BaseModel):
    """Until when; None is the longest pause."""

    until: datetime | None = None

    @field_validator("until")
    @classmethod
    def _with_zone(cls, until: datetime | None) -> datetime | None:
        if until is not None and until.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return until


class WayIn(BaseModel):
    """How later terms are to be collected. A prompt needs the phone's number, a saved method its id."""

    way: Way
    phone: Phone | None = None
    method_id: UUID | None = None


class SubscriberRow(View):
    """A subscription in the list of the finance pages."""

    id: UUID
    user_id: UUID | None
    person: str
    email: str
    plan_title: str
    state: State
    currency: Currency
    interval: Interval
    amount: int
    seats: int
    ends_at: datetime
    cancel_at_end: bool


class Figures(View):
    """How many subscriptions stand where, and what the open ones bring in a month, in minor units by currency."""

    states: dict[str, int]
    monthly: dict[str, int]
