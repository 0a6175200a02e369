"""Background work: documents printed, stored and mailed to who bought."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from lms_core.commerce.documents.letters import letter
from lms_core.commerce.documents.models import Document, DocumentKind, MailState
from lms_core.commerce.documents.paper import printing
from lms_core.commerce.documents.schemas import Content
from lms_core.commerce.documents.service.issuing import DELIVER
from lms_core.commerce.documents.service.reading import control_of
from lms_core.identity.accounts import service as accounts
from lms_core.identity.accounts.schemas import Addressee
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import ReadCtx, Work, system_actor
from lms_core.kit.jobs import every, job
from lms_core.kit.mail import AddressRefused, Attachment, Mail
from lms_core.kit.money import Currency
from lms_core.kit.settings import Settings
from lms_core.kit.storage import Storage, tenant_key

LEFT_BEHIND = timedelta(minutes=30)
AT_ONCE = 100


@job(DELIVER, queue="io")
def deliver(work: Work, *, document_ids: list[str]) -> None:
    """Print the documents that are not printed yet, then mail those that are to be mailed in one letter."""
    ids = [UUID(each) for each in document_ids]
    for row in _rows(work, ids):
        if not row.pdf_key:
            work.check_stop()
            _print(work, row)
    _mail(work, ids)


@every(timedelta(hours=1), "documents.catch_up")
def catch_up(work: Work) -> None:
    """Ask again for documents that are still not printed, or wait to be mailed: their job gave up."""
    with work.read() as view:
        waiting = (Document.pdf_key == "") | (Document.mail_state == MailState.QUEUED)
        rows = view.session.execute(
            select(Document.id, Document.tenant_id)
            .where(waiting, Document.issued_at < view.now - LEFT_BEHIND)
            .order_by(Document.id)
            .limit(AT_ONCE)
        ).all()
    for row in rows:
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            ctx.enqueue(DELIVER, document_ids=[str(row.id)])


def _rows(work: Work, ids: Sequence[UUID]) -> list[Document]:
    with work.read() as view:
        return list(view.session.execute(select(Document).where(Document.id.in_(ids)).order_by(Document.id)).scalars())


def _print(work: Work, row: Document) -> None:
    """Draw and store one document. No transaction is open meanwhile; whoever is first keeps theirs."""
    pdf = printing.render(
        printing.Sheet(
            kind=DocumentKind(row.kind),
            number=row.number,
            issued_at=row.issued_at,
            order_number=row.order_number,
            currency=Currency(row.currency),
            content=Content.model_validate(row.content),
            control=control_of(row),
        ),
        language=row.language,
    )
    digest = hashlib.sha256(pdf).hexdigest()
    stored_at = tenant_key(row.tenant_id, "documents", str(row.id), f"{digest[:16]}.pdf")
    work.resources.get(Storage).put(stored_at, pdf)  # type: ignore[type-abstract]
    with work.write() as ctx:
        # A control unit's data may have come in while this was drawn: then it is old, and another job is on its way.
        same = (Document.control_state == row.control_state) & (Document.control_number == row.control_number)
        ctx.session.execute(
            update(Document)
            .where(Document.id == row.id, Document.pdf_key == "", same)
            .values(pdf_key=stored_at, pdf_sha256=digest)
        )


def _mail(work: Work, ids: Sequence[UUID]) -> None:
    """Send what is printed and waits, together. OSError when the mail server is away: the job comes again."""
    rows = [row for row in _rows(work, ids) if row.pdf_key and row.mail_state == MailState.QUEUED]
    if not rows:
        return
    with work.read() as view:
        person = _addressee(view, rows[0].buyer_id)
        institution = tenants.name(view)
        origin = tenants.origin(view, public_url=view.resources.get(Settings).public_url)
    if person is None:
        _note(work, rows, MailState.SKIPPED)
        return
    storage = work.resources.get(Storage)  # type: ignore[type-abstract]
    papers = tuple(
        Attachment(name=f"{row.number}.pdf", media_type="application/pdf", content=storage.get(row.pdf_key))
        for row in rows
    )
    told = letter(rows, to=person.email, name=person.full_name, institution=institution, origin=origin, papers=papers)
    try:
        work.resources.get(Mail).send(told)  # type: ignore[type-abstract]
    except AddressRefused:
        _note(work, rows, MailState.FAILED)
    except OSError:
        if work.job.attempts >= work.job.attempts_allowed:
            _note(work, rows, MailState.FAILED)
        raise
    else:
        _note(work, rows, MailState.SENT)


def _addressee(ctx: ReadCtx, buyer_id: UUID | None) -> Addressee | None:
    """The buyer, unless they are gone or never confirmed their address: what they bought is nobody else's business."""
    person = next(iter(accounts.addressees(ctx, [buyer_id])), None) if buyer_id is not None else None
    return person if person is not None and person.verified else None


def _note(work: Work, rows: Sequence[Document], state: MailState) -> None:
    with work.write() as ctx:
        ctx.session.execute(
            update(Document)
            .where(Document.id.in_([row.id for row in rows]), Document.mail_state == MailState.QUEUED)
            .values(mail_state=state, mailed_at=ctx.now if state == MailState.SENT else None)
        )
