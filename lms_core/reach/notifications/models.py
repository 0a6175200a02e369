"""The tables of notifications."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class Channel(StrEnum):
    """A way to somebody outside the application."""

    EMAIL = "email"


class DeliveryState(StrEnum):
    """How far a delivery is: waiting, done, left out for a reason, or given up."""

    QUEUED = "queued"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


class Notification(TenantOwned, table=True):
    """Something one person is told. The words are made when it is read, from `kind` and `variables`."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_of_user", "user_id", "id"),
        Index("ix_notification_unread", "user_id", "read_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    kind: str = Field(max_length=80)
    variables: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NotificationDelivery(TenantOwned, table=True):
    """One notification on its way through one channel. `error`: why it was skipped or failed, for administrators."""

    __tablename__ = "notification_delivery"
    __table_args__ = (
        UniqueConstraint("notification_id", "channel"),
        one_of("channel", Channel),
        one_of("state", DeliveryState),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    notification_id: UUID = Field(foreign_key="notification.id", ondelete="CASCADE")
    channel: Channel = Field(sa_type=Text)
    state: DeliveryState = Field(default=DeliveryState.QUEUED, sa_type=Text)
    error: str = Field(default="", max_length=300)
    updated_at: datetime = Field(sa_type=UtcDateTime)
