"""Refusals of carts and orders."""

from typing import Any
from uuid import UUID

from lms_core.kit.errors import Conflict, Invalid, NotFound


class OrderNotFound(NotFound):
    """No such order, or not this person's."""

    code = "order_not_found"
    title = "There is no such order here"

    def __init__(self) -> None:
        super().__init__("The order does not exist, or is somebody else's. Look at the list of your orders.")


class CartItemNotFound(NotFound):
    """Not in the cart."""

    code = "cart_item_not_found"
    title = "This is not in your cart"

    def __init__(self) -> None:
        super().__init__("It was taken out of the cart meanwhile. Load the page again.")


class CartEmpty(Conflict):
    """Nothing to order."""

    code = "cart_empty"
    title = "Your cart is empty"

    def __init__(self) -> None:
        super().__init__("Put something into the cart first.")


class PriceChanged(Conflict):
    """A price is not what it was when the product was put into the cart; nothing was ordered."""

    code = "price_changed"
    title = "A price has changed"

    def __init__(self, changes: list[dict[str, Any]]) -> None:
        super().__init__("The price changed since it was put into the cart. Look at it, and order again.")
        self.changes = changes
        self.extra["changes"] = changes


class AlreadyYours(Conflict):
    """Buying for oneself what one has."""

    code = "already_yours"
    title = "You have this already"

    def __init__(self, title: str) -> None:
        super().__init__(f"“{title}” is open to you already. Take it out of the cart, or buy it for somebody else.")


class BoughtMeanwhile(Conflict):
    """Paying for what became one's own after it was ordered."""

    code = "already_yours"
    title = "You have this already"

    def __init__(self, title: str) -> None:
        super().__init__(
            f"“{title}” is open to you already, so nothing was charged. Cancel this order, and order without it."
        )


class OtherOrderUnderWay(Conflict):
    """Another order of the buyer's, for the same, may be paid at this moment."""

    code = "other_order_under_way"
    title = "The same is being paid for with another order"

    def __init__(self, title: str, *, order_id: UUID, number: str, state: str) -> None:
        doing = (
            "Finish paying there, or cancel that order; then come back here."
            if state == "open"
            else "Its prompt may still be on the phone: decline it there, or wait two minutes and try again."
        )
        super().__init__(
            f"“{title}” is being paid for with order {number}, so nothing was charged here. {doing}",
            order_id=str(order_id),
            number=number,
        )


class TooMuch(Invalid):
    """An order beyond what can be counted, or charged."""

    code = "too_much"
    title = "This is more than one order can hold"

    def __init__(self) -> None:
        super().__init__("The amounts are too large for one order. Order fewer at a time.")


class NotCancellable(Conflict):
    """An order that is not open."""

    code = "order_not_open"
    title = "The order is not open any more"

    def __init__(self, state: str) -> None:
        super().__init__(
            f"It is {state} already, so it cannot be cancelled or paid for. Load the page again.", state=state
        )


class NothingToRefund(Conflict):
    """More is asked back than is left, or nothing was paid."""

    code = "refund_too_large"
    title = "More than is left of the order"

    def __init__(self, left: int, currency: str) -> None:
        super().__init__(
            "Less than this is left to give back: refunds on their way count, too.",
            left={"amount": left, "currency": currency},
        )


class GiftNotFound(NotFound):
    """No such gift: the link is wrong, replaced, or the gift was withdrawn."""

    code = "gift_not_found"
    title = "This gift is not there"

    def __init__(self) -> None:
        super().__init__("The link is mistyped, was replaced by a newer letter, or the gift was taken back.")


class GiftClaimed(Conflict):
    """Somebody took it."""

    code = "gift_claimed"
    title = "This gift was taken already"

    def __init__(self) -> None:
        super().__init__("Somebody opened this gift already. Ask whoever gave it.")
