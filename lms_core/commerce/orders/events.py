"""Facts about orders, for those who make documents and share revenue."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from lms_core.kit.events import Event
from lms_core.kit.money import Currency


class PaidLine(BaseModel):
    """A line as it was paid for: amounts in minor units of the order's currency, for the whole quantity.

    `total` is `net` + `tax`; `discount` was taken off before both. `course_ids`: the courses it opens.
    """

    model_config = ConfigDict(frozen=True)
    line_id: UUID
    product_id: UUID
    kind: str
    course_ids: tuple[UUID, ...] = ()
    title: str
    quantity: int
    unit: int
    discount: int
    net: int
    tax: int
    tax_rate: int  # basis points
    total: int


class OrderPaid(Event):
    """An order is paid, or was free."""

    name: ClassVar[str] = "orders.paid"
    order_id: UUID
    number: str
    buyer_id: UUID
    currency: Currency
    lines: tuple[PaidLine, ...]
    affiliate_id: UUID | None = None
    at: datetime


class OrderFulfilled(Event):
    """What was bought is open to whom it is for; seats of others wait for them. Carries a Notice to the buyer."""

    name: ClassVar[str] = "orders.fulfilled"
    order_id: UUID
    buyer_id: UUID
    at: datetime


class RefundedLine(BaseModel):
    """What of a line was given back, in minor units; all amounts are positive."""

    model_config = ConfigDict(frozen=True)
    line_id: UUID
    net: int
    tax: int
    total: int


class OrderRefunded(Event):
    """Money of an order went back, wholly or in part; a reversal by the payer's bank counts too."""

    name: ClassVar[str] = "orders.refunded"
    order_id: UUID
    refund_id: UUID
    currency: Currency
    lines: tuple[RefundedLine, ...]
    at: datetime


class OrderBoughtTwice(Event):
    """An order was paid for what another one of the buyer's had opened; `amount` of it goes back. Tells the buyer."""

    name: ClassVar[str] = "orders.bought_twice"
    order_id: UUID
    payment_id: UUID
    amount: int
    at: datetime


class PeriodPaid(Event):
    """Money for a period of a subscription has arrived: as a paid order is, with one line. Told by subscriptions."""

    name: ClassVar[str] = "subscriptions.period_paid"
    subscription_id: UUID
    period_id: UUID
    user_id: UUID | None
    plan_id: UUID
    payment_id: UUID
    currency: Currency
    lines: tuple[PaidLine, ...]
    at: datetime


class PeriodRefunded(Event):
    """Money of a period went back, wholly or in part; a reversal by the payer's bank counts too."""

    name: ClassVar[str] = "subscriptions.period_refunded"
    subscription_id: UUID
    period_id: UUID
    user_id: UUID | None
    payment_id: UUID
    refund_id: UUID
    currency: Currency
    lines: tuple[RefundedLine, ...]
    at: datetime
