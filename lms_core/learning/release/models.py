"""The tables of release."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, and_, column
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id

_WHOLE_COURSE = and_(column("lesson_id").is_(None), column("module_id").is_(None))


class ConditionKind(StrEnum):
    """What a condition waits for."""

    DATE = "date"
    DAYS = "days"
    LESSON = "lesson"
    MODULE = "module"
    SCORE = "score"
    COURSE = "course"
    COHORT = "cohort"


class Combination(StrEnum):
    """Whether every condition of a rule has to be met, or one of them."""

    ALL = "all"
    ANY = "any"


class MilestoneKind(StrEnum):
    """What was reached: of a lesson, a course, or anything that is marked (a quiz, an assignment)."""

    LESSON = "lesson_completed"
    COURSE = "course_completed"
    SCORE = "score"
    PASSED = "passed"
    SUBMITTED = "submitted"
    MARKED = "marked"


class ReleasePlan(TenantOwned, table=True):
    """What holds for all rules of a course: the time zone its dates are meant in."""

    __tablename__ = "release_plan"

    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    time_zone: str = Field(default="Africa/Nairobi", max_length=64)


class ReleaseRule(TenantOwned, table=True):
    """The rule of a lesson, of a module, or (with neither) of the whole course."""

    __tablename__ = "release_rule"
    __table_args__ = (
        UniqueConstraint("lesson_id"),
        UniqueConstraint("module_id"),
        Index(
            "ix_release_rule_of_course",
            "course_id",
            unique=True,
            sqlite_where=_WHOLE_COURSE,
            postgresql_where=_WHOLE_COURSE,
        ),
        one_of("combination", Combination),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    module_id: UUID | None = Field(default=None, foreign_key="course_module.id", ondelete="CASCADE")
    lesson_id: UUID | None = Field(default=None, foreign_key="lesson.id", ondelete="CASCADE")
    combination: Combination = Field(default=Combination.ALL, sa_type=Text)


class ReleaseCondition(TenantOwned, table=True):
    """One condition of a rule. It goes with what it waits for, so that nobody waits for what is gone.

    `result_id` names something marked in a slice above, which withdraws it here when it is deleted; `title` is its
    name when the rule was written.
    """

    __tablename__ = "release_condition"
    __table_args__ = (
        one_of("kind", ConditionKind),
        CheckConstraint("days BETWEEN 0 AND 3650", name="days"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    rule_id: UUID = Field(foreign_key="release_rule.id", ondelete="CASCADE", index=True)
    position: int = 0
    kind: ConditionKind = Field(sa_type=Text)
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    days: int | None = None
    percent: int | None = None
    lesson_id: UUID | None = Field(default=None, foreign_key="lesson.id", ondelete="CASCADE", index=True)
    module_id: UUID | None = Field(default=None, foreign_key="course_module.id", ondelete="CASCADE", index=True)
    required_course_id: UUID | None = Field(default=None, foreign_key="course.id", ondelete="CASCADE", index=True)
    cohort_id: UUID | None = Field(default=None, foreign_key="cohort.id", ondelete="CASCADE", index=True)
    result_id: UUID | None = Field(default=None, index=True)
    title: str = Field(default="", max_length=300)


class Milestone(TenantOwned, table=True):
    """That a person reached something; `value` is a percentage where there is one."""

    __tablename__ = "milestone"
    __table_args__ = (
        Index("ix_milestone_course_kind", "course_id", "kind", "user_id"),
        one_of("kind", MilestoneKind),
    )

    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    kind: MilestoneKind = Field(sa_type=Text, primary_key=True)
    object_id: UUID = Field(primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    value: float | None = None
    at: datetime = Field(sa_type=UtcDateTime)


class Cohort(TenantOwned, table=True):
    """People who take a course together. Dates of rules come `shift_days` later (or earlier) for them."""

    __tablename__ = "cohort"
    __table_args__ = (UniqueConstraint("course_id", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    name: str = Field(max_length=100)
    starts_on: date | None = None
    ends_on: date | None = None
    shift_days: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)


class CohortMember(TenantOwned, table=True):
    """That somebody's place in a course is in a cohort: one at most, and gone with the place."""

    __tablename__ = "cohort_member"

    enrollment_id: UUID = Field(foreign_key="enrollment.id", ondelete="CASCADE", primary_key=True)
    cohort_id: UUID = Field(foreign_key="cohort.id", ondelete="CASCADE", index=True)


class CohortDate(TenantOwned, table=True):
    """A cohort's own date for a condition, in place of the common one."""

    __tablename__ = "cohort_date"

    cohort_id: UUID = Field(foreign_key="cohort.id", ondelete="CASCADE", primary_key=True)
    condition_id: UUID = Field(foreign_key="release_condition.id", ondelete="CASCADE", primary_key=True, index=True)
    at: datetime = Field(sa_type=UtcDateTime)


class CompletionRule(TenantOwned, table=True):
    """When a lesson is complete: all that is set here. A lesson without a row is complete when its learner says so."""

    __tablename__ = "completion_rule"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 1 AND 600", name="minutes"),
        CheckConstraint("video_percent BETWEEN 1 AND 100", name="video_percent"),
    )

    lesson_id: UUID = Field(foreign_key="lesson.id", ondelete="CASCADE", primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    by_learner: bool = False
    viewed: bool = False
    minutes: int | None = None
    video_percent: int | None = None
    passed_id: UUID | None = Field(default=None, index=True)
    submitted_id: UUID | None = Field(default=None, index=True)
    marked_id: UUID | None = Field(default=None, index=True)
    title: str = Field(default="", max_length=300)


class ReleaseTold(TenantOwned, table=True):
    """Until when somebody was told what opened for them."""

    __tablename__ = "release_told"

    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
