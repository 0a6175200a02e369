"""Facts about documents."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class DocumentIssued(Event):
    """A document has its number. `kind`: invoice, receipt or credit_note."""

    name: ClassVar[str] = "documents.issued"
    document_id: UUID
    kind: str
    number: str
    order_id: UUID
