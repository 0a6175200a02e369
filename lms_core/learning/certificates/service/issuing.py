"""Issuing, renewing and revoking. The rows are written here; a job signs what they say (`jobs.prepare`)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.events import Notice
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Permission
from lms_core.learning.certificates import codes, queries, views
from lms_core.learning.certificates.errors import AlreadyRevoked, CertificateNotFound
from lms_core.learning.certificates.events import CertificateRevoked
from lms_core.learning.certificates.models import Certificate
from lms_core.learning.certificates.schemas import CertificateView, Design, IssueIn, IssueView
from lms_core.learning.certificates.service.institution import name_and_origin
from lms_core.learning.certificates.service.templates import expiry, in_force

PREPARE = "certificates.prepare"
BATCH = 25


def issue(ctx: WriteCtx, course: str | UUID, *, given: IssueIn) -> IssueView:
    """Certificates for people of the course by address, for all who completed it, or both. For its editors."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True)
    people, unknown = _people(ctx, card.id, given.emails)
    if given.all_completed:
        people |= set(queries.completed_without(ctx, card.id))
    made = issue_for(ctx, card, users=sorted(people))
    audit.record(ctx, action="certificate.issued", object=("course", card.id), certificates=len(made))
    return IssueView(issued=len(made), already=len(people) - len(made), unknown=tuple(unknown))


def issue_for(ctx: WriteCtx, card: CourseCard, *, users: Sequence[UUID], renewal: bool = False) -> list[UUID]:
    """Write a certificate for each of `users` who holds none in force (all of them for a `renewal`). Returns ids.

    Whoever calls has decided that they earned it.
    """
    holding = set() if renewal else queries.holders(ctx, card.id, users=users)
    names = accounts.names_of(ctx, [user for user in users if user not in holding])
    earlier = queries.ever_held(ctx, card.id, users=list(names))
    template = in_force(ctx, card.id)
    design = Design.model_validate(template.design) if template is not None else Design()
    expires_at = expiry(design, ctx.now)
    tenants.one_at_a_time(ctx)
    first = queries.next_status_index(ctx)
    rows = [
        Certificate(
            id=new_id(),
            code=codes.new_code(),
            user_id=user_id,
            course_id=card.id,
            sequence=earlier.get(user_id, 0),
            status_index=first + place,
            recipient_name=name,
            course_title=card.title,
            course_minutes=card.minutes,
            issued_by=ctx.actor.user_id,
            issued_at=ctx.now,
            expires_at=expires_at,
            remind_at=expires_at - timedelta(days=design.remind_days) if expires_at else None,
            design=design.model_dump(mode="json"),
            logo_key=template.logo_key if template is not None else "",
            signature_key=template.signature_key if template is not None else "",
        )
        for place, (user_id, name) in enumerate(names.items())
    ]
    ctx.session.add_all(rows)
    ctx.session.flush()
    ids = [row.id for row in rows]
    enqueue_preparation(ctx, ids)
    return ids


def enqueue_preparation(ctx: WriteCtx, ids: Sequence[UUID]) -> None:
    """Ask for the documents of these certificates, in batches that several workers can share."""
    for start in range(0, len(ids), BATCH):
        ctx.enqueue(PREPARE, certificate_ids=[str(each) for each in ids[start : start + BATCH]])


def revoke(ctx: WriteCtx, certificate_id: UUID, *, reason: str) -> CertificateView:
    """Withdraw a certificate, with a reason whoever verifies it will read. AlreadyRevoked."""
    row = access_certificate(ctx, certificate_id)
    if row.revoked_at is not None:
        raise AlreadyRevoked()
    row.revoked_at, row.revoked_by, row.revoke_reason = ctx.now, ctx.actor.user_id, reason
    ctx.session.flush()
    audit.record(ctx, action="certificate.revoked", object=("certificate", row.id), reason=reason)
    variables = {"course": row.course_title, "code": row.code, "reason": reason}
    notice = Notice(recipients=(row.user_id,), kind="certificate.revoked", variables=variables)
    ctx.emit(CertificateRevoked(certificate_id=row.id, user_id=row.user_id, notice=notice))
    return _view(ctx, row)


def renew(ctx: WriteCtx, certificate_id: UUID) -> CertificateView:
    """A fresh certificate with today's date for the holder of one that is not revoked; the old one stays as it is."""
    row = access_certificate(ctx, certificate_id)
    if row.revoked_at is not None:
        raise AlreadyRevoked()
    if row.course_id is None:
        raise CertificateNotFound()
    card = courses.access_course(ctx, row.course_id, Permission.COURSE_EDIT, even_archived=True)
    made = issue_for(ctx, card, users=[row.user_id], renewal=True)
    row.reminded_at = row.reminded_at or ctx.now  # nobody is told to renew what is renewed
    audit.record(ctx, action="certificate.renewed", object=("certificate", row.id))
    return _view(ctx, ctx.session.execute(select(Certificate).where(Certificate.id == made[0])).scalar_one())


def access_certificate(ctx: ReadCtx, certificate_id: UUID) -> Certificate:
    """A certificate for an editor of its course, locked. CertificateNotFound for everybody else."""
    wanted = select(Certificate).where(Certificate.id == certificate_id).with_for_update(key_share=True)
    row: Certificate | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None or not ctx.actor.may(Permission.COURSE_EDIT, course_id=row.course_id):
        raise CertificateNotFound()
    return row


def _people(ctx: ReadCtx, course_id: UUID, emails: Sequence[str]) -> tuple[set[UUID], list[str]]:
    """The people of the course with these addresses, and the addresses that are nobody in it."""
    given = list(dict.fromkeys(each for each in emails if each))
    found = accounts.ids_of_emails(ctx, given)
    inside = queries.enrolled(ctx, course_id, users=list(found.values()))
    return inside, [email for email in given if found.get(email) not in inside]


def _view(ctx: ReadCtx, row: Certificate) -> CertificateView:
    institution, origin = name_and_origin(ctx)
    return views.certificate(row, origin=origin, institution=institution, now=ctx.now)
