"""Facts about learning."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class LessonCompleted(Event):
    """A person marked a lesson as done."""

    name: ClassVar[str] = "progress.lesson_completed"
    user_id: UUID
    course_id: UUID
    lesson_id: UUID


class CourseCompleted(Event):
    """A person has done every lesson of a course."""

    name: ClassVar[str] = "progress.course_completed"
    user_id: UUID
    course_id: UUID
