"""Facts about grades."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class GradeChanged(Event):
    """What a learner has in a column is another now. With a Notice when a person changed what the learner sees."""

    name: ClassVar[str] = "gradebook.grade_changed"
    course_id: UUID
    item_id: UUID
    user_id: UUID
    percent: float | None
