"""The tables of learning paths."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class PathStatus(StrEnum):
    """Whether learners find a path."""

    DRAFT = "draft"
    PUBLISHED = "published"


class LearningPath(TenantOwned, table=True):
    """A path. `sequential`: each course opens when those before it are completed. `cover`: SHA-256 of its picture."""

    __tablename__ = "learning_path"
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        Index("ix_learning_path_catalogue", "tenant_id", "status", "id"),
        one_of("status", PathStatus),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(max_length=80)
    title: str = Field(max_length=200)
    summary: str = Field(default="", sa_type=Text)
    language: str = Field(default="en", max_length=35)
    status: PathStatus = Field(default=PathStatus.DRAFT, sa_type=Text)
    sequential: bool = False
    cover: str = Field(default="", max_length=64)
    cover_alt: str = Field(default="", max_length=300)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    search_text: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class PathCourse(TenantOwned, table=True):
    """A course in its place on a path; an `optional` one is not needed to complete it."""

    __tablename__ = "path_course"

    path_id: UUID = Field(foreign_key="learning_path.id", ondelete="CASCADE", primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True, index=True)
    position: int = 0
    optional: bool = False


class PathEnrollment(TenantOwned, table=True):
    """That somebody follows a path, and since when it is completed."""

    __tablename__ = "path_enrollment"
    __table_args__ = (UniqueConstraint("user_id", "path_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    path_id: UUID = Field(foreign_key="learning_path.id", ondelete="CASCADE", index=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    enrolled_at: datetime = Field(sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
