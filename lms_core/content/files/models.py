"""The asset table."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class Asset(TenantOwned, table=True):
    """A stored file. `owner_id` has no foreign key: this slice does not know what owns it."""

    __tablename__ = "asset"
    __table_args__ = (UniqueConstraint("owner_id", "path"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner_id: UUID
    path: str = Field(max_length=500)
    media_type: str = Field(max_length=100)
    size: int = Field(sa_type=BigInteger)
    sha256: str = Field(max_length=64)
    storage_key: str = Field(max_length=300, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
