"""Templates: the institution's and each course's, their pictures, and a preview of what they give."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden, NotFound
from lms_core.kit.permissions import Permission
from lms_core.kit.storage import Storage, tenant_key
from lms_core.learning.certificates import codes, queries
from lms_core.learning.certificates.models import CertificateTemplate
from lms_core.learning.certificates.paper import drawing, pictures, picturing
from lms_core.learning.certificates.paper.drawing import Sheet
from lms_core.learning.certificates.schemas import Design, Picture, TemplateIn, TemplateView
from lms_core.learning.certificates.service.institution import name_and_origin
from lms_core.learning.certificates.views import share_url

SAMPLE_NAME = "Amina Wanjiru Otieno"
SAMPLE_MINUTES = 240
DAYS_A_MONTH = 30.436875  # the Gregorian year by twelve


def template(ctx: ReadCtx, course: str | UUID | None = None) -> TemplateView:
    """The template of a course (of the institution when None) for who may edit it."""
    return _view(ctx, _access(ctx, course))


def save_template(ctx: WriteCtx, course: str | UUID | None = None, *, given: TemplateIn) -> TemplateView:
    """Keep a design and the rule. Certificates that are issued already stay as they are."""
    course_id = _access(ctx, course)
    row = _row(ctx, course_id)
    row.design = given.design.model_dump(mode="json")
    row.issue_on_completion = given.issue_on_completion and course_id is not None
    _touch(ctx, row)
    return _view(ctx, course_id)


def ensure_rule(ctx: WriteCtx, course: str | UUID) -> None:
    """Let completing the course earn its certificate, unless its editors chose a template already."""
    present = template(ctx, course)
    if not present.own:
        save_template(ctx, course, given=TemplateIn(design=present.design, issue_on_completion=True))


def keep_picture(ctx: ReadCtx, course: str | UUID | None = None, *, content: bytes) -> str:
    """Draw an uploaded PNG or JPEG anew and store it: for `set_picture`, outside its transaction. PictureRefused."""
    _access(ctx, course)
    png = pictures.clean(content)
    digest = hashlib.sha256(png).hexdigest()
    ctx.resources.get(Storage).put(_picture_key(ctx, digest), png)  # type: ignore[type-abstract]
    return digest


def set_picture(ctx: WriteCtx, course: str | UUID | None = None, *, which: Picture, digest: str) -> TemplateView:
    """Make the picture that `keep_picture` stored the logo or the signature."""
    course_id = _access(ctx, course)
    row = _row(ctx, course_id)
    setattr(row, f"{which}_key", _picture_key(ctx, digest))
    _touch(ctx, row)
    return _view(ctx, course_id)


def remove_picture(ctx: WriteCtx, course: str | UUID | None = None, *, which: Picture) -> TemplateView:
    """Take the logo or signature off. What is issued keeps it."""
    course_id = _access(ctx, course)
    row = _row(ctx, course_id)
    setattr(row, f"{which}_key", "")
    _touch(ctx, row)
    return _view(ctx, course_id)


def picture(ctx: ReadCtx, course: str | UUID | None = None, *, which: Picture) -> bytes:
    """The logo or signature as PNG, for who may edit the template. NotFound when there is none."""
    row = in_force(ctx, _access(ctx, course))
    key = getattr(row, f"{which}_key") if row is not None else ""
    if not key:
        raise NotFound("There is no such picture.")
    return ctx.resources.get(Storage).get(key)  # type: ignore[type-abstract]


def preview(ctx: ReadCtx, course: str | UUID | None = None, *, design: Design, width: int = 0) -> bytes:
    """What `design` gives with a sample name: a PDF, or a PNG `width` pixels wide. It is marked and not signed."""
    course_id = _access(ctx, course)
    row = in_force(ctx, course_id)
    name, origin = name_and_origin(ctx)
    title, minutes = "Money and M-Pesa", SAMPLE_MINUTES
    if course_id is not None:
        card = courses.access_course(ctx, course_id, Permission.COURSE_EDIT, even_archived=True)
        title, minutes = card.title, card.minutes
    code = codes.grouped("0" * codes.LENGTH)
    sheet = Sheet(
        design=design,
        recipient=SAMPLE_NAME,
        course=title,
        minutes=minutes,
        institution=name,
        issued_at=ctx.now,
        expires_at=expiry(design, ctx.now),
        code=code,
        verify_url=share_url(origin, code),
        logo=stored(ctx, row.logo_key if row else ""),
        signature=stored(ctx, row.signature_key if row else ""),
        watermark=True,
    )
    pdf = drawing.render([sheet])[0]
    return picturing.first_page(pdf, width=width) if width else pdf


def _picture_key(ctx: ReadCtx, digest: str) -> str:
    return tenant_key(ctx.tenant_id, "certificate-pictures", f"{digest}.png")


def in_force(ctx: ReadCtx, course_id: UUID | None) -> CertificateTemplate | None:
    """The course's own template, else the institution's, else None: the usual design."""
    own = queries.template_of(ctx, course_id) if course_id is not None else None
    return own or queries.template_of(ctx, None)


def stored(ctx: ReadCtx, key: str) -> bytes:
    """A picture's bytes; empty when there is none."""
    if not key:
        return b""
    try:
        return ctx.resources.get(Storage).get(key)  # type: ignore[type-abstract]
    except NotFound:  # lost by the storage: the paper is still right without it
        return b""


def expiry(design: Design, issued_at: datetime) -> datetime | None:
    """When a certificate issued at `issued_at` runs out."""
    if design.valid_months is None:
        return None
    return issued_at + timedelta(days=round(design.valid_months * DAYS_A_MONTH))


def _access(ctx: ReadCtx, course: str | UUID | None) -> UUID | None:
    """The course's id for its editors, None for administrators of the institution. CourseNotFound, Forbidden."""
    if course is not None:
        return courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True).id
    if not ctx.actor.may(Permission.ACCOUNT_MANAGE):
        raise Forbidden("Only administrators change the institution's certificate.")
    return None


def _row(ctx: WriteCtx, course_id: UUID | None) -> CertificateTemplate:
    """The template's row; a course's first one begins as a copy of the institution's."""
    found = queries.template_of(ctx, course_id)
    if found is not None:
        return found
    base = queries.template_of(ctx, None) if course_id is not None else None
    row = CertificateTemplate(course_id=course_id, design=Design().model_dump(mode="json"), updated_at=ctx.now)
    if base is not None:
        row.design, row.logo_key, row.signature_key = dict(base.design), base.logo_key, base.signature_key
    return ctx.add(row)


def _touch(ctx: WriteCtx, row: CertificateTemplate) -> None:
    row.updated_at, row.updated_by = ctx.now, ctx.actor.user_id
    ctx.session.flush()
    audit.record(ctx, action="certificate_template.changed", object=("certificate_template", row.id))


def _view(ctx: ReadCtx, course_id: UUID | None) -> TemplateView:
    own = queries.template_of(ctx, course_id)
    row = own or (queries.template_of(ctx, None) if course_id is not None else None)
    return TemplateView(
        course_id=course_id,
        design=Design.model_validate(row.design) if row is not None else Design(),
        issue_on_completion=own is not None and own.issue_on_completion,
        has_logo=bool(row and row.logo_key),
        has_signature=bool(row and row.signature_key),
        own=own is not None,
        updated_at=own.updated_at if own is not None else None,
    )
