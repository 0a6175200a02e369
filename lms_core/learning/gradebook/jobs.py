"""Scheduled work: courses whose quizzes have no column yet, as after an update, get their gradebook built."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import Work, system_actor
from lms_core.kit.jobs import every, job
from lms_core.learning.gradebook.models import GradeItem
from lms_core.learning.gradebook.service.feeding import rebuild_course
from lms_core.learning.gradebook.sources import SOURCES

REBUILD = "gradebook.rebuild"


@job(REBUILD)
def rebuild(work: Work, *, course_id: str) -> None:
    """Read every source of a course again."""
    with work.write() as ctx:
        rebuild_course(ctx, UUID(course_id))


@every(timedelta(hours=1), "gradebook.catch_up")
def catch_up(work: Work) -> None:
    """Ask for a rebuild of each course with a published quiz that is no column."""
    behind: set[tuple[UUID, UUID]] = set()
    with work.read() as view:
        for kind, source in SOURCES.items():
            known = list(view.session.execute(select(GradeItem.source_id).where(GradeItem.kind == kind)).scalars())
            behind.update(source.unfollowed(view, known))
    for tenant_id, course_id in sorted(behind):
        with work.database.write(system_actor(tenant_id)) as ctx:
            ctx.enqueue(REBUILD, course_id=str(course_id))
