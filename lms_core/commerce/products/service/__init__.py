"""The verbs of products, one module per use case; `from ...products import service as products`."""

from lms_core.commerce.products.policies import require_manager, require_reader
from lms_core.commerce.products.service.affiliates import (
    add_affiliate,
    affiliate_names,
    affiliate_of,
    affiliates,
    attribute,
    change_affiliate,
    find_affiliate,
    own_affiliate,
)
from lms_core.commerce.products.service.contents import Opens, opens
from lms_core.commerce.products.service.coupons import (
    add_coupon,
    change_coupon,
    coupons,
    find_coupon,
    release_coupon,
    use_coupon,
)
from lms_core.commerce.products.service.selling import change, create, manageable, managed, set_price
from lms_core.commerce.products.service.shelf import (
    access_product,
    browse,
    by_id,
    currencies,
    of_courses,
    of_subject,
    sold_among,
    sold_of,
)
from lms_core.commerce.products.service.shelving import shelve
from lms_core.commerce.products.service.taxes import add_rate, rates, set_rate_active

__all__ = [
    "Opens",
    "access_product",
    "add_affiliate",
    "add_coupon",
    "add_rate",
    "affiliate_names",
    "affiliate_of",
    "affiliates",
    "attribute",
    "browse",
    "by_id",
    "change",
    "change_affiliate",
    "change_coupon",
    "coupons",
    "create",
    "currencies",
    "find_affiliate",
    "find_coupon",
    "manageable",
    "managed",
    "of_courses",
    "of_subject",
    "opens",
    "own_affiliate",
    "rates",
    "release_coupon",
    "require_manager",
    "require_reader",
    "set_price",
    "set_rate_active",
    "shelve",
    "sold_among",
    "sold_of",
    "use_coupon",
]
