"""Refusals of products, prices and coupons."""

from lms_core.kit.errors import Conflict, NotFound


class ProductNotFound(NotFound):
    """No such product, or not for sale."""

    code = "product_not_found"
    title = "This is not for sale here"

    def __init__(self) -> None:
        super().__init__("There is no such product, or it is not sold any more. Look at the prices again.")


class NoPrice(Conflict):
    """A product without a price in this currency at this moment."""

    code = "no_price"
    title = "This has no price in that currency"

    def __init__(self, title: str, currency: str) -> None:
        super().__init__(f"“{title}” has no price in {currency} now. Choose another currency.")


class AlreadySold(Conflict):
    """A second product of the same thing."""

    code = "already_sold"
    title = "This is for sale already"

    def __init__(self) -> None:
        super().__init__("There is a product of this kind for it. Change that product's price instead.")


class CouponNotFound(NotFound):
    """No such coupon: wrong, withdrawn, not begun or over. Which of these is nobody's business who guesses codes."""

    code = "coupon_not_found"
    title = "This code does not work"

    def __init__(self) -> None:
        super().__init__("The code is mistyped, not valid now, or over. Check it, or go on without it.")


class CouponNotFor(Conflict):
    """A good coupon that takes nothing off this."""

    code = "coupon_not_for_this"
    title = "The code is not for this"


class CouponUsedUp(Conflict):
    """A coupon that was used as often as it allows."""

    code = "coupon_used_up"
    title = "The code was used as often as it may be"

    def __init__(self) -> None:
        super().__init__("The code was used as often as it may be. Go on without it.")


class AlreadyAffiliate(Conflict):
    """This person has a link already."""

    code = "already_affiliate"
    title = "This person has a link already"

    def __init__(self) -> None:
        super().__init__("This person has a link already. Change that one instead.")


class CodeTaken(Conflict):
    """Another coupon or affiliate has this code."""

    code = "code_taken"
    title = "This code is taken"

    def __init__(self) -> None:
        super().__init__("There is one with this code already. Choose another code.")


class TaxRateNotFound(NotFound):
    """No such rate of tax."""

    code = "tax_rate_not_found"
    title = "There is no such rate of tax"

    def __init__(self) -> None:
        super().__init__("The rate does not exist, or is not offered any more. Choose one of the list.")


class AffiliateNotFound(NotFound):
    """No such affiliate."""

    code = "affiliate_not_found"
    title = "There is no such affiliate"

    def __init__(self) -> None:
        super().__init__("Nobody has this code, or it does not count any more.")
