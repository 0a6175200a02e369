"""Facts about enrolments."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class Enrolled(Event):
    """A person is in a course now."""

    name: ClassVar[str] = "enrolments.enrolled"
    user_id: UUID
    course_id: UUID


class EnrollmentLeft(Event):
    """A person left a course."""

    name: ClassVar[str] = "enrolments.left"
    user_id: UUID
    course_id: UUID
