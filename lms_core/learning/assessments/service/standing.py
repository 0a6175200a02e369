"""A person's standing result in a quiz, written down where rules of release and completion read it."""

from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import WriteCtx
from lms_core.learning.assessments import counting
from lms_core.learning.assessments.models import Attempt, AttemptStatus, Quiz
from lms_core.learning.progress import service as progress


def write_down(ctx: WriteCtx, quiz: Quiz, *, user_id: UUID) -> None:
    """The percentage that counts by the quiz's rule on several attempts, or that there is none any more."""
    marked = ctx.session.execute(
        select(Attempt.number, Attempt.percent).where(
            Attempt.quiz_id == quiz.id,
            Attempt.user_id == user_id,
            Attempt.status == AttemptStatus.GRADED,
            Attempt.voided_at.is_(None),
        )
    ).all()
    found = counting.result_of(marked, quiz.counts)
    percent = None if found is None else found.percent
    passed = percent is not None and percent >= quiz.passing_percent
    about = {"user_id": user_id, "course_id": quiz.course_id, "object_id": quiz.id}
    progress.note_result(ctx, **about, percent=percent, passed=passed)
