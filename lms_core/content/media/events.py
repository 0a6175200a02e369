"""Facts about media."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class MediaReady(Event):
    """An item can be shown in lessons."""

    name: ClassVar[str] = "media.ready"
    course_id: UUID
    item_id: UUID


class MediaRefused(Event):
    """An upload was refused, or a film cannot be made; who sent it hears of it (variables: file, reason)."""

    name: ClassVar[str] = "media.refused"
    course_id: UUID


class UploadQuarantined(Event):
    """A virus was found in an upload; who sent it hears of it (variables: file, reason)."""

    name: ClassVar[str] = "media.quarantined"
    course_id: UUID
    upload_id: UUID
