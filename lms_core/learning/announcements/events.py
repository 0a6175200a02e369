"""Facts about announcements."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class AnnouncementPosted(Event):
    """An announcement is sent; one fact for each batch of the people who are told."""

    name: ClassVar[str] = "announcements.posted"
    announcement_id: UUID
    course_id: UUID
