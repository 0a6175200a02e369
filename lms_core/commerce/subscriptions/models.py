"""The tables of subscriptions. Amounts are minor units of the row's currency."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Text, UniqueConstraint, column
from sqlmodel import Field

from lms_core.commerce.subscriptions.periods import INSTITUTION_ZONE, Interval
from lms_core.commerce.subscriptions.transitions import State
from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency

LIVE = column("until").is_(None)


class Scope(StrEnum):
    """What a plan opens: the courses it names, at once; or whichever published ones its subscriber picks."""

    COURSES = "courses"
    ALL = "all"


class Way(StrEnum):
    """How a term is collected: a saved method, a prompt on a phone, or by hand after a letter."""

    SAVED = "saved"
    PHONE = "phone"
    BY_HAND = "by_hand"


class TermKind(StrEnum):
    """A whole term, or the rest of one after a change of plan."""

    TERM = "term"
    CHANGE = "change"


class TermState(StrEnum):
    """Whether a term is paid. `void`: nobody waits for its money any more."""

    DUE = "due"
    PAID = "paid"
    VOID = "void"


class Outcome(StrEnum):
    """What came of an attempt to collect."""

    ASKED = "asked"
    PAID = "paid"
    FAILED = "failed"


class Metric(StrEnum):
    """What of a plan is metered."""

    ASSISTANT_QUESTIONS = "assistant_questions"


class ItemKind(StrEnum):
    """Seats of the plan, for as long as they are had; or use beyond its allowance, of one term."""

    SEATS = "seats"
    EXTRA = "extra"


class Plan(TenantOwned, table=True):
    """What can be subscribed to. `tax_rate`: basis points that its prices hold. `features`: lines for the page."""

    __tablename__ = "plan"
    __table_args__ = (
        Index("ix_plan_shown", "tenant_id", "active", "position", "id"),
        one_of("scope", Scope),
        CheckConstraint("trial_days BETWEEN 0 AND 90", name="trial_days"),
        CheckConstraint("tax_rate BETWEEN 0 AND 10000", name="tax_rate"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    title: str = Field(max_length=120)
    summary: str = Field(default="", sa_type=Text)
    features: list[Any] = Field(default_factory=list, sa_type=JSON)
    scope: Scope = Field(default=Scope.COURSES, sa_type=Text)
    trial_days: int = 0
    tax_rate: int = 0
    active: bool = True
    position: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class PlanCourse(TenantOwned, table=True):
    """A course that a plan opens."""

    __tablename__ = "plan_course"

    plan_id: UUID = Field(foreign_key="plan.id", ondelete="CASCADE", primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True, index=True)


class PlanAllowance(TenantOwned, table=True):
    """How much of something a plan includes for each seat and month, and how much beyond it can be had.

    `most_beyond`: units a seat may use beyond, each at one of `beyond_prices` (minor units by currency), billed with
    the next term. 0: what is beyond is refused.
    """

    __tablename__ = "plan_allowance"
    __table_args__ = (
        one_of("metric", Metric),
        CheckConstraint("included >= 0 AND most_beyond >= 0", name="units"),
    )

    plan_id: UUID = Field(foreign_key="plan.id", ondelete="CASCADE", primary_key=True)
    metric: Metric = Field(sa_type=Text, primary_key=True)
    included: int
    most_beyond: int = 0
    beyond_prices: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class PlanPrice(TenantOwned, table=True):
    """A price of a plan for a term, tax included. Offered until `valid_to`; never edited, only replaced."""

    __tablename__ = "plan_price"
    __table_args__ = (
        one_of("interval", Interval),
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_plan_price_of", "plan_id", "currency", "interval", "valid_to"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    plan_id: UUID = Field(foreign_key="plan.id", ondelete="CASCADE")
    currency: Currency = Field(sa_type=Text)
    interval: Interval = Field(sa_type=Text)
    amount: int = Field(sa_type=BigInteger)
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Subscription(TenantOwned, table=True):
    """A person's subscription. `living`: the person's id as hex while it is not over, which is what makes it the one.

    `price_id`, `currency`, `interval`, `amount`, `tax_rate`: frozen when it was made or changed; `amount` is that of a
    term with all seats, which are a `SubscriptionItem`. `own_seat`: one of them is its person's. `ends_at` is the end
    of the running term, number `cycle` after `anchor_at`. `look_at`: when the clock has the next thing to do here.
    `credit`: paid for, and not used yet. `phone_sealed`: where prompts go.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("tenant_id", "living"),
        Index("ix_subscription_look_at", "look_at"),
        Index("ix_subscription_by_state", "tenant_id", "state", "id"),
        one_of("state", State),
        one_of("interval", Interval),
        one_of("way", Way),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("credit >= 0", name="credit"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    plan_id: UUID = Field(foreign_key="plan.id", index=True)
    price_id: UUID = Field(foreign_key="plan_price.id", index=True)
    next_price_id: UUID | None = Field(default=None, foreign_key="plan_price.id", index=True)
    currency: Currency = Field(sa_type=Text)
    interval: Interval = Field(sa_type=Text)
    amount: int = Field(sa_type=BigInteger)
    tax_rate: int = 0
    own_seat: bool = True
    credit: int = Field(default=0, sa_type=BigInteger)
    state: State = Field(default=State.INCOMPLETE, sa_type=Text)
    living: str | None = Field(default=None, max_length=32)
    zone: str = Field(default=INSTITUTION_ZONE, max_length=64)
    anchor_at: datetime = Field(sa_type=UtcDateTime)
    cycle: int = 0
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    trial_ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_at_end: bool = False
    way: Way = Field(default=Way.BY_HAND, sa_type=Text)
    method_id: UUID | None = None
    phone_sealed: str = Field(default="", sa_type=Text)
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    past_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unpaid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded_of: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    look_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Term(TenantOwned, table=True):
    """What is paid for: a whole term, or the rest of one at a new price. `amount` is due: `price` less credit.

    `full_price` is that of a whole term for `seats`, which `price` is a part of after a change; `extra`, for use
    beyond the allowance of the term before, is within `price` and not within `full_price`. Paying it takes
    `credit_used` from the subscription's credit and adds `kept`. `intent_id`, `payment_id`: in payments.
    """

    __tablename__ = "subscription_term"
    __table_args__ = (
        UniqueConstraint("subscription_id", "number"),
        one_of("kind", TermKind),
        one_of("state", TermState),
        CheckConstraint("amount >= 0 AND price >= 0 AND credit_used >= 0 AND kept >= 0", name="amounts"),
        CheckConstraint("seats > 0 AND extra >= 0 AND extra <= price", name="parts"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subscription_id: UUID = Field(foreign_key="subscription.id", ondelete="CASCADE")
    number: int
    kind: TermKind = Field(default=TermKind.TERM, sa_type=Text)
    state: TermState = Field(default=TermState.DUE, sa_type=Text)
    plan_id: UUID = Field(foreign_key="plan.id", index=True)
    price_id: UUID = Field(foreign_key="plan_price.id", index=True)
    currency: Currency = Field(sa_type=Text)
    tax_rate: int = 0
    seats: int = 1
    full_price: int = Field(sa_type=BigInteger)
    extra: int = Field(default=0, sa_type=BigInteger)
    price: int = Field(sa_type=BigInteger)
    credit_used: int = Field(default=0, sa_type=BigInteger)
    kept: int = Field(default=0, sa_type=BigInteger)
    amount: int = Field(sa_type=BigInteger)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    intent_id: UUID | None = Field(default=None, index=True)
    payment_id: UUID | None = None
    made_at: datetime = Field(sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TermPayment(TenantOwned, table=True):
    """Money that arrived for a term, and how much of it went back. `causes`: hex ids of refunds and reversals."""

    __tablename__ = "term_payment"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("given_back >= 0 AND given_back <= amount", name="given_back"),
    )

    payment_id: UUID = Field(primary_key=True)
    term_id: UUID = Field(foreign_key="subscription_term.id", ondelete="CASCADE", index=True)
    amount: int = Field(sa_type=BigInteger)
    given_back: int = Field(default=0, sa_type=BigInteger)
    causes: list[Any] = Field(default_factory=list, sa_type=JSON)
    at: datetime = Field(sa_type=UtcDateTime)


class RenewalAttempt(TenantOwned, table=True):
    """One time that a term's money was asked for, by the schedule of `dunning`."""

    __tablename__ = "renewal_attempt"
    __table_args__ = (UniqueConstraint("term_id", "number"), one_of("way", Way), one_of("outcome", Outcome))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subscription_id: UUID = Field(foreign_key="subscription.id", ondelete="CASCADE", index=True)
    term_id: UUID = Field(foreign_key="subscription_term.id", ondelete="CASCADE")
    number: int
    way: Way = Field(sa_type=Text)
    outcome: Outcome = Field(default=Outcome.ASKED, sa_type=Text)
    reason: str = Field(default="", max_length=40)
    at: datetime = Field(sa_type=UtcDateTime)


class SubscriptionItem(TenantOwned, table=True):
    """What a subscription consists of: `quantity` times `unit`, from `since` on and before `until`.

    Never edited: a change ends it and another one begins, so that what was had when is always to be read here. Seats
    have a price of the plan; what was used beyond an allowance names its `metric`, and the term it was asked for with.
    """

    __tablename__ = "subscription_item"
    __table_args__ = (
        one_of("kind", ItemKind),
        CheckConstraint("quantity > 0 AND unit >= 0", name="amounts"),
        Index("ix_subscription_item_of", "subscription_id", "since"),
        Index("uq_subscription_item_live", "subscription_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subscription_id: UUID = Field(foreign_key="subscription.id", ondelete="CASCADE")
    kind: ItemKind = Field(default=ItemKind.SEATS, sa_type=Text)
    plan_id: UUID = Field(foreign_key="plan.id", index=True)
    price_id: UUID | None = Field(default=None, foreign_key="plan_price.id", index=True)
    term_id: UUID | None = Field(default=None, foreign_key="subscription_term.id", ondelete="CASCADE", index=True)
    metric: str = Field(default="", max_length=40)
    quantity: int
    unit: int = Field(sa_type=BigInteger)
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SubscriptionSeat(TenantOwned, table=True):
    """A seat that is given away: to an address, and to whoever took it with the letter's link. The token is hashed."""

    __tablename__ = "subscription_seat"
    __table_args__ = (
        UniqueConstraint("subscription_id", "email"),
        UniqueConstraint("subscription_id", "user_id"),
        UniqueConstraint("token_hash"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subscription_id: UUID = Field(foreign_key="subscription.id", ondelete="CASCADE")
    email: str = Field(max_length=320)
    language: str = Field(default="en", max_length=16)
    token_hash: str | None = Field(default=None, max_length=64)
    user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="CASCADE", index=True)
    given_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SubscribedCourse(TenantOwned, table=True):
    """A course that a subscription opened to somebody with a seat, and until when."""

    __tablename__ = "seat_course"

    subscription_id: UUID = Field(foreign_key="subscription.id", ondelete="CASCADE", primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True, index=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True, index=True)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Usage(TenantOwned, table=True):
    """That somebody with a seat used what their plan meters, once a `key`. `term_from`: when the term began.

    `beyond` of `quantity` go beyond the allowance, at `unit` each; `billed_in`: the term they were asked for with.
    """

    __tablename__ = "subscription_usage"
    __table_args__ = (
        UniqueConstraint("subscription_id", "metric", "key"),
        Index("ix_subscription_usage_of", "subscription_id", "user_id", "metric", "term_from"),
        one_of("metric", Metric),
        CheckConstraint("quantity > 0 AND beyond >= 0 AND beyond <= quantity AND unit >= 0", name="units"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subscription_id: UUID = Field(foreign_key="subscription.id", ondelete="CASCADE")
    user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    metric: Metric = Field(sa_type=Text)
    key: str = Field(max_length=80)
    quantity: int = 1
    beyond: int = 0
    unit: int = Field(default=0, sa_type=BigInteger)
    term_from: datetime = Field(sa_type=UtcDateTime)
    at: datetime = Field(sa_type=UtcDateTime)
    billed_in: UUID | None = Field(default=None, foreign_key="subscription_term.id", ondelete="SET NULL", index=True)
