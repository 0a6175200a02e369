"""Reactions: what learners handed in goes with its course."""

from lms_core.content.courses.events import CourseDeleted
from lms_core.content.files import service as files
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on
from lms_core.learning.assignments.drawers import drawer_of


@on(CourseDeleted)
def empty_drawer(ctx: WriteCtx, event: CourseDeleted) -> None:
    """Drop the files of every submission in a deleted course; its rows went with it."""
    files.remove(ctx, owner_id=drawer_of(event.course_id))
