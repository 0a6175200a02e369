"""The table of deletion requests."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime


class DeletionRequest(TenantOwned, table=True):
    """That a taker asked for the deletion of a session's pictures, and what was decided."""

    __tablename__ = "proctor_deletion_request"

    session_id: UUID = Field(foreign_key="proctor_session.id", ondelete="CASCADE", primary_key=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    granted: bool | None = None
    reason: str = Field(default="", max_length=500)
    decided_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
