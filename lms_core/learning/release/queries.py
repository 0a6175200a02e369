"""The selects of release: a course's plan, kept by its revision, and a person's place and milestones."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, bindparam, or_, select

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.recent import Recent
from lms_core.learning.enrolments.models import Enrollment, EnrollmentStatus
from lms_core.learning.release.models import (
    Cohort,
    CohortDate,
    CohortMember,
    Combination,
    CompletionRule,
    ConditionKind,
    Milestone,
    MilestoneKind,
    ReleaseCondition,
    ReleasePlan,
    ReleaseRule,
)
from lms_core.learning.release.rules import CohortDates, Condition, Person, Plan, Rule, Tree, tree_of
from lms_core.learning.release.schemas import CompletionIn

DEFAULT_ZONE = "Africa/Nairobi"

_PLANS: Recent[Plan] = Recent(capacity=50_000)  # rules and conditions
_TREES: Recent[Tree] = Recent(capacity=20_000)  # lessons
_CONDITION_FIELDS = (
    ReleaseCondition.id,
    ReleaseCondition.kind,
    ReleaseCondition.at,
    ReleaseCondition.days,
    ReleaseCondition.percent,
    ReleaseCondition.lesson_id,
    ReleaseCondition.module_id,
    ReleaseCondition.required_course_id,
    ReleaseCondition.cohort_id,
    ReleaseCondition.result_id,
    ReleaseCondition.title,
)
_RULES = prepared(
    select(
        ReleaseRule.id.label("rule_id"),
        ReleaseRule.module_id.label("of_module"),
        ReleaseRule.lesson_id.label("of_lesson"),
        ReleaseRule.combination,
        *_CONDITION_FIELDS,
    )
    .outerjoin(ReleaseCondition, ReleaseCondition.rule_id == ReleaseRule.id)
    .where(ReleaseRule.course_id == bindparam("course_id"))
    .order_by(ReleaseRule.id, ReleaseCondition.position)
)
_COHORTS = prepared(
    select(Cohort.id, Cohort.name, Cohort.starts_on, Cohort.ends_on, Cohort.shift_days)
    .add_columns(CohortDate.condition_id, CohortDate.at)
    .outerjoin(CohortDate, CohortDate.cohort_id == Cohort.id)
    .where(Cohort.course_id == bindparam("course_id"))
    .order_by(Cohort.name, Cohort.id)
)
_ZONE = prepared(select(ReleasePlan.time_zone).where(ReleasePlan.course_id == bindparam("course_id")))
_COMPLETION = prepared(select(CompletionRule).where(CompletionRule.course_id == bindparam("course_id")))
_PLACE = prepared(
    select(Enrollment.enrolled_at, CohortMember.cohort_id)
    .outerjoin(CohortMember, CohortMember.enrollment_id == Enrollment.id)
    .where(
        Enrollment.user_id == bindparam("user_id"),
        Enrollment.course_id == bindparam("course_id"),
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
)
_REACHED = prepared(
    select(Milestone.kind, Milestone.object_id, Milestone.value).where(
        Milestone.user_id == bindparam("user_id"),
        or_(Milestone.course_id == bindparam("course_id"), Milestone.kind == MilestoneKind.COURSE.value),
    )
)


def plan(ctx: ReadCtx, course_id: UUID, *, revision: datetime) -> Plan:
    """A course's plan at a revision (`updated_at`) just read. Four statements; none when this process still has it."""
    kept = _PLANS.get((course_id, revision))
    if kept is None:
        kept = fresh_plan(ctx, course_id)
        # What is not committed may never come to be; and a course that is deleted takes conditions of others along,
        # whose revision says nothing of it.
        foreign = any(each.required_course_id is not None for rule in kept.rules for each in rule.conditions)
        if not isinstance(ctx, WriteCtx) and not foreign:
            weight = 1 + len(kept.rules) + sum(len(rule.conditions) for rule in kept.rules) + len(kept.completion)
            _PLANS.keep((course_id, revision), kept, weight=weight)
    return kept


def fresh_plan(ctx: ReadCtx, course_id: UUID) -> Plan:
    """A course's plan as its rows are in this transaction. Four statements."""
    wanted = {"course_id": course_id}
    zone = ctx.session.execute(_ZONE, wanted).scalar_one_or_none() or DEFAULT_ZONE
    cohorts: dict[UUID, CohortDates] = {}
    for row in ctx.session.execute(_COHORTS, wanted):
        known = cohorts.get(row.id)
        dates = {**(known.dates if known is not None else {})}
        if row.condition_id is not None:
            dates[row.condition_id] = row.at
        cohorts[row.id] = CohortDates(row.id, row.name, row.starts_on, row.ends_on, row.shift_days, dates)
    completion = list(ctx.session.execute(_COMPLETION, wanted).scalars())
    names = tuple(name for name in CompletionIn.model_fields if name != "optional")
    return Plan(
        course_id=course_id,
        zone=ZoneInfo(zone),
        rules=rules_of(ctx.session.execute(_RULES, wanted)),
        cohorts=cohorts,
        completion={row.lesson_id: CompletionIn(**{name: getattr(row, name) for name in names}) for row in completion},
        completion_titles={row.lesson_id: row.title for row in completion},
    )


def rules_of(rows: Iterable[Row[Any]]) -> tuple[Rule, ...]:
    """Rules from rows of a rule joined with its conditions."""
    heads: dict[UUID, Row[Any]] = {}
    conditions: dict[UUID, list[Condition]] = {}
    for row in rows:
        heads.setdefault(row.rule_id, row)
        if row.id is not None:
            fields = {column.key: getattr(row, column.key) for column in _CONDITION_FIELDS}
            fields["kind"] = ConditionKind(row.kind)
            conditions.setdefault(row.rule_id, []).append(Condition(**fields))
    return tuple(
        Rule(Combination(head.combination), tuple(conditions.get(rule_id, ())), head.of_module, head.of_lesson)
        for rule_id, head in heads.items()
    )


def course_rules(ctx: ReadCtx) -> list[tuple[UUID, Rule]]:
    """Every rule of the institution that waits for a course, by the course it is of. One statement."""
    waiting = select(ReleaseCondition.rule_id).where(ReleaseCondition.kind == ConditionKind.COURSE)
    rows = ctx.session.execute(
        select(
            ReleaseRule.id.label("rule_id"),
            ReleaseRule.course_id,
            ReleaseRule.module_id.label("of_module"),
            ReleaseRule.lesson_id.label("of_lesson"),
            ReleaseRule.combination,
            *_CONDITION_FIELDS,
        )
        .join(ReleaseCondition, ReleaseCondition.rule_id == ReleaseRule.id)
        .where(ReleaseRule.id.in_(waiting))
    ).all()
    by_course: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        by_course.setdefault(row.course_id, []).append(row)
    return [(course_id, rule) for course_id, found in by_course.items() for rule in rules_of(found)]


def tree(ctx: ReadCtx, course_id: UUID, *, revision: datetime) -> Tree:
    """The course's published outline by ids. One statement; none for a revision this process still has."""
    kept = _TREES.get((course_id, revision))
    if kept is None:
        kept = tree_of(courses.outline(ctx, course_id, revision=revision))
        if not isinstance(ctx, WriteCtx):
            _TREES.keep((course_id, revision), kept, weight=1 + len(kept.lessons))
    return kept


def person(ctx: ReadCtx, course_id: UUID, *, user_id: UUID) -> Person | None:
    """Somebody's place in a course and what they reached; None for who is not in it. Two statements."""
    place = ctx.session.execute(_PLACE, {"user_id": user_id, "course_id": course_id}).one_or_none()
    if place is None:
        return None
    rows = ctx.session.execute(_REACHED, {"user_id": user_id, "course_id": course_id})
    reached = {(MilestoneKind(row.kind), row.object_id): row.value for row in rows}
    return Person(now=ctx.now, since=place.enrolled_at, cohort_id=place.cohort_id, reached=reached)


def learners(ctx: ReadCtx, course_id: UUID) -> Sequence[Row[Any]]:
    """`user_id`, `enrolled_at`, `cohort_id` of everybody in a course. One statement."""
    rows: Sequence[Row[Any]] = ctx.session.execute(
        select(Enrollment.user_id, Enrollment.enrolled_at, CohortMember.cohort_id)
        .outerjoin(CohortMember, CohortMember.enrollment_id == Enrollment.id)
        .where(Enrollment.course_id == course_id, Enrollment.status == EnrollmentStatus.ACTIVE)
        .order_by(Enrollment.id)
    ).all()
    return rows


def reached_in(ctx: ReadCtx, course_id: UUID) -> dict[UUID, dict[tuple[MilestoneKind, UUID], float | None]]:
    """What everybody reached in a course, and which courses its people completed, by person. One statement."""
    inside = select(Enrollment.user_id).where(
        Enrollment.course_id == course_id, Enrollment.status == EnrollmentStatus.ACTIVE
    )
    rows = ctx.session.execute(
        select(Milestone.user_id, Milestone.kind, Milestone.object_id, Milestone.value).where(
            or_(
                Milestone.course_id == course_id,
                (Milestone.kind == MilestoneKind.COURSE) & Milestone.user_id.in_(inside),
            )
        )
    )
    found: dict[UUID, dict[tuple[MilestoneKind, UUID], float | None]] = {}
    for row in rows:
        found.setdefault(row.user_id, {})[MilestoneKind(row.kind), row.object_id] = row.value
    return found


def cohorts_of(ctx: ReadCtx, course_id: UUID, *, user_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The cohorts of these people in a course, by person. One statement."""
    wanted = (
        select(Enrollment.user_id, CohortMember.cohort_id)
        .join(CohortMember, CohortMember.enrollment_id == Enrollment.id)
        .where(Enrollment.course_id == course_id, Enrollment.user_id.in_(list(user_ids)))
    )
    return {row.user_id: row.cohort_id for row in ctx.session.execute(wanted)}


def enrollments_of(ctx: ReadCtx, course_id: UUID, *, user_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Ids of present enrolments by person, of those among `user_ids` who are in the course. One statement."""
    rows = ctx.session.execute(
        select(Enrollment.user_id, Enrollment.id).where(
            Enrollment.course_id == course_id,
            Enrollment.user_id.in_(user_ids),
            Enrollment.status == EnrollmentStatus.ACTIVE,
        )
    )
    return {row.user_id: row.id for row in rows}


def members(ctx: ReadCtx, cohort_id: UUID) -> list[UUID]:
    """The people of a cohort, in the order they joined the course. One statement."""
    rows = ctx.session.execute(
        select(Enrollment.user_id)
        .join(CohortMember, CohortMember.enrollment_id == Enrollment.id)
        .where(CohortMember.cohort_id == cohort_id, Enrollment.status == EnrollmentStatus.ACTIVE)
        .order_by(Enrollment.id)
    )
    return list(rows.scalars())


def own_cohorts(course_id: Any, user_id: Any) -> Select[tuple[UUID]]:
    """The ids of the cohorts (one at most) of a course that somebody is in. Takes ids, or parameters for them."""
    wanted: Select[tuple[UUID]] = (
        select(CohortMember.cohort_id)
        .join(Enrollment, Enrollment.id == CohortMember.enrollment_id)
        .where(
            Enrollment.course_id == course_id,
            Enrollment.user_id == user_id,
            Enrollment.status == EnrollmentStatus.ACTIVE,
        )
    )
    return wanted
