"""The verbs of orders, one module per use case; `from ...orders import service as orders`."""

from lms_core.commerce.orders.service.carts import accept_prices, add, change, change_item, remove_item
from lms_core.commerce.orders.service.carts import view as cart
from lms_core.commerce.orders.service.claiming import claim
from lms_core.commerce.orders.service.fulfilling import OURS, SOURCE, keeper
from lms_core.commerce.orders.service.gifting import send as send_gift
from lms_core.commerce.orders.service.gifting import shown as gift
from lms_core.commerce.orders.service.paying import access_paying, methods, pay, payments_of
from lms_core.commerce.orders.service.placing import cancel, place
from lms_core.commerce.orders.service.reading import (
    access_finances,
    access_order,
    bought_among,
    found,
    mine,
)
from lms_core.commerce.orders.service.referring import referred
from lms_core.commerce.orders.service.refunding import refund

__all__ = [
    "OURS",
    "SOURCE",
    "accept_prices",
    "access_finances",
    "access_order",
    "access_paying",
    "add",
    "bought_among",
    "cancel",
    "cart",
    "change",
    "change_item",
    "claim",
    "found",
    "gift",
    "keeper",
    "methods",
    "mine",
    "pay",
    "payments_of",
    "place",
    "referred",
    "refund",
    "remove_item",
    "send_gift",
]
