"""Facts about looking at pictures."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class SnapshotsAnalysed(Event):
    """Pictures of a session were looked at, or given up; one fact per session and batch."""

    name: ClassVar[str] = "proctoring.snapshots_analysed"
    session_id: UUID
    quiz_id: UUID
    snapshot_ids: tuple[UUID, ...]
