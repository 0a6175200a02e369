"""How audit entries are chosen and shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; what is left empty is not asked about.

    `action`: that one, or all that begin with it and a dot. `person_id`: who did it, in whose name it was done, or to
    whom. Times: from `since` on, before `until`.
    """

    action: str = ""
    actor_id: UUID | None = None
    person_id: UUID | None = None
    object_type: str = ""
    object_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLine(BaseModel):
    """One thing done, as administrators read it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    actor_id: UUID | None
    impersonator_id: UUID | None
    action: str
    object_type: str
    object_id: UUID | None
    details: dict[str, Any]
    ip: str
    request_id: str
