"""Lists and figures: one's own certificates, a course's, and the files behind a code."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, or_, select

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid, Unauthenticated
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission
from lms_core.kit.storage import Storage
from lms_core.learning.certificates import codes, queries, views
from lms_core.learning.certificates.errors import CertificateNotFound, StillPrepared
from lms_core.learning.certificates.models import Certificate, CertificateCheck
from lms_core.learning.certificates.schemas import CertificateRow, CertificateView, Figures, MonthFigure
from lms_core.learning.certificates.service.institution import name_and_origin

MONTHS = 12


def mine(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[CertificateView]:
    """The actor's certificates, newest first. Three statements."""
    if ctx.actor.user_id is None:
        raise Unauthenticated("Log in to see your certificates.")
    institution, origin = name_and_origin(ctx)
    wanted = select(Certificate).where(Certificate.user_id == ctx.actor.user_id)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    rows = ctx.session.execute(_after(wanted, cursor).order_by(Certificate.id.desc()).limit(limit + 1)).scalars()
    found = [views.certificate(row, origin=origin, institution=institution, now=ctx.now) for row in rows]
    return page(found, limit, lambda each: (str(each.id),))


def of_course(
    ctx: ReadCtx, course: str | UUID, *, q: str = "", cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[CertificateRow]:
    """A course's certificates for its editors, newest first; `q` is part of a name or code."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True)
    institution, origin = name_and_origin(ctx)
    wanted = queries.with_checks().where(Certificate.course_id == card.id)
    if q:
        named = Certificate.recipient_name.icontains(q, autoescape=True)
        wanted = wanted.where(or_(named, Certificate.code.contains(q.upper(), autoescape=True)))
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    rows = ctx.session.execute(_after(wanted, cursor).order_by(Certificate.id.desc()).limit(limit + 1))
    found = []
    for row, checks in rows:
        view = views.certificate(row, origin=origin, institution=institution, now=ctx.now)
        found.append(CertificateRow(**view.model_dump(), checks=checks))
    return page(found, limit, lambda each: (str(each.id),))


def holders_among(ctx: ReadCtx, course_id: UUID, *, users: Sequence[UUID]) -> set[UUID]:
    """Those of `users` who hold a certificate of the course in force. The caller marks there. One statement."""
    return queries.holders(ctx, course_id, users=users)


def document_of(ctx: ReadCtx, code: str) -> tuple[bytes, str]:
    """The signed PDF behind a code and a name for the file. CertificateNotFound, StillPrepared."""
    row = _prepared(ctx, code)
    return ctx.resources.get(Storage).get(row.pdf_key), f"certificate-{row.code}.pdf"  # type: ignore[type-abstract]


def credential_of(ctx: ReadCtx, code: str) -> dict[str, Any]:
    """The signed credential behind a code. CertificateNotFound, StillPrepared."""
    loaded: dict[str, Any] = json.loads(_prepared(ctx, code).credential)
    return loaded


def figures(ctx: ReadCtx, course: str | UUID) -> Figures:
    """A course's certificates in numbers, for its editors."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True)
    now, own = ctx.now, Certificate.course_id == card.id
    expired = Certificate.revoked_at.is_(None) & (Certificate.expires_at <= now)
    expiring = queries.in_force(now) & (Certificate.remind_at <= now)
    counts = ctx.session.execute(
        select(
            func.count().label("issued"),
            *(
                func.coalesce(func.sum(case((condition, 1), else_=0)), 0).label(name)
                for name, condition in (
                    ("valid", queries.in_force(now)),
                    ("revoked", Certificate.revoked_at.is_not(None)),
                    ("expired", expired),
                    ("expiring", expiring),
                )
            ),
        ).where(own)
    ).one()
    months = _months(now)
    since = datetime(months[0][0], months[0][1], 1, tzinfo=now.tzinfo)
    issued = _by_month(ctx, select(Certificate.issued_at).where(own, Certificate.issued_at >= since))
    of_these = select(CertificateCheck.at).join(Certificate, Certificate.id == CertificateCheck.certificate_id)
    checked = _by_month(ctx, of_these.where(own, CertificateCheck.at >= since))
    total = ctx.session.execute(
        select(func.count())
        .select_from(CertificateCheck)
        .join(Certificate, Certificate.id == CertificateCheck.certificate_id)
        .where(own)
    ).scalar_one()
    return Figures(
        issued=counts.issued,
        valid=int(counts.valid),
        revoked=int(counts.revoked),
        expired=int(counts.expired),
        expiring=int(counts.expiring),
        checks=total,
        completed_without=len(queries.completed_without(ctx, card.id)),
        months=tuple(
            MonthFigure(month=f"{year}-{month:02}", issued=issued[year, month], checks=checked[year, month])
            for year, month in months
        ),
    )


def _prepared(ctx: ReadCtx, typed: str) -> Certificate:
    code = codes.normal(typed)
    row = queries.by_code(ctx, code) if code is not None else None
    if row is None:
        raise CertificateNotFound()
    if not row.pdf_key:
        raise StillPrepared()
    return row


def _after(wanted: Any, cursor: str) -> Any:
    if not cursor:
        return wanted
    last = parse_id(decode_cursor(cursor, (str,))[0])
    if last is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return wanted.where(Certificate.id < last)


def _months(now: datetime) -> list[tuple[int, int]]:
    """The last twelve months as (year, month), this one last."""
    last = now.year * 12 + now.month - 1
    return [divmod_month(number) for number in range(last - MONTHS + 1, last + 1)]


def divmod_month(number: int) -> tuple[int, int]:
    """(year, month) of a month counted from year 0."""
    year, month = divmod(number, 12)
    return year, month + 1


def _by_month(ctx: ReadCtx, wanted: Any) -> Counter[tuple[int, int]]:
    # Counted here: the two databases have no common function for the month of a moment.
    return Counter((at.year, at.month) for at in ctx.session.execute(wanted).scalars())
