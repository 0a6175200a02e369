"""The table of passkeys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class Passkey(TenantOwned, table=True):
    """One credential. `credential_id` (base64url) and `public_key` (COSE) are what the device gave."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("tenant_id", "credential_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=80)
    credential_id: str = Field(max_length=1400)
    public_key: bytes
    sign_count: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
