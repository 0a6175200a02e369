"""The verbs of revenue, one module per use case; `from ...revenue import service as revenue`."""

from lms_core.commerce.revenue.service.batches import access_batch, approve, batches, cancel, draw_up, hand_in
from lms_core.commerce.revenue.service.detailing import details, forget_details, set_details
from lms_core.commerce.revenue.service.earning import earnings, lines, payouts
from lms_core.commerce.revenue.service.owing import due, holds, lift, place_hold
from lms_core.commerce.revenue.service.paying import all_paid, bank_file, bank_paid, bank_returned
from lms_core.commerce.revenue.service.recommending import affiliates, own_recommendation
from lms_core.commerce.revenue.service.sharing import for_refund, for_sale
from lms_core.commerce.revenue.service.statements import statement
from lms_core.commerce.revenue.service.terms import set_shares, set_terms, shares, terms

__all__ = [
    "access_batch",
    "affiliates",
    "all_paid",
    "approve",
    "bank_file",
    "bank_paid",
    "bank_returned",
    "batches",
    "cancel",
    "details",
    "draw_up",
    "due",
    "earnings",
    "for_refund",
    "for_sale",
    "forget_details",
    "hand_in",
    "holds",
    "lift",
    "lines",
    "own_recommendation",
    "payouts",
    "place_hold",
    "set_details",
    "set_shares",
    "set_terms",
    "shares",
    "statement",
    "terms",
]
