"""Cohorts of a course: made, dated and filled by its editors."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError

from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.schemas import CourseCard
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden, NotFound
from lms_core.kit.permissions import Permission
from lms_core.learning.release import queries
from lms_core.learning.release.errors import CohortNameTaken, CohortNotFound, ConditionRefused
from lms_core.learning.release.models import Cohort, CohortDate, CohortMember, ConditionKind
from lms_core.learning.release.schemas import (
    CohortDateIn,
    CohortIn,
    CohortView,
    MembersAdded,
    MembersIn,
    MemberView,
)
from lms_core.learning.release.service.settling import settle


def cohorts(ctx: ReadCtx, course: str | UUID) -> list[CohortView]:
    """The cohorts of a course by name, for its editors. Three statements and those of the access."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True)
    rows = list(ctx.session.execute(select(Cohort).where(Cohort.course_id == card.id).order_by(Cohort.name)).scalars())
    return _views(ctx, rows)


def add_cohort(ctx: WriteCtx, course: str | UUID, *, cohort: CohortIn) -> CohortView:
    """A new cohort. CohortNameTaken."""
    card = courses.editing(ctx, course)
    row = Cohort(course_id=card.id, created_at=ctx.now, **cohort.model_dump())
    return _save(ctx, row)


def change_cohort(ctx: WriteCtx, cohort_id: UUID, *, cohort: CohortIn) -> CohortView:
    """Name and dates of a cohort. CohortNotFound, CohortNameTaken."""
    row, _ = _editable(ctx, cohort_id)
    for name, value in cohort.model_dump().items():
        setattr(row, name, value)
    return _save(ctx, row)


def delete_cohort(ctx: WriteCtx, cohort_id: UUID) -> None:
    """Remove a cohort; its people stay in the course, and conditions on it go along."""
    row, card = _editable(ctx, cohort_id)
    ctx.session.execute(delete(Cohort).where(Cohort.id == row.id))
    settle(ctx, card.id)


def set_date(ctx: WriteCtx, cohort_id: UUID, *, given: CohortDateIn) -> CohortView:
    """Give a cohort its own date for a dated condition of its course, or the common one again."""
    row, card = _editable(ctx, cohort_id)
    plan = queries.fresh_plan(ctx, card.id)
    dated = {each.id for rule in plan.rules for each in rule.conditions if each.kind == ConditionKind.DATE}
    if given.condition_id not in dated:
        raise ConditionRefused("Only conditions of this course that name a date can have another for a cohort.")
    own = (CohortDate.cohort_id == row.id, CohortDate.condition_id == given.condition_id)
    ctx.session.execute(delete(CohortDate).where(*own))
    if given.at is not None:
        ctx.add(CohortDate(cohort_id=row.id, condition_id=given.condition_id, at=given.at))
    settle(ctx, card.id)
    return _views(ctx, [row])[0]


def members(ctx: ReadCtx, cohort_id: UUID) -> list[MemberView]:
    """Who is in a cohort, for the course's editors. Three statements and those of the access."""
    row, _ = _access(ctx, cohort_id)
    ids = queries.members(ctx, row.id)
    names, emails = accounts.names_of(ctx, ids), accounts.emails_of(ctx, ids)
    return [MemberView(user_id=each, name=names.get(each, ""), email=emails.get(each, "")) for each in ids]


def cohorts_of(ctx: ReadCtx, course_id: UUID, *, user_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The cohorts of these people in a course, by person; rights are the caller's to have checked. One statement."""
    return queries.cohorts_of(ctx, course_id, user_ids=user_ids)


def add_members(ctx: WriteCtx, cohort_id: UUID, *, given: MembersIn) -> MembersAdded:
    """Put people of the course into a cohort, out of the one they are in; the addresses of others come back."""
    row, card = _editable(ctx, cohort_id)
    wanted = list(dict.fromkeys(each for each in given.emails if each))
    found = accounts.ids_of_emails(ctx, wanted)
    places = queries.enrollments_of(ctx, card.id, user_ids=list(found.values()))
    added = _put(ctx, row.id, sorted(places.values()))
    return MembersAdded(added=added, unknown=tuple(each for each in wanted if found.get(each) not in places))


def names_of_cohorts(ctx: ReadCtx, course_id: UUID) -> dict[UUID, str]:
    """The cohorts of a course by name, for callers who have authorised. One statement."""
    wanted = select(Cohort.id, Cohort.name).where(Cohort.course_id == course_id).order_by(Cohort.name)
    return {row[0]: row[1] for row in ctx.session.execute(wanted)}


def people_of(ctx: ReadCtx, course_id: UUID, *, cohort_id: UUID) -> frozenset[UUID]:
    """Who is in a cohort of this course, for callers who have authorised. Two statements. CohortNotFound."""
    known = select(Cohort.id).where(Cohort.id == cohort_id, Cohort.course_id == course_id)
    if ctx.session.execute(known).first() is None:
        raise CohortNotFound()
    return frozenset(queries.members(ctx, cohort_id))


def own_cohorts(*, course_id: Any, user_id: Any) -> Select[tuple[UUID]]:
    """The cohort of a course that somebody is in, as a subquery for the statements of others. No statement.

    Takes ids, or parameters that stand for them in a prepared select.
    """
    return queries.own_cohorts(course_id, user_id)


def inside(ctx: ReadCtx, cohort_id: UUID, *, enrollment_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the enrolments that are in a cohort, for callers who have authorised. One statement."""
    wanted = select(CohortMember.enrollment_id).where(
        CohortMember.cohort_id == cohort_id, CohortMember.enrollment_id.in_(enrollment_ids)
    )
    return set(ctx.session.execute(wanted).scalars())


def remove_member(ctx: WriteCtx, cohort_id: UUID, *, user_id: UUID) -> None:
    """Take somebody out of a cohort; NotFound when they are not in it."""
    row, card = _editable(ctx, cohort_id)
    place = queries.enrollments_of(ctx, card.id, user_ids=[user_id]).get(user_id)
    member = CohortMember.enrollment_id == place, CohortMember.cohort_id == row.id
    gone = ctx.session.execute(delete(CohortMember).where(*member).returning(CohortMember.enrollment_id)).first()
    if gone is None:
        raise NotFound("This person is not in the cohort. Load the list again.")


def _put(ctx: WriteCtx, cohort_id: UUID, places: Sequence[UUID]) -> int:
    """Two statements, however many there are, and one to insert."""
    present = inside(ctx, cohort_id, enrollment_ids=places)
    moved = [each for each in places if each not in present]
    ctx.session.execute(delete(CohortMember).where(CohortMember.enrollment_id.in_(moved)))
    ctx.session.add_all([CohortMember(enrollment_id=each, cohort_id=cohort_id) for each in moved])
    ctx.session.flush()
    return len(moved)


def _save(ctx: WriteCtx, row: Cohort) -> CohortView:
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:
        raise CohortNameTaken() from error
    settle(ctx, row.course_id)
    return _views(ctx, [row])[0]


def _views(ctx: ReadCtx, rows: Sequence[Cohort]) -> list[CohortView]:
    ids = [row.id for row in rows]
    counted = select(CohortMember.cohort_id, func.count()).where(CohortMember.cohort_id.in_(ids))
    sizes = {row[0]: row[1] for row in ctx.session.execute(counted.group_by(CohortMember.cohort_id))}
    dates = ctx.session.execute(select(CohortDate).where(CohortDate.cohort_id.in_(ids))).scalars().all()
    return [
        CohortView(
            id=row.id,
            name=row.name,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            shift_days=row.shift_days,
            members=sizes.get(row.id, 0),
            dates={each.condition_id: each.at for each in dates if each.cohort_id == row.id},
        )
        for row in rows
    ]


def _access(ctx: ReadCtx, cohort_id: UUID) -> tuple[Cohort, CourseCard]:
    row = ctx.session.execute(select(Cohort).where(Cohort.id == cohort_id)).scalar_one_or_none()
    if row is None:
        raise CohortNotFound()
    try:
        return row, courses.access_course(ctx, row.course_id, Permission.COURSE_EDIT, even_archived=True)
    except (CourseNotFound, Forbidden) as error:
        raise CohortNotFound() from error


def _editable(ctx: WriteCtx, cohort_id: UUID) -> tuple[Cohort, CourseCard]:
    """The same with the course locked: what is dated and who is in take turns."""
    row, card = _access(ctx, cohort_id)
    card = courses.editing(ctx, card.id)
    ctx.session.refresh(row)
    return row, card
