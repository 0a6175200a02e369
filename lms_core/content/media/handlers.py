"""Reactions: a deleted course leaves nothing in storage."""

from lms_core.content.courses.events import CourseDeleted
from lms_core.content.media import names
from lms_core.content.media.service.receiving import DISCARD_FOLDERS
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on


@on(CourseDeleted)
def discard_course(ctx: WriteCtx, event: CourseDeleted) -> None:
    """Have the course's uploads and items removed; their rows went with the course's."""
    ctx.enqueue(DISCARD_FOLDERS, prefixes=list(names.course_folders(ctx.tenant_id, event.course_id)))
