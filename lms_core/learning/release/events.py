"""Facts about release."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class LessonsReleased(Event):
    """A date came and opened lessons for a person. At most one of these a day for each."""

    name: ClassVar[str] = "release.lessons_released"
    user_id: UUID
    course_ids: tuple[UUID, ...]
    lesson_ids: tuple[UUID, ...]
