"""Facts about subscriptions. Those that people hear of carry a Notice.

That a period is paid or given back is told by `orders.events`, for those beside this slice who make documents of it.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class SubscriptionFact(Event):
    """What every fact about a subscription says."""

    subscription_id: UUID
    user_id: UUID | None
    plan_id: UUID


class SubscriptionStarted(SubscriptionFact):
    """A subscription is open for the first time: paid, free, or on trial. Notice: plan, until."""

    name: ClassVar[str] = "subscriptions.started"


class SubscriptionRenewed(SubscriptionFact):
    """The next term runs. Notice: plan, until."""

    name: ClassVar[str] = "subscriptions.renewed"
    until: datetime


class RenewalComing(SubscriptionFact):
    """A term, or a trial, ends in a few days. Notice: plan, day, amount."""

    name: ClassVar[str] = "subscriptions.renewal_coming"
    at: datetime


class RenewalFailed(SubscriptionFact):
    """A term was asked for and not paid. Notice: plan, until (the end of the days of grace)."""

    name: ClassVar[str] = "subscriptions.renewal_failed"
    attempt: int
    reason: str


class SubscriptionUnpaid(SubscriptionFact):
    """The days of grace are over, and the courses closed. Notice: plan."""

    name: ClassVar[str] = "subscriptions.unpaid"


class SubscriptionChanged(SubscriptionFact):
    """Another plan, or price, holds now. Notice: plan."""

    name: ClassVar[str] = "subscriptions.changed"
    former_plan_id: UUID


class SubscriptionPaused(SubscriptionFact):
    """It rests; the days that are paid for are kept."""

    name: ClassVar[str] = "subscriptions.paused"
    until: datetime


class SubscriptionResumed(SubscriptionFact):
    """It goes on after a pause. Notice: plan, until."""

    name: ClassVar[str] = "subscriptions.resumed"


class SubscriptionEnded(SubscriptionFact):
    """It is over. Notice: plan."""

    name: ClassVar[str] = "subscriptions.ended"
    state: str
