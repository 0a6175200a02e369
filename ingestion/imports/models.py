"""The table of imports."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id


class ImportStatus(StrEnum):
    """Where an import stands: waiting, reading files, storing lessons, stored (being indexed), or ended."""

    QUEUED = "queued"
    READING = "reading"
    STORING = "storing"
    STORED = "stored"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Import(TenantOwned, table=True):
    """One import. `files` maps the path inside the course to the storage key.

    `failures` hold path, code and reason; what a package could not carry has the code `not_carried` and a `what` too.
    """

    __tablename__ = "import"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    course_id: UUID | None = Field(default=None, foreign_key="course.id", index=True, ondelete="CASCADE")
    into_course: bool = False  # the files were put on an existing course's page
    name: str = Field(max_length=300)
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    files: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    status: ImportStatus = Field(default=ImportStatus.QUEUED, max_length=12, sa_type=Text)
    job_id: UUID | None = None
    read_done: int = 0
    read_total: int = 0
    current: str = Field(default="", max_length=500)
    kind: str = Field(default="", max_length=30)
    modules: int = 0
    lesson_ids: list[str] = Field(default_factory=list, sa_type=JSON)
    failures: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
