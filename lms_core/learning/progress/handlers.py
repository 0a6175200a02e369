"""Reactions: what was seen of a lesson's video may complete it."""

from lms_core.content.courses.errors import LessonNotFound
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on
from lms_core.learning.progress import service as progress
from lms_core.learning.viewing.events import VideoWatched


@on(VideoWatched)
def note_watched(ctx: WriteCtx, event: VideoWatched) -> None:
    """Write down how much was watched; a lesson that is gone by now wants nothing."""
    try:
        progress.note_watched(ctx, event.lesson_id, user_id=event.user_id, percent=event.percent)
    except LessonNotFound:
        return
