"""The table of deletions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, column
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id

PENDING = column("cancelled_at").is_(None) & column("done_at").is_(None)


class AccountDeletion(TenantOwned, table=True):
    """That an account is to be deleted at `due_at`; pending until it is cancelled or done."""

    __tablename__ = "account_deletion"
    __table_args__ = (
        Index("uq_account_deletion_pending", "user_id", unique=True, sqlite_where=PENDING, postgresql_where=PENDING),
        Index("ix_account_deletion_due", "due_at", sqlite_where=PENDING, postgresql_where=PENDING),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    requested_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    requested_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
