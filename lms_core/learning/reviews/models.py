"""The tables of reviews."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class ShownAs(StrEnum):
    """How a review names who wrote it."""

    FULL_NAME = "full_name"
    FIRST_NAME = "first_name"
    NOBODY = "nobody"


class Review(TenantOwned, table=True):
    """One person's opinion of a course. `hidden_at`: an administrator took it out of sight."""

    __tablename__ = "course_review"
    __table_args__ = (
        UniqueConstraint("user_id", "course_id"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        one_of("shown_as", ShownAs),
        Index("ix_course_review_of_course", "course_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    stars: int
    text: str = Field(default="", sa_type=Text)
    shown_as: ShownAs = Field(default=ShownAs.FIRST_NAME, sa_type=Text)
    reply: str = Field(default="", sa_type=Text)
    replied_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    replied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hidden_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hidden_reason: str = Field(default="", max_length=300)


class ReviewReport(TenantOwned, table=True):
    """That somebody who takes the course thinks a review should not be there."""

    __tablename__ = "course_review_report"

    review_id: UUID = Field(foreign_key="course_review.id", ondelete="CASCADE", primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True, index=True)
    reason: str = Field(default="", max_length=300)
    created_at: datetime = Field(sa_type=UtcDateTime)


class CourseRating(TenantOwned, table=True):
    """How many reviews gave a course so many stars: the bars on its page."""

    __tablename__ = "course_rating"

    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    ones: int = 0
    twos: int = 0
    threes: int = 0
    fours: int = 0
    fives: int = 0
