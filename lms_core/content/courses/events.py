"""Facts about courses and lessons; the index, among others, reacts to them."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class CoursePublished(Event):
    """A course is in the catalogue now."""

    name: ClassVar[str] = "courses.published"
    course_id: UUID


class CourseArchived(Event):
    """A course left the catalogue."""

    name: ClassVar[str] = "courses.archived"
    course_id: UUID


class CourseDeleted(Event):
    """A course and everything in it is gone."""

    name: ClassVar[str] = "courses.deleted"
    course_id: UUID


class LessonChanged(Event):
    """A lesson is new, says something else, is titled otherwise, or became visible or hidden."""

    name: ClassVar[str] = "courses.lesson_changed"
    course_id: UUID
    lesson_id: UUID
    version_id: UUID


class LessonMoved(Event):
    """A lesson stands elsewhere in its course."""

    name: ClassVar[str] = "courses.lesson_moved"
    course_id: UUID
    lesson_id: UUID


class LessonDeleted(Event):
    """A lesson is gone."""

    name: ClassVar[str] = "courses.lesson_deleted"
    course_id: UUID
    lesson_id: UUID
