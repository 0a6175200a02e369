"""Facts about copies. The end of one carries a Notice for whoever asked (variables: course, slug, reason)."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class CourseCopied(Event):
    """A copy is whole. `quizzes` says by which new quiz each old one is copied, for what knows quizzes from above."""

    name: ClassVar[str] = "copying.copied"
    source_id: UUID
    target_id: UUID
    quizzes: dict[UUID, UUID]


class CopyFailed(Event):
    """A copy could not be made; its draft is empty."""

    name: ClassVar[str] = "copying.failed"
    source_id: UUID | None
    target_id: UUID


class CopyReady(Event):
    """The texts of a copy are rendered: its pages are as fast as any."""

    name: ClassVar[str] = "copying.ready"
    target_id: UUID
