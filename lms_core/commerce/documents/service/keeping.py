"""What may still happen to an issued document: its control unit's data come in, it is mailed again."""

from uuid import UUID

from lms_core.commerce.documents import queries
from lms_core.commerce.documents.errors import ControlUnitNotUsed
from lms_core.commerce.documents.models import ControlState, MailState
from lms_core.commerce.documents.schemas import ControlUnitIn, DocumentView
from lms_core.commerce.documents.service.details import require
from lms_core.commerce.documents.service.issuing import DELIVER
from lms_core.commerce.documents.service.reading import access_document
from lms_core.identity.audit import service as audit
from lms_core.kit.context import WriteCtx
from lms_core.kit.permissions import Permission


def record_control_unit(ctx: WriteCtx, document_id: UUID, *, given: ControlUnitIn) -> DocumentView:
    """Keep what the tax authority's control unit gave, print the document anew with it and mail it again.

    Mistyped data are put right the same way; every time is written down. Forbidden, DocumentNotFound,
    ControlUnitNotUsed.
    """
    require(ctx, Permission.FINANCE_MANAGE)
    row = queries.document(ctx, document_id)
    if row.control_state == ControlState.NONE:
        raise ControlUnitNotUsed()
    row.control_state, row.control_at = ControlState.SENT, given.at or ctx.now
    row.control_number, row.control_serial, row.control_url = given.number, given.serial, given.url
    row.pdf_key, row.pdf_sha256, row.mail_state = "", "", MailState.QUEUED
    ctx.add(row)
    audit.record(ctx, action="document.control_unit", object=("document", row.id), number=given.number)
    ctx.enqueue(DELIVER, document_ids=[str(row.id)])
    return access_document(ctx, row.id)


def mail_again(ctx: WriteCtx, document_id: UUID) -> DocumentView:
    """Mail a document to its buyer once more. Forbidden, DocumentNotFound."""
    require(ctx, Permission.FINANCE_MANAGE)
    row = queries.document(ctx, document_id)
    row.mail_state = MailState.QUEUED
    ctx.add(row)
    audit.record(ctx, action="document.mailed_again", object=("document", row.id), number=row.number)
    ctx.enqueue(DELIVER, document_ids=[str(row.id)])
    return access_document(ctx, row.id)
