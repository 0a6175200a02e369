"""Milestones: written down by the slices above, in the transaction in which something was reached."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.learning.release.models import CompletionRule, Milestone, MilestoneKind, ReleaseCondition, ReleaseRule
from lms_core.learning.release.service.settling import settle


def reach(
    ctx: WriteCtx,
    *,
    user_id: UUID,
    course_id: UUID,
    kind: MilestoneKind,
    object_id: UUID,
    value: float | None = None,
) -> bool:
    """Write down that somebody reached something; again: the new value. True the first time. Two statements."""
    row = _row(ctx, user_id, kind, object_id)
    if row is None:
        row = Milestone(user_id=user_id, course_id=course_id, kind=kind, object_id=object_id, value=value, at=ctx.now)
        try:
            with ctx.session.begin_nested():
                ctx.add(row)
                return True
        except IntegrityError:  # the same was reached in another tab at this moment, on PostgreSQL
            row = _row(ctx, user_id, kind, object_id)
            if row is None:
                raise
    if row.value != value:
        row.value, row.at = value, ctx.now
        ctx.session.flush()
    return False


def withdraw(ctx: WriteCtx, *, user_id: UUID, kind: MilestoneKind, object_id: UUID) -> None:
    """Take back that somebody reached something. One statement."""
    ctx.session.execute(
        delete(Milestone).where(Milestone.user_id == user_id, Milestone.kind == kind, Milestone.object_id == object_id)
    )


def forget(ctx: WriteCtx, *, course_id: UUID, object_id: UUID) -> None:
    """Something that is marked was deleted: nobody waits for it any more. Two statements when nobody did."""
    columns = (CompletionRule.passed_id, CompletionRule.submitted_id, CompletionRule.marked_id)
    waiting = select(ReleaseCondition.id).where(ReleaseCondition.result_id == object_id)
    asked = select(CompletionRule.lesson_id).where(or_(*(column == object_id for column in columns)))
    if all(ctx.session.execute(each.limit(1)).first() is None for each in (waiting, asked)):
        return
    ctx.session.execute(delete(ReleaseCondition).where(ReleaseCondition.result_id == object_id))
    for column in columns:
        ctx.session.execute(update(CompletionRule).where(column == object_id).values({column.key: None}))
    empty = select(ReleaseRule.id).where(
        ReleaseRule.course_id == course_id, ReleaseRule.id.not_in(select(ReleaseCondition.rule_id))
    )
    ctx.session.execute(delete(ReleaseRule).where(ReleaseRule.id.in_(empty)))
    ctx.session.flush()
    settle(ctx, course_id)


def completed_courses(ctx: ReadCtx, course_ids: Sequence[UUID], *, user_id: UUID) -> frozenset[UUID]:
    """Those of the courses that somebody completed. One statement, none without courses."""
    if not course_ids:
        return frozenset()
    wanted = select(Milestone.object_id).where(
        Milestone.user_id == user_id, Milestone.kind == MilestoneKind.COURSE, Milestone.object_id.in_(course_ids)
    )
    return frozenset(ctx.session.execute(wanted).scalars())


def failing(ctx: ReadCtx, course_id: UUID, *, user_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """By person, what in the course they have a result in and have not passed. One statement."""
    rows = ctx.session.execute(
        select(Milestone.user_id, Milestone.kind, Milestone.object_id).where(
            Milestone.course_id == course_id, Milestone.kind.in_([MilestoneKind.SCORE, MilestoneKind.PASSED])
        )
    ).all()
    wanted = set(user_ids)
    done = {(row.user_id, row.object_id) for row in rows if row.kind == MilestoneKind.PASSED}
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        open_still = row.kind == MilestoneKind.SCORE and (row.user_id, row.object_id) not in done
        if open_still and row.user_id in wanted:
            found.setdefault(row.user_id, []).append(row.object_id)
    return found


def _row(ctx: ReadCtx, user_id: UUID, kind: MilestoneKind, object_id: UUID) -> Milestone | None:
    found: Milestone | None = ctx.session.execute(
        select(Milestone).where(Milestone.user_id == user_id, Milestone.kind == kind, Milestone.object_id == object_id)
    ).scalar_one_or_none()
    return found
