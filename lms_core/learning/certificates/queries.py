"""Selects of certificates."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from lms_core.learning.certificates.models import Certificate, CertificateCheck, CertificateTemplate
from lms_core.learning.enrolments.models import Enrollment
from lms_core.learning.progress.models import LessonProgress, ProgressState

BY_CODE = prepared(select(Certificate).where(Certificate.code == bindparam("code")))


def by_code(ctx: ReadCtx, code: str) -> Certificate | None:
    """The certificate with this code."""
    found: Certificate | None = ctx.session.execute(BY_CODE, {"code": code}).scalar_one_or_none()
    return found


def template_of(ctx: ReadCtx, course_id: UUID | None) -> CertificateTemplate | None:
    """The template of a course, or the institution's own."""
    chosen = (
        CertificateTemplate.course_id.is_(None) if course_id is None else CertificateTemplate.course_id == course_id
    )
    found: CertificateTemplate | None = ctx.session.execute(
        select(CertificateTemplate).where(chosen)
    ).scalar_one_or_none()
    return found


def in_force(now: datetime) -> Any:
    """What makes a certificate count: neither revoked nor expired."""
    return Certificate.revoked_at.is_(None) & or_(Certificate.expires_at.is_(None), Certificate.expires_at > now)


def holders(ctx: ReadCtx, course_id: UUID, *, users: Sequence[UUID]) -> set[UUID]:
    """Those of `users` who hold a certificate of the course in force."""
    wanted = select(Certificate.user_id).where(
        Certificate.course_id == course_id, Certificate.user_id.in_(users), in_force(ctx.now)
    )
    return set(ctx.session.execute(wanted).scalars())


def ever_held(ctx: ReadCtx, course_id: UUID, *, users: Sequence[UUID]) -> dict[UUID, int]:
    """How many certificates of the course each of `users` was given, those revoked and expired included."""
    wanted = (
        select(Certificate.user_id, func.max(Certificate.sequence) + 1)
        .where(Certificate.course_id == course_id, Certificate.user_id.in_(users))
        .group_by(Certificate.user_id)
    )
    return {row[0]: int(row[1]) for row in ctx.session.execute(wanted)}


def next_status_index(ctx: ReadCtx) -> int:
    """The first position of the status lists nobody has."""
    highest = ctx.session.execute(select(func.max(Certificate.status_index))).scalar_one()
    return 0 if highest is None else int(highest) + 1


def enrolled(ctx: ReadCtx, course_id: UUID, *, users: Sequence[UUID]) -> set[UUID]:
    """Those of `users` who are, or were, in the course."""
    wanted = select(Enrollment.user_id).where(Enrollment.course_id == course_id, Enrollment.user_id.in_(users))
    return set(ctx.session.execute(wanted).scalars())


def completed_without(ctx: ReadCtx, course_id: UUID) -> list[UUID]:
    """Who has done every lesson of the course and was never given its certificate. Two statements."""
    counted = list(ctx.session.execute(courses.countable_lessons([course_id])).scalars())
    if not counted:
        return []
    held = select(Certificate.user_id).where(Certificate.course_id == course_id)
    wanted = (
        select(LessonProgress.user_id)
        .where(
            LessonProgress.course_id == course_id,
            LessonProgress.state == ProgressState.COMPLETED,
            LessonProgress.lesson_id.in_(counted),
            LessonProgress.user_id.not_in(held),
        )
        .group_by(LessonProgress.user_id)
        .having(func.count() == len(counted))
    )
    return list(ctx.session.execute(wanted).scalars())


def with_checks() -> Select[Any]:
    """Certificates, each with how often it was verified."""
    checks = (
        select(func.count())
        .select_from(CertificateCheck)
        .where(CertificateCheck.certificate_id == Certificate.id)
        .correlate(Certificate)
        .scalar_subquery()
    )
    return select(Certificate, checks.label("checks"))
