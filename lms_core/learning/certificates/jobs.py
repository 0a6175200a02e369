"""Background work: documents drawn and signed in batches, reminders, and what was left unfinished."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, Work, WriteCtx, system_actor
from lms_core.kit.events import Activity, Notice
from lms_core.kit.jobs import every, job
from lms_core.kit.storage import Storage, tenant_key
from lms_core.learning.certificates import keeping
from lms_core.learning.certificates.events import CertificateExpiring, CertificateIssued
from lms_core.learning.certificates.models import Certificate
from lms_core.learning.certificates.paper import drawing
from lms_core.learning.certificates.paper.drawing import Sheet
from lms_core.learning.certificates.paper.wording import WORDS
from lms_core.learning.certificates.proof import credentials, documents, integrity
from lms_core.learning.certificates.proof.credentials import Achievement
from lms_core.learning.certificates.schemas import Design
from lms_core.learning.certificates.service.institution import name_and_origin
from lms_core.learning.certificates.service.issuing import PREPARE, enqueue_preparation
from lms_core.learning.certificates.service.templates import stored
from lms_core.learning.certificates.views import share_url

AT_ONCE = 200
LEFT_BEHIND = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Order:
    """One certificate to make: its sheet, and what its credential says."""

    certificate_id: UUID
    sheet: Sheet
    achievement: Achievement


@dataclass(frozen=True, slots=True)
class _Made:
    """One certificate that was made: where its document lies, and its credential."""

    certificate_id: UUID
    pdf_key: str
    pdf_sha256: str
    credential: str


@job(PREPARE, queue="io")
def prepare(work: Work, *, certificate_ids: list[str]) -> None:
    """Draw, sign and store the documents and credentials of these certificates; those that have theirs are left."""
    with work.read() as view:
        orders, origin, institution = _orders(view, [UUID(each) for each in certificate_ids])
    if not orders:
        return
    signer = keeping.document_signer(work, institution=institution)
    with work.write() as ctx:
        key, multikey = keeping.credential_key(ctx)
    method = f"{credentials.issuer_url(origin)}#{multikey}"
    storage = work.resources.get(Storage)  # type: ignore[type-abstract]
    made = []
    for order, pdf in zip(orders, drawing.render([each.sheet for each in orders]), strict=True):
        work.check_stop()
        signed = documents.sign(pdf, signer, name=institution, reason=WORDS[order.sheet.design.language]["title"])
        digest = hashlib.sha256(signed).hexdigest()
        stored_at = tenant_key(work.actor.tenant_id, "certificates", order.sheet.code, f"{digest[:16]}.pdf")
        storage.put(stored_at, signed)
        badge = credentials.credential(order.achievement, origin=origin, institution=institution)
        created = credentials.moment(order.sheet.issued_at)
        proven = integrity.sign(badge, key=key, method=method, created=created)
        made.append(_Made(order.certificate_id, stored_at, digest, json.dumps(proven, ensure_ascii=False)))
    with work.write() as ctx:
        for each in made:
            _finish(ctx, each)
        work.finish(ctx)


@every(timedelta(hours=1), "certificates.remind")
def remind(work: Work) -> None:
    """Tell holders whose certificates run out soon, once each."""
    with work.read() as view:
        due = view.session.execute(
            select(Certificate.id, Certificate.tenant_id)
            .where(
                Certificate.remind_at <= view.now,
                Certificate.reminded_at.is_(None),
                Certificate.revoked_at.is_(None),
                Certificate.expires_at > view.now,
            )
            .limit(AT_ONCE)
        ).all()
    for row in due:
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            _remind(ctx, row.id)


@every(timedelta(hours=1), "certificates.catch_up")
def catch_up(work: Work) -> None:
    """Ask again for documents that are still missing: their job gave up, as when a token was away."""
    with work.read() as view:
        rows = view.session.execute(
            select(Certificate.id, Certificate.tenant_id)
            .where(Certificate.pdf_key == "", Certificate.issued_at < view.now - LEFT_BEHIND)
            .limit(AT_ONCE)
        ).all()
    for tenant_id in {row.tenant_id for row in rows}:
        with work.database.write(system_actor(tenant_id)) as ctx:
            enqueue_preparation(ctx, [row.id for row in rows if row.tenant_id == tenant_id])


def _orders(ctx: ReadCtx, ids: Sequence[UUID]) -> tuple[list[_Order], str, str]:
    """What is to be made, where the institution is reached, and its name."""
    wanted = select(Certificate).where(Certificate.id.in_(ids), Certificate.pdf_key == "").order_by(Certificate.id)
    rows = list(ctx.session.execute(wanted).scalars())
    institution, origin = name_and_origin(ctx)
    if not rows:
        return [], origin, institution
    pictures = {key: stored(ctx, key) for row in rows for key in (row.logo_key, row.signature_key)}
    emails = accounts.emails_of(ctx, [row.user_id for row in rows])
    orders = []
    for row in rows:
        design = Design.model_validate(row.design)
        sheet = Sheet(
            design=design,
            recipient=row.recipient_name,
            course=row.course_title,
            minutes=row.course_minutes,
            institution=institution,
            issued_at=row.issued_at,
            expires_at=row.expires_at,
            code=row.code,
            verify_url=share_url(origin, row.code),
            logo=pictures[row.logo_key],
            signature=pictures[row.signature_key],
        )
        orders.append(_Order(row.id, sheet, _achievement(row, design, email=emails[row.user_id])))
    return orders, origin, institution


def _achievement(row: Certificate, design: Design, *, email: str) -> Achievement:
    words = WORDS[design.language]
    return Achievement(
        code=row.code,
        status_index=row.status_index,
        recipient=row.recipient_name,
        email=email,
        course_id=row.course_id,
        course=row.course_title,
        narrative=f"{row.recipient_name} {design.after or words['after']} {row.course_title}.",
        language=design.language,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
    )


def _finish(ctx: WriteCtx, made: _Made) -> None:
    """Keep what was made and tell, unless another run was first."""
    changed = ctx.session.execute(
        update(Certificate)
        .where(Certificate.id == made.certificate_id, Certificate.pdf_key == "")
        .values(pdf_key=made.pdf_key, pdf_sha256=made.pdf_sha256, credential=made.credential)
        .returning(Certificate.user_id, Certificate.course_id, Certificate.course_title, Certificate.code)
    ).first()
    if changed is None:
        return
    user_id, course_id, title, code = changed
    variables = {"course": title, "code": code}
    ctx.emit(
        CertificateIssued(
            certificate_id=made.certificate_id,
            user_id=user_id,
            course_id=course_id,
            notice=Notice(recipients=(user_id,), kind="certificate.issued", variables=variables),
            activity=Activity(user_id=user_id, verb="earned_certificate", object_id=made.certificate_id),
        )
    )


def _remind(ctx: WriteCtx, certificate_id: UUID) -> None:
    changed = ctx.session.execute(
        update(Certificate)
        .where(Certificate.id == certificate_id, Certificate.reminded_at.is_(None))
        .values(reminded_at=ctx.now)
        .returning(Certificate.user_id, Certificate.course_title, Certificate.code, Certificate.expires_at)
    ).first()
    if changed is None:
        return
    user_id, title, code, expires_at = changed
    variables = {"course": title, "code": code, "until": expires_at.date().isoformat()}
    notice = Notice(recipients=(user_id,), kind="certificate.expiring", variables=variables)
    ctx.emit(CertificateExpiring(certificate_id=certificate_id, user_id=user_id, notice=notice))
