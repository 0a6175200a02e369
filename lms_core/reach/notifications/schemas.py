"""Views of notifications."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class NotificationView(BaseModel):
    """What the reader is told, in the language of the interface; `path` is the page of this site it leads to."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: str
    title: str
    text: str
    path: str
    created_at: datetime
    read_at: datetime | None


class Unread(BaseModel):
    """How many notifications wait to be read."""

    model_config = ConfigDict(frozen=True)

    unread: int
