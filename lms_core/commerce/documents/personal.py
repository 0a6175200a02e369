"""What documents hold about a person. Invoices outlive an account: tax law wants them kept."""

from lms_core.commerce.documents.models import BillingDetails, Document
from lms_core.kit.personal import Mine, Stays, declare

declare(
    "documents",
    Mine(BillingDetails.user_id),
    Stays(
        Document.buyer_id,
        why="tax law wants invoices and credit notes kept with the name they were issued to (Kenya: five years)",
        without=frozenset({"pdf_key", "pdf_sha256"}),
    ),
)
