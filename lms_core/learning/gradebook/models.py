"""The tables of the gradebook."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, Text, UniqueConstraint, column
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id
from lms_core.learning.gradebook.totals import Aggregation, Empty


class ItemKind(StrEnum):
    """Where the marks of a column come from."""

    QUIZ = "quiz"
    ASSIGNMENT = "assignment"
    MANUAL = "manual"


class ChangeKind(StrEnum):
    """What a line of the history is about. `source`: a quiz gave the mark, not a person."""

    MARK = "mark"
    OVERRIDE = "override"
    SOURCE = "source"
    EXCUSED = "excused"
    LOCKED = "locked"
    COMMENT = "comment"
    SETUP = "setup"


class GradeScale(TenantOwned, table=True):
    """An institution's own letters. `bands` as `schemas.Band`, highest first; `is_default` for at most one."""

    __tablename__ = "grade_scale"
    __table_args__ = (
        UniqueConstraint("tenant_id", "name"),
        Index(
            "ix_grade_scale_default",
            "tenant_id",
            unique=True,
            sqlite_where=column("is_default"),
            postgresql_where=column("is_default"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=80)
    bands: list[dict[str, Any]] = Field(sa_type=JSON)
    is_default: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)


class Gradebook(TenantOwned, table=True):
    """How a course's total is made: the rules of its outermost level, and its letters (own scale, preset, or none)."""

    __tablename__ = "gradebook"
    __table_args__ = (
        UniqueConstraint("course_id"),
        one_of("aggregation", Aggregation),
        one_of("empty", Empty),
        CheckConstraint("drop_lowest >= 0", name="drop_lowest"),
        CheckConstraint("keep_highest > 0", name="keep_highest"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    aggregation: Aggregation = Field(default=Aggregation.NATURAL, sa_type=Text)
    empty: Empty = Field(default=Empty.IGNORED, sa_type=Text)
    drop_lowest: int = 0
    keep_highest: int | None = None
    show_total: bool = True
    preset: str = Field(default="", max_length=20)
    scale_id: UUID | None = Field(default=None, foreign_key="grade_scale.id", ondelete="SET NULL", index=True)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class GradeCategory(TenantOwned, table=True):
    """Columns that are counted together. `weight` counts where the level above is weighted."""

    __tablename__ = "grade_category"
    __table_args__ = (
        UniqueConstraint("course_id", "name"),
        one_of("aggregation", Aggregation),
        one_of("empty", Empty),
        CheckConstraint("weight >= 0", name="weight"),
        CheckConstraint("drop_lowest >= 0", name="drop_lowest"),
        CheckConstraint("keep_highest > 0", name="keep_highest"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    parent_id: UUID | None = Field(default=None, foreign_key="grade_category.id", ondelete="SET NULL", index=True)
    name: str = Field(max_length=120)
    position: int = 0
    weight: float = 1.0
    aggregation: Aggregation = Field(default=Aggregation.NATURAL, sa_type=Text)
    empty: Empty = Field(default=Empty.IGNORED, sa_type=Text)
    drop_lowest: int = 0
    keep_highest: int | None = None


class GradeItem(TenantOwned, table=True):
    """A column. Of a source, `title` and `due_at` are the source's own and `maximum` None means the source's points."""

    __tablename__ = "grade_item"
    __table_args__ = (
        UniqueConstraint("course_id", "kind", "source_id"),
        one_of("kind", ItemKind),
        CheckConstraint("maximum > 0", name="maximum"),
        CheckConstraint("weight >= 0", name="weight"),
        CheckConstraint("kind != 'manual' OR maximum IS NOT NULL", name="manual_maximum"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    category_id: UUID | None = Field(default=None, foreign_key="grade_category.id", ondelete="SET NULL", index=True)
    kind: ItemKind = Field(sa_type=Text)
    source_id: UUID | None = None
    title: str = Field(default="", max_length=300)
    maximum: float | None = None
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    weight: float = 1.0
    position: int = 0
    extra_credit: bool = False
    excluded: bool = False
    hidden: bool = False
    locked: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)


class Grade(TenantOwned, table=True):
    """What one learner has in one column: `earned` of `out_of` as marked, and what a person put in its place."""

    __tablename__ = "grade"
    __table_args__ = (
        UniqueConstraint("item_id", "user_id"),
        Index("ix_grade_course_user", "course_id", "user_id"),
        CheckConstraint("earned >= 0 AND earned <= out_of AND out_of > 0", name="earned"),
        CheckConstraint("override >= 0 AND override <= override_of AND override_of > 0", name="override"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    item_id: UUID = Field(foreign_key="grade_item.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    earned: float | None = None
    out_of: float | None = None
    marked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    override: float | None = None
    override_of: float | None = None
    excused: bool = False
    locked: bool = False
    comment: str = Field(default="", sa_type=Text)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class GradeChange(TenantOwned, table=True):
    """A line of the history. `by` None: the service itself. `item_id` and `user_id` None: about the setup."""

    __tablename__ = "grade_change"
    __table_args__ = (one_of("what", ChangeKind), Index("ix_grade_change_course", "course_id", "id"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    item_id: UUID | None = Field(default=None, foreign_key="grade_item.id", ondelete="SET NULL", index=True)
    user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="CASCADE", index=True)
    by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    what: ChangeKind = Field(sa_type=Text)
    subject: str = Field(default="", max_length=300)
    before: str = Field(default="", sa_type=Text)
    after: str = Field(default="", sa_type=Text)
    reason: str = Field(default="", max_length=500)
