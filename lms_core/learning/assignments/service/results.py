"""What assignments say to a gradebook: which there are, what each learner got, and how much waits for a mark."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from lms_core.kit.context import ReadCtx
from lms_core.learning.assignments.models import (
    Assignment,
    AssignmentStatus,
    GroupMember,
    Submission,
    SubmissionMark,
)
from lms_core.learning.assignments.sheets import AssignmentResult, GradedAssignment


def graded_assignments(ctx: ReadCtx, course_ids: Collection[UUID]) -> list[GradedAssignment]:
    """Every assignment of these courses, drafts included, oldest first. The caller has accessed them. One statement."""
    wanted = select(Assignment.id, Assignment.title, Assignment.points, Assignment.due_at, Assignment.status)
    rows = ctx.session.execute(wanted.where(Assignment.course_id.in_(course_ids)).order_by(Assignment.id))
    return [
        GradedAssignment(
            id=row.id,
            title=row.title,
            points=row.points,
            due_at=row.due_at,
            published=row.status == AssignmentStatus.PUBLISHED,
        )
        for row in rows
    ]


def results(
    ctx: ReadCtx, course_id: UUID, *, assignment_id: UUID | None = None, user_ids: Collection[UUID] | None = None
) -> Sequence[AssignmentResult]:
    """Released marks in a course, that of a learner's latest attempt with one, in two statements.

    For callers who have authorised. Members of a group have the group's mark each.
    """
    released = _released(course_id)
    if assignment_id is not None:
        released = released.where(Submission.assignment_id == assignment_id)
    alone = released.add_columns(Submission.user_id.label("learner")).where(Submission.user_id.is_not(None))
    grouped = released.add_columns(GroupMember.user_id.label("learner")).join(
        GroupMember, GroupMember.group_id == Submission.group_id
    )
    if user_ids is not None:
        alone = alone.where(Submission.user_id.in_(user_ids))
        grouped = grouped.where(GroupMember.user_id.in_(user_ids))
    latest: dict[tuple[UUID, UUID], Any] = {}
    for row in (*ctx.session.execute(alone), *ctx.session.execute(grouped)):
        key = (row.assignment_id, row.learner)
        if key not in latest or latest[key].number < row.number:
            latest[key] = row
    return [
        AssignmentResult(
            assignment_id=row.assignment_id,
            user_id=row.learner,
            points=row.points,
            maximum=row.maximum,
            marked_at=row.released_at,
        )
        for row in latest.values()
    ]


def waiting(ctx: ReadCtx, course_id: UUID) -> dict[UUID, int]:
    """How many submissions of each assignment wait for a released mark. One statement."""
    wanted = (
        select(Submission.assignment_id, func.count())
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .outerjoin(SubmissionMark, SubmissionMark.submission_id == Submission.id)
        .where(Assignment.course_id == course_id, Submission.current, SubmissionMark.released_at.is_(None))
        .group_by(Submission.assignment_id)
    )
    return {row[0]: row[1] for row in ctx.session.execute(wanted)}


def unfollowed(ctx: ReadCtx, known: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """(institution, course) of each course with a published assignment that is not among `known`. One statement."""
    wanted = select(Assignment.tenant_id, Assignment.course_id, Assignment.id)
    rows = ctx.session.execute(wanted.where(Assignment.status == AssignmentStatus.PUBLISHED))
    followed = set(known)
    return list({(row.tenant_id, row.course_id) for row in rows if row.id not in followed})


def _released(course_id: UUID) -> Select[Any]:
    columns: Select[Any] = select(
        Submission.assignment_id,
        Submission.number,
        SubmissionMark.points,
        SubmissionMark.maximum,
        SubmissionMark.released_at,
    )
    return (
        columns.join(SubmissionMark, SubmissionMark.submission_id == Submission.id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Assignment.course_id == course_id, SubmissionMark.released_at.is_not(None))
    )
