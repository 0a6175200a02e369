"""Inputs and views of deletions."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class DeletionView(BaseModel):
    """A deletion to come."""

    model_config = ConfigDict(from_attributes=True)

    requested_at: datetime
    due_at: datetime
