"""What happens to the index when lessons change."""

from lms_core.content.courses.events import CourseDeleted, LessonChanged, LessonDeleted
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on


@on(LessonChanged)
def index_changed_lesson(ctx: WriteCtx, event: LessonChanged) -> None:
    """Index the new text."""
    ctx.enqueue("ingestion.index_lesson", lesson_id=str(event.lesson_id))


@on(LessonDeleted)
def forget_deleted_lesson(ctx: WriteCtx, event: LessonDeleted) -> None:
    """Take the text out; its rows are gone already, so nothing of it can be shown."""
    ctx.enqueue("ingestion.forget_lesson", course_id=str(event.course_id), lesson_id=str(event.lesson_id))


@on(CourseDeleted)
def forget_deleted_course(ctx: WriteCtx, event: CourseDeleted) -> None:
    """Take all of its texts out; none of its lessons is announced one by one."""
    ctx.enqueue("ingestion.forget_course", course_id=str(event.course_id))
