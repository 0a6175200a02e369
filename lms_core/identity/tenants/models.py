"""The tenant table."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from lms_core.kit.db import UtcDateTime
from lms_core.kit.ids import new_id


class Tenant(SQLModel, table=True):
    """An institution. `host` (lower case, without port) names it in a request; empty: the default one."""

    __tablename__ = "tenant"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(max_length=60, unique=True)
    name: str = Field(max_length=200)
    host: str = Field(default="", max_length=200, index=True)
    language: str = Field(default="en", max_length=10)
    created_at: datetime = Field(sa_type=UtcDateTime)
