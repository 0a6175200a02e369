"""Rules in a copy of a course: mapped to the copy's own lessons, modules, cohorts and marked things.

Cohorts come along without their members, since rules name them. What waits for another course still waits for it.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.copies import STAY, Shift, copied, first_day
from lms_core.learning.release.models import (
    Cohort,
    CohortDate,
    CompletionRule,
    ReleaseCondition,
    ReleasePlan,
    ReleaseRule,
)
from lms_core.learning.release.service.settling import settle

REFERENCES = ("lesson_id", "module_id", "cohort_id", "result_id")
ASKED = ("passed_id", "submitted_id", "marked_id")


def copy_to(ctx: WriteCtx, source: UUID, target: UUID, *, ids: dict[UUID, UUID], shift: Shift = STAY) -> None:
    """Give `target` every rule of `source`. Whatever rules name (lessons, quizzes, assignments) is in `ids` by now."""
    plan = ctx.session.execute(select(ReleasePlan).where(ReleasePlan.course_id == source)).scalar_one_or_none()
    if plan is not None:
        ctx.add(copied(plan, course_id=target))
    for cohort in ctx.session.execute(select(Cohort).where(Cohort.course_id == source)).scalars().all():
        dates = {"starts_on": shift.day(cohort.starts_on), "ends_on": shift.day(cohort.ends_on)}
        ids[cohort.id] = ctx.add(copied(cohort, course_id=target, created_at=ctx.now, **dates)).id
    for rule in ctx.session.execute(select(ReleaseRule).where(ReleaseRule.course_id == source)).scalars().all():
        _copy_rule(ctx, rule, target, ids, shift)
    asked = select(CompletionRule).where(CompletionRule.course_id == source)
    for completion in ctx.session.execute(asked).scalars().all():
        mapped = {name: ids.get(getattr(completion, name)) for name in ASKED}
        ctx.add(copied(completion, course_id=target, lesson_id=ids[completion.lesson_id], **mapped))
    settle(ctx, target)


def first_date(ctx: ReadCtx, course_id: UUID, *, zone: str) -> date | None:
    """The first day that a rule or a cohort of the course names. The caller edits the course. Three statements."""
    own = select(func.min(CohortDate.at)).join(Cohort, Cohort.id == CohortDate.cohort_id)
    common = select(func.min(ReleaseCondition.at)).join(ReleaseRule, ReleaseRule.id == ReleaseCondition.rule_id)
    asked = (
        own.where(Cohort.course_id == course_id),
        common.where(ReleaseRule.course_id == course_id),
        select(func.min(Cohort.starts_on), func.min(Cohort.ends_on)).where(Cohort.course_id == course_id),
    )
    return first_day((each for wanted in asked for each in ctx.session.execute(wanted).one()), zone=zone)


def _copy_rule(ctx: WriteCtx, rule: ReleaseRule, target: UUID, ids: Mapping[UUID, UUID], shift: Shift) -> None:
    new = ctx.add(
        copied(
            rule,
            course_id=target,
            module_id=ids[rule.module_id] if rule.module_id else None,
            lesson_id=ids[rule.lesson_id] if rule.lesson_id else None,
        )
    )
    conditions = select(ReleaseCondition).where(ReleaseCondition.rule_id == rule.id)
    for condition in ctx.session.execute(conditions).scalars().all():
        mapped = {name: ids.get(getattr(condition, name)) for name in REFERENCES}
        if any(mapped[name] is None and getattr(condition, name) is not None for name in REFERENCES):
            continue  # it waits for something that is gone
        row = ctx.add(copied(condition, rule_id=new.id, at=shift.moment(condition.at), **mapped))
        for own in (
            ctx.session.execute(select(CohortDate).where(CohortDate.condition_id == condition.id)).scalars().all()
        ):
            at = shift.moment(own.at)
            ctx.add(copied(own, condition_id=row.id, cohort_id=ids[own.cohort_id], at=at))
