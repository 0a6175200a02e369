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
    new: bool = False  # a course of its own, also where the files name one that is there


class FailureView(BaseModel):
    """A file that did not become a lesson: why, and what to do."""

    path: str
    code: str
    reason: str


class NotCarriedView(BaseModel):
    """Something of a course package that stayed behind: where it was, what it is, why, and what to do."""

    where: str
    what: str
    why: str


class ImportView(BaseModel):
    """An import as its page shows it. `done` of `total` counts files while reading, lessons while indexing.

    `updated`: the course was there before. `missing_pictures`: shown by lessons, but not among the files.
    `not_carried`: what of a course package did not become part of the course.
    """

    id: UUID
    name: str
    status: State
    course_id: UUID | None
    slug: str | None
    updated: bool
    kind: str
    done: int
    total: int
    current: str
    modules: int
    lessons: int
    documents: int
    chunks: int
    failed: list[FailureView]
    missing_pictures: list[FailureView]
    not_carried: list[NotCarriedView]
    seconds: float
    created_at: datetime
