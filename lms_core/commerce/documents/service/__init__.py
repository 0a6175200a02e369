"""The verbs of documents, one module per use case; `from ...documents import service as documents`."""

from lms_core.commerce.documents.service.details import billing, seller, set_billing, set_seller
from lms_core.commerce.documents.service.issuing import DELIVER, for_order, for_period, for_period_refund, for_refund
from lms_core.commerce.documents.service.keeping import mail_again, record_control_unit
from lms_core.commerce.documents.service.reading import (
    access_document,
    export_month,
    issued,
    mine,
    of_order,
    pdf_of,
    vat_report,
)

__all__ = [
    "DELIVER",
    "access_document",
    "billing",
    "export_month",
    "for_order",
    "for_period",
    "for_period_refund",
    "for_refund",
    "issued",
    "mail_again",
    "mine",
    "of_order",
    "pdf_of",
    "record_control_unit",
    "seller",
    "set_billing",
    "set_seller",
    "vat_report",
]
