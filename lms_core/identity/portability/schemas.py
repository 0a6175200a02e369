"""How exports are shown."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class ExportView(BaseModel):
    """One archive of one's data. `size` in bytes, 0 until it is ready."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    status: str
    size: int
    requested_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
