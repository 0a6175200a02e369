"""Facts about viewing; rules of completion react to them."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class VideoWatched(Event):
    """A person has really seen so much of a lesson's video; of several, of the one they saw the least of.

    Told at every five percent of the video `item_id`, at 100 too.
    """

    name: ClassVar[str] = "viewing.video_watched"
    user_id: UUID
    course_id: UUID
    lesson_id: UUID
    item_id: UUID
    percent: int
