"""How audit entries are shown."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class AuditLine(BaseModel):
    """One thing done, as administrators read it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    actor_id: UUID | None
    action: str
    object_type: str
    object_id: UUID | None
    details: dict[str, Any]
    ip: str
    request_id: str
