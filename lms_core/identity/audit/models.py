"""The audit table."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class AuditEntry(TenantOwned, table=True):
    """One thing done. `actor_id` None: a visitor or the system. No foreign keys: entries outlive what they name.

    `impersonator_id`: the administrator who acted as that person.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_object", "tenant_id", "object_type", "object_id"),
        Index("ix_audit_entry_at", "tenant_id", "at"),
        Index("ix_audit_entry_actor", "actor_id"),
        Index("ix_audit_entry_impersonator", "impersonator_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    actor_id: UUID | None = None
    impersonator_id: UUID | None = None
    action: str = Field(max_length=80)
    object_type: str = Field(default="", max_length=40)
    object_id: UUID | None = None
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    ip: str = Field(default="", max_length=45)
    request_id: str = Field(default="", max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)
