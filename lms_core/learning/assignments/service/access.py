"""Fetching an assignment or a submission for somebody: seen or refused in one place."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission
from lms_core.learning.assignments import queries, timing
from lms_core.learning.assignments.errors import AssignmentNotFound, NoGroup, SubmissionNotFound
from lms_core.learning.assignments.models import (
    Assignment,
    AssignmentGroup,
    AssignmentStatus,
    Submission,
    SubmissionStatus,
)
from lms_core.learning.assignments.timing import Dates
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release

EDITORS_ONLY = "Only instructors of this course edit its assignments. Ask one of them."
MARKERS_ONLY = "Only instructors of this course see and mark what others hand in. Ask one of them."


@dataclass(frozen=True, slots=True)
class Owner:
    """Who a submission is of: a learner, or a group with its members."""

    members: tuple[UUID, ...]
    user_id: UUID | None = None
    group: AssignmentGroup | None = None

    @property
    def group_id(self) -> UUID | None:
        """The group's id, where it is one."""
        return self.group.id if self.group is not None else None


def readable(ctx: ReadCtx, assignment_id: UUID) -> tuple[Assignment, CourseCard]:
    """The row of an assignment the actor may see, and its course. AssignmentNotFound, LessonLocked."""
    row = queries.assignment(ctx, assignment_id)
    if row is None:
        raise AssignmentNotFound()
    try:
        course = enrolments.access_reading(ctx, row.course_id)
    except CourseNotFound as error:
        raise AssignmentNotFound() from error
    if row.status != AssignmentStatus.PUBLISHED and not ctx.actor.may(Permission.COURSE_EDIT, course_id=row.course_id):
        raise AssignmentNotFound()
    if not ctx.actor.may(Permission.ATTEMPT_GRADE, course_id=row.course_id):
        release.access_beside(ctx, course, lesson_id=row.lesson_id)
    return row, course


def staffed(ctx: ReadCtx, assignment_id: UUID, permission: Permission) -> tuple[Assignment, CourseCard]:
    """The same for who holds `permission` in its course; AssignmentNotFound or Forbidden for others."""
    row, course = readable(ctx, assignment_id)
    if not ctx.actor.may(permission, course_id=row.course_id):
        raise Forbidden(EDITORS_ONLY if permission is Permission.COURSE_EDIT else MARKERS_ONLY)
    return row, course


def editable(ctx: WriteCtx, assignment_id: UUID) -> tuple[Assignment, CourseCard]:
    """The same for editors, the assignment locked: its rules have one writer at a time."""
    row, course = staffed(ctx, assignment_id, Permission.COURSE_EDIT)
    ctx.session.refresh(row, with_for_update={"key_share": True})
    return row, course


def owner_of(ctx: ReadCtx, assignment: Assignment, user_id: UUID) -> Owner:
    """Who hands in for `user_id`; NoGroup when it takes a group and they are in none."""
    if not assignment.grouped:
        return Owner(members=(user_id,), user_id=user_id)
    group = queries.group_of(ctx, assignment.id, user_id)
    if group is None:
        raise NoGroup()
    return Owner(members=tuple(queries.members(ctx, [group.id]).get(group.id, ())), group=group)


def dates_of(ctx: ReadCtx, assignment: Assignment, members: Sequence[UUID]) -> Dates:
    """The dates that hold for an owner. One statement."""
    return timing.dates_for(assignment, queries.extensions(ctx, assignment.id, members))


def members_of(ctx: ReadCtx, submission: Submission) -> tuple[UUID, ...]:
    """Whose work a submission is."""
    if submission.group_id is None:
        assert submission.user_id is not None
        return (submission.user_id,)
    return tuple(queries.members(ctx, [submission.group_id]).get(submission.group_id, ()))


def markable(ctx: ReadCtx, submission_id: UUID, *, lock: bool = False) -> tuple[Submission, Assignment, CourseCard]:
    """A submission that was handed in, for who marks in its course; SubmissionNotFound, or Forbidden for learners.

    `lock`: in a write context, so that one mark is written at a time.
    """
    wanted = select(Submission).where(Submission.id == submission_id, Submission.status == SubmissionStatus.SUBMITTED)
    if lock:
        wanted = wanted.with_for_update(key_share=True)
    row: Submission | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise SubmissionNotFound()
    try:
        assignment, course = staffed(ctx, row.assignment_id, Permission.ATTEMPT_GRADE)
    except AssignmentNotFound as error:
        raise SubmissionNotFound() from error
    return row, assignment, course
