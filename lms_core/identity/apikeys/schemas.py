"""Inputs and views of API keys."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from lms_core.identity.accounts.schemas import FullName
from lms_core.kit.permissions import Permission

MAXIMUM_DAYS = 365


class NewApiKey(BaseModel):
    """What a key is called, what it may do, and for how long."""

    name: Annotated[FullName, Field(max_length=80)]
    scopes: Annotated[set[Permission], Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=MAXIMUM_DAYS)] = 90


class ApiKeyView(BaseModel):
    """A key without its secret."""

    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class MadeApiKey(ApiKeyView):
    """A key just made; `key` is shown this once."""

    key: str
