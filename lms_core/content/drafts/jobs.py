"""Background work of drafts: lessons that were published together get their pages, a few at a time."""

from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.drafts.service import RENDER
from lms_core.kit.context import Work
from lms_core.kit.jobs import job

AT_ONCE = 5


@job(RENDER)
def render(work: Work, *, course_id: str) -> None:
    """Render what is pending in a course; until then its pages cost their rendering each time."""
    while True:
        work.check_stop()
        with work.write() as ctx:
            try:
                done = courses.render_pending(ctx, UUID(course_id), limit=AT_ONCE)
            except CourseNotFound:  # deleted meanwhile
                return
        if not done:
            return
