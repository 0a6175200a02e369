"""What somebody reached with an assignment, written down where rules of release and completion read it."""

from collections.abc import Sequence
from uuid import UUID

from lms_core.kit.context import WriteCtx
from lms_core.learning.assignments.models import Assignment, SubmissionMark
from lms_core.learning.progress import service as progress
from lms_core.learning.release.models import MilestoneKind

PASSING_PERCENT = 50.0  # where quizzes begin, too; an assignment has no threshold of its own


def note_submitted(ctx: WriteCtx, assignment: Assignment, members: Sequence[UUID]) -> None:
    """These learners handed the assignment in."""
    about = {"course_id": assignment.course_id, "object_id": assignment.id}
    for user_id in members:
        progress.note_reached(ctx, user_id=user_id, **about, kind=MilestoneKind.SUBMITTED)


def note_marked(ctx: WriteCtx, assignment: Assignment, mark: SubmissionMark, *, user_id: UUID) -> None:
    """A learner has a released mark: its percentage, and whether that passes."""
    assert mark.points is not None
    percent = round(100 * mark.points / mark.maximum, 2)
    about = {"user_id": user_id, "course_id": assignment.course_id, "object_id": assignment.id}
    progress.note_result(ctx, **about, percent=percent, passed=percent >= PASSING_PERCENT)
    progress.note_reached(ctx, **about, kind=MilestoneKind.MARKED, value=percent)
