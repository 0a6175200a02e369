"""Facts about learning paths."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class PathEnrolled(Event):
    """A person follows a path now."""

    name: ClassVar[str] = "paths.enrolled"
    user_id: UUID
    path_id: UUID


class PathCompleted(Event):
    """A person completed every required course of a path. Carries a Notice (variables: path, slug)."""

    name: ClassVar[str] = "paths.completed"
    user_id: UUID
    path_id: UUID
