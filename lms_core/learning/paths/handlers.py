"""Reactions: a completed course may open the next one of a path, or complete it."""

from sqlalchemy import select

from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on
from lms_core.learning.paths.models import LearningPath, PathCourse, PathEnrollment
from lms_core.learning.paths.service import settle
from lms_core.learning.progress.events import CourseCompleted


@on(CourseCompleted)
def go_on(ctx: WriteCtx, event: CourseCompleted) -> None:
    """Settle each path with this course that its learner follows, in one order."""
    wanted = (
        select(LearningPath)
        .join(PathCourse, PathCourse.path_id == LearningPath.id)
        .join(PathEnrollment, PathEnrollment.path_id == LearningPath.id)
        .where(PathCourse.course_id == event.course_id, PathEnrollment.user_id == event.user_id)
        .order_by(LearningPath.id)
    )
    for path in ctx.session.execute(wanted).scalars().all():
        settle(ctx, path, user_id=event.user_id)
