"""The table of data exports."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class ExportStatus(StrEnum):
    """Where an export stands."""

    QUEUED = "queued"
    READY = "ready"
    EXPIRED = "expired"


class DataExport(TenantOwned, table=True):
    """One archive of a person's data; `storage_key` is set while it is kept."""

    __tablename__ = "data_export"
    __table_args__ = (
        Index("ix_data_export_user_requested", "user_id", "requested_at"),
        one_of("status", ExportStatus),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    status: ExportStatus = Field(default=ExportStatus.QUEUED, sa_type=Text)
    storage_key: str = Field(default="", max_length=300)
    size: int = 0
    requested_at: datetime = Field(sa_type=UtcDateTime)
    ready_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
