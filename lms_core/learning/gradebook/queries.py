"""Selects of the gradebook."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, String, bindparam, case, cast, func, literal, or_, select, type_coerce

from lms_core.identity.accounts.models import User
from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from lms_core.learning.enrolments.models import Enrollment, EnrollmentStatus
from lms_core.learning.gradebook.models import Grade, Gradebook, GradeCategory, GradeItem, GradeScale

_FRACTION: ColumnElement[float] = case(
    (Grade.override.is_not(None), Grade.override / Grade.override_of),
    else_=Grade.earned / Grade.out_of,
)
# One row a learner, `item=fraction,item=fraction ...`: sixty thousand rows with two ids each take ten times as long.
# An id as text is hexadecimal on SQLite, and has hyphens on PostgreSQL.
_ITEM_AS_TEXT = func.replace(cast(type_coerce(Grade.item_id, String), String), "-", "")
_FRACTIONS = prepared(
    select(
        Grade.user_id,
        func.aggregate_strings(_ITEM_AS_TEXT + literal("=") + cast(_FRACTION, String), literal(",")).label("marks"),
    )
    .where(
        Grade.course_id == bindparam("course_id"),
        or_(Grade.earned.is_not(None), Grade.override.is_not(None)),
    )
    .group_by(Grade.user_id)
)
_EXCUSED = prepared(
    select(Grade.user_id, Grade.item_id).where(Grade.course_id == bindparam("course_id"), Grade.excused)
)
_CELL = (
    Grade.item_id,
    Grade.user_id,
    Grade.earned,
    Grade.out_of,
    Grade.override,
    Grade.override_of,
    Grade.excused,
    Grade.locked,
    Grade.comment,
    Grade.updated_at,
)
_CELLS = prepared(
    select(*_CELL).where(
        Grade.course_id == bindparam("course_id"), Grade.user_id.in_(bindparam("user_ids", expanding=True))
    )
)
_LEARNERS = prepared(
    select(User.id, User.full_name)
    .join(Enrollment, Enrollment.user_id == User.id)
    .where(Enrollment.course_id == bindparam("course_id"), Enrollment.status == EnrollmentStatus.ACTIVE)
)


def book(ctx: ReadCtx, course_id: UUID) -> Gradebook | None:
    """The settings of a course's gradebook, if anybody chose any."""
    found: Gradebook | None = ctx.session.execute(
        select(Gradebook).where(Gradebook.course_id == course_id)
    ).scalar_one_or_none()
    return found


def books(ctx: ReadCtx, course_ids: Collection[UUID]) -> list[Gradebook]:
    """The settings of those of these courses for which anybody chose any."""
    return list(ctx.session.execute(select(Gradebook).where(Gradebook.course_id.in_(course_ids))).scalars())


def categories(ctx: ReadCtx, course_ids: Collection[UUID]) -> list[GradeCategory]:
    """The categories of these courses in their order."""
    wanted = select(GradeCategory).where(GradeCategory.course_id.in_(course_ids))
    return list(ctx.session.execute(wanted.order_by(GradeCategory.position, GradeCategory.id)).scalars())


def items(ctx: ReadCtx, course_ids: Collection[UUID]) -> list[GradeItem]:
    """The columns of these courses in their order."""
    wanted = select(GradeItem).where(GradeItem.course_id.in_(course_ids))
    return list(ctx.session.execute(wanted.order_by(GradeItem.position, GradeItem.id)).scalars())


def scales(ctx: ReadCtx) -> list[GradeScale]:
    """The institution's own scales by name."""
    return list(ctx.session.execute(select(GradeScale).order_by(GradeScale.name)).scalars())


def learners(ctx: ReadCtx, course_id: UUID) -> list[tuple[UUID, str]]:
    """Id and name of everybody who is in the course now."""
    return [(row[0], row[1]) for row in ctx.session.execute(_LEARNERS, {"course_id": course_id})]


def is_learner(ctx: ReadCtx, course_id: UUID, user_id: UUID) -> bool:
    """Whether somebody is, or was, in the course."""
    wanted = select(Enrollment.id).where(Enrollment.course_id == course_id, Enrollment.user_id == user_id)
    return ctx.session.execute(wanted).first() is not None


def learners_among(ctx: ReadCtx, course_id: UUID, user_ids: Collection[UUID]) -> set[UUID]:
    """Those of `user_ids` who are, or were, in the course."""
    wanted = select(Enrollment.user_id).where(Enrollment.course_id == course_id, Enrollment.user_id.in_(user_ids))
    return set(ctx.session.execute(wanted).scalars())


def fractions(ctx: ReadCtx, course_id: UUID) -> dict[UUID, dict[str, float]]:
    """By learner, the fraction of each column (by its id in hexadecimal) in which there is one. One statement."""
    rows = ctx.session.execute(_FRACTIONS, {"course_id": course_id})
    return {user_id: _parsed(marks) for user_id, marks in rows}


def excused(ctx: ReadCtx, course_id: UUID) -> dict[UUID, set[str]]:
    """By learner, the columns they are excused from, ids in hexadecimal. One statement."""
    found: dict[UUID, set[str]] = {}
    for user_id, item_id in ctx.session.execute(_EXCUSED, {"course_id": course_id}):
        found.setdefault(user_id, set()).add(item_id.hex)
    return found


def cells(ctx: ReadCtx, course_id: UUID, *, user_ids: Collection[UUID]) -> dict[UUID, list[Row[Any]]]:
    """The grades of some learners, by learner, as columns of `Grade` to be read. One statement."""
    found: dict[UUID, list[Row[Any]]] = {}
    for row in ctx.session.execute(_CELLS, {"course_id": course_id, "user_ids": list(user_ids)}):
        found.setdefault(row.user_id, []).append(row)
    return found


def grades(
    ctx: ReadCtx, course_id: UUID, *, user_ids: Collection[UUID] | None = None, locked: bool = False
) -> list[Grade]:
    """The grades of a course, of some learners when given, by learner and column; locked for writing if asked."""
    wanted = select(Grade).where(Grade.course_id == course_id)
    if user_ids is not None:
        wanted = wanted.where(Grade.user_id.in_(user_ids))
    if locked:
        wanted = wanted.order_by(Grade.user_id, Grade.item_id).with_for_update(key_share=True)
    return list(ctx.session.execute(wanted).scalars())


def grades_of(ctx: ReadCtx, user_id: UUID) -> list[Grade]:
    """Everything one learner got, in all courses."""
    return list(ctx.session.execute(select(Grade).where(Grade.user_id == user_id)).scalars())


def enrolments_of(ctx: ReadCtx, user_id: UUID) -> list[Enrollment]:
    """The courses somebody is, or was, in; oldest first."""
    wanted = select(Enrollment).where(Enrollment.user_id == user_id)
    return list(ctx.session.execute(wanted.order_by(Enrollment.enrolled_at, Enrollment.id)).scalars())


def scale(ctx: ReadCtx, scale_id: UUID) -> GradeScale | None:
    """One of the institution's own scales."""
    found: GradeScale | None = ctx.session.execute(
        select(GradeScale).where(GradeScale.id == scale_id)
    ).scalar_one_or_none()
    return found


def grade(ctx: ReadCtx, *, item_id: UUID, user_id: UUID, locked: bool = False) -> Grade | None:
    """One grade; locked for writing if asked, and then as it is now."""
    wanted = select(Grade).where(Grade.item_id == item_id, Grade.user_id == user_id)
    if locked:
        wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: Grade | None = ctx.session.execute(wanted).scalar_one_or_none()
    return found


def highest_mark(ctx: ReadCtx, item_id: UUID) -> float:
    """The largest number of points anybody has in a column, by hand or marked."""
    wanted = select(func.max(func.coalesce(Grade.override, 0)), func.max(func.coalesce(Grade.earned, 0)))
    row = ctx.session.execute(wanted.where(Grade.item_id == item_id)).one()
    return max(row[0] or 0.0, row[1] or 0.0)


def _parsed(marks: str) -> dict[str, float]:
    pairs = (each.partition("=") for each in marks.split(","))
    return {key: float(value) for key, _, value in pairs}
