"""Inputs and views of carts, orders and gifts. Amounts are minor units of the order's currency."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from lms_core.commerce.orders.models import RefundState
from lms_core.commerce.orders.transitions import OrderState
from lms_core.commerce.products.models import ProductKind
from lms_core.identity.accounts import addresses
from lms_core.kit.money import Currency, PositiveMinor

MOST_SEATS = 1000
MOST_RECIPIENTS = 100
MOST_ITEMS = 50

Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=320), AfterValidator(addresses.normalise)]
Message = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Key = Annotated[str, StringConstraints(min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")]
CouponCode = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
Quantity = Annotated[int, Field(ge=1, le=MOST_SEATS)]


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class CartItemIn(BaseModel):
    """Something to put into the cart. For others: so many seats, for these addresses as far as they are known."""

    product_id: UUID
    quantity: Quantity = 1
    for_others: bool = False
    recipients: list[Email] = Field(default=[], max_length=MOST_RECIPIENTS)
    message: Message = ""


class CartItemChange(BaseModel):
    """How many of it, and for whom."""

    quantity: Quantity | None = None
    recipients: list[Email] | None = Field(default=None, max_length=MOST_RECIPIENTS)
    message: Message | None = None


class CartChange(BaseModel):
    """The currency to pay in, and a coupon; an empty code takes the coupon out."""

    currency: Currency | None = None
    coupon: CouponCode | None = None


class CheckoutIn(BaseModel):
    """To order what is in the cart. `affiliate`: the code of whoever sent the buyer."""

    affiliate: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class LineView(View):
    """A line: `gross` - `discount` is asked for, `total` = `net` + `tax`."""

    id: UUID
    product_id: UUID
    kind: ProductKind
    title: str
    unit: int
    quantity: int
    discount: int
    net: int
    tax: int
    tax_rate: int
    tax_inclusive: bool
    total: int
    for_others: bool = False
    recipients: tuple[str, ...] = ()


class CartLine(LineView):
    """A line of the cart. `seen`: the price it was put in at, where it changed since."""

    seen: int | None = None


class CartView(View):
    """The cart as it would be ordered now. `gone`: titles of what is no longer sold, or not in this currency."""

    currency: Currency
    lines: tuple[CartLine, ...] = ()
    coupon: str = ""
    coupon_problem: str = ""
    gross: int = 0
    discount: int = 0
    net: int = 0
    tax: int = 0
    total: int = 0
    gone: tuple[str, ...] = ()
    changed: bool = False


class OrderCard(View):
    """An order as lists show it."""

    id: UUID
    number: str
    buyer_id: UUID
    state: OrderState
    currency: Currency
    gross: int
    discount: int
    net: int
    tax: int
    total: int
    refunded: int
    coupon_code: str
    affiliate_id: UUID | None
    intent_id: UUID | None
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    fulfilled_at: datetime | None
    titles: tuple[str, ...] = ()


class GiftView(View):
    """A seat for somebody else, as its buyer sees it."""

    id: UUID
    line_id: UUID
    number: int
    email: str
    sent_at: datetime | None
    claimed_at: datetime | None
    withdrawn_at: datetime | None


class RefundLine(View):
    """A refund of an order."""

    id: UUID
    refund_id: UUID | None
    amount: int
    reason: str
    state: RefundState
    asked_at: datetime
    settled_at: datetime | None


class Opened(View):
    """Something an order opened: where to go."""

    kind: str
    title: str
    path: str


class OrderView(OrderCard):
    """An order with its lines, its gifts, and what it opened for its buyer."""

    lines: tuple[LineView, ...]
    gifts: tuple[GiftView, ...] = ()
    refunds: tuple[RefundLine, ...] = ()
    opened: tuple[Opened, ...] = ()
    refundable: int = 0


class PayIn(BaseModel):
    """How to pay: the account at a provider, and the phone that is asked where it needs one."""

    account_id: UUID
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=30)] = ""


class PayingView(View):
    """How paying for an order stands. `step`: what the page shows: choose, prompt, redirect, failed, paid, open, over.

    `reason` is one of the ports' reasons of failure, `url` where a provider's page is.
    """

    order_id: UUID
    state: OrderState
    step: str
    message: str = ""
    reason: str = ""
    url: str = ""
    payment_id: UUID | None = None


class RefundIn(BaseModel):
    """What to give back of an order: an amount, or all that is left; of one line where it is named."""

    amount: PositiveMinor | None = None
    line_id: UUID | None = None
    reason: Reason


class GiftSend(BaseModel):
    """Whom a seat is for."""

    email: Email


class GiftClaim(BaseModel):
    """The token of a gift's letter."""

    token: Annotated[str, StringConstraints(min_length=20, max_length=100)]


class GiftShown(View):
    """A gift, as whoever holds its link sees it."""

    title: str
    giver: str
    message: str
    claimed: bool
    opened: tuple[Opened, ...] = ()


class OrderFilter(BaseModel):
    """Which orders the finances want to see. `q`: the beginning of a number, or a buyer's address."""

    state: OrderState | None = None
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=320)] = ""


class FinanceOrder(OrderView):
    """An order as the finances see it."""

    buyer_name: str
    buyer_email: str


Facts = dict[str, Any]
