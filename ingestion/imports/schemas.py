"""What goes in and out of imports."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints

State = Literal["queued", "reading", "indexing", "done", "failed", "cancelled"]


class ImportOptions(BaseModel):
    """What the instructor said about the files; empty means: find out from them."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    slug: Annotated[str, StringConstraints(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$", max_length=80)] = ""
    language: Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3})?$")] = ""
    publish: bool = False


class FailureView(BaseModel):
    """A file that did not become a lesson: why, and what to do."""

    path: str
    code: str
    reason: str


class ImportView(BaseModel):
    """An import as its page shows it. `done` of `total` counts files while reading, lessons while indexing."""

    id: UUID
    name: str
    status: State
    course_id: UUID | None
    slug: str | None
    kind: str
    done: int
    total: int
    current: str
    modules: int
    lessons: int
    documents: int
    chunks: int
    failed: list[FailureView]
    seconds: float
    created_at: datetime
