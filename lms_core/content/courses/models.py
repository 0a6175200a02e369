"""The tables of courses."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class CourseStatus(StrEnum):
    """Where a course stands. Archived: gone from the catalogue, still readable by those enrolled."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class CourseAccess(StrEnum):
    """How somebody comes to be enrolled."""

    OPEN = "open"
    INVITE = "invite"
    PURCHASE = "purchase"


class LessonStatus(StrEnum):
    """Whether learners see a lesson of a published course."""

    DRAFT = "draft"
    PUBLISHED = "published"


class LessonKind(StrEnum):
    """What a lesson asks of its reader."""

    LESSON = "lesson"
    ASSIGNMENT = "assignment"
    QUIZ = "quiz"


class CoverFocus(StrEnum):
    """The part of a cover that stays visible when the picture is cropped."""

    CENTER = "center"
    TOP = "top"
    BOTTOM = "bottom"
    LEFT = "left"
    RIGHT = "right"
    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


class Category(TenantOwned, table=True):
    """A shelf of the catalogue, perhaps inside another. `position` orders it among those beside it."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(max_length=60)
    name: str = Field(max_length=100)
    parent_id: UUID | None = Field(default=None, foreign_key="category.id", ondelete="SET NULL", index=True)
    position: int = 0


class Tag(TenantOwned, table=True):
    """A word courses are found by. `name` is as written first, `slug` what makes two the same."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(max_length=60)
    name: str = Field(max_length=60)


UNRATED = 3_500  # where a course stands that nobody has rated


class Course(TenantOwned, table=True):
    """A course. `lesson_count` and `minutes` sum its published lessons, translations not counted.

    `required_count` are those of them that completing the course asks for. `has_rules` says that what learners may
    open, or when a lesson is complete, depends on more than being enrolled; who reads a course without rules pays
    nothing for those of others. A `template` is copied, never published. `rating_count` and `rating_total` (stars) sum
    what learners gave it; `rating_rank` is its place in a list by rating, in thousandths of a star.
    """

    __tablename__ = "course"
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        Index("ix_course_catalogue", "tenant_id", "status", "id"),
        Index("ix_course_facets", "tenant_id", "status", "category_id", "language"),
        Index("ix_course_by_rating", "tenant_id", "status", "rating_rank", "id"),
        one_of("status", CourseStatus),
        one_of("access", CourseAccess),
        one_of("cover_focus", CoverFocus),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(max_length=80)
    title: str = Field(max_length=200)
    summary: str = Field(default="", sa_type=Text)
    language: str = Field(default="en", max_length=35)
    status: CourseStatus = Field(default=CourseStatus.DRAFT, sa_type=Text)
    access: CourseAccess = Field(default=CourseAccess.OPEN, sa_type=Text)
    kind: str = Field(default="authored", max_length=40)
    category_id: UUID | None = Field(default=None, foreign_key="category.id", ondelete="SET NULL", index=True)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    cover: str = Field(default="", max_length=500)
    cover_alt: str = Field(default="", max_length=300)
    cover_focus: CoverFocus = Field(default=CoverFocus.CENTER, sa_type=Text)
    template: bool = False
    search_text: str = Field(default="", sa_type=Text)
    lesson_count: int = 0
    required_count: int = 0
    minutes: int = 0
    has_rules: bool = False
    rating_count: int = 0
    rating_total: int = 0
    rating_rank: int = UNRATED
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class CourseTag(TenantOwned, table=True):
    """That a course carries a tag, `position` telling the order the author gave."""

    __tablename__ = "course_tag"

    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    tag_id: UUID = Field(foreign_key="tag.id", ondelete="CASCADE", primary_key=True, index=True)
    position: int = 0


class Module(TenantOwned, table=True):
    """A titled run of lessons."""

    __tablename__ = "course_module"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    position: int
    title: str = Field(max_length=200)
    summary: str = Field(default="", sa_type=Text)


class Lesson(TenantOwned, table=True):
    """A lesson in its place. `version` is the number of its current `LessonVersion`.

    An `optional` one is not needed to complete the course.
    """

    __tablename__ = "lesson"
    __table_args__ = (
        UniqueConstraint("course_id", "source_path"),
        one_of("status", LessonStatus),
        one_of("kind", LessonKind),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    module_id: UUID = Field(foreign_key="course_module.id", ondelete="CASCADE", index=True)
    position: int
    title: str = Field(max_length=300)
    source_path: str | None = Field(default=None, max_length=500)
    kind: LessonKind = Field(default=LessonKind.LESSON, sa_type=Text)
    status: LessonStatus = Field(default=LessonStatus.PUBLISHED, sa_type=Text)
    language: str = Field(default="en", max_length=35)
    translation_of_id: UUID | None = Field(default=None, foreign_key="lesson.id", ondelete="SET NULL", index=True)
    version: int = 1
    minutes: int = 1
    optional: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class LessonVersion(TenantOwned, table=True):
    """What a lesson said at one time. `html`, `text` and `outline` are derived from `body`; None: pending."""

    __tablename__ = "lesson_version"
    __table_args__ = (UniqueConstraint("lesson_id", "number"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    lesson_id: UUID = Field(foreign_key="lesson.id", ondelete="CASCADE")
    number: int
    title: str = Field(max_length=300)
    body: str = Field(sa_type=Text)
    text_hash: str = Field(max_length=64)
    html: str | None = Field(default=None, sa_type=Text)
    text: str | None = Field(default=None, sa_type=Text)
    outline: list[dict[str, Any]] | None = Field(default=None, sa_type=JSON)
    note: str = Field(default="", max_length=300)
    author_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
