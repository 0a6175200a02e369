"""The tables of assignments."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class AssignmentStatus(StrEnum):
    """Whether learners see an assignment."""

    DRAFT = "draft"
    PUBLISHED = "published"


class LateRule(StrEnum):
    """What becomes of work handed in after it was due, up to the cut-off."""

    NONE = "none"
    REFUSE = "refuse"
    PERCENT = "percent"


class FileKind(StrEnum):
    """Kinds of files that an assignment takes, told from their bytes."""

    PDF = "pdf"
    TEXT = "text"
    DOCUMENT = "document"
    IMAGE = "image"
    ARCHIVE = "archive"
    AUDIO = "audio"
    VIDEO = "video"
    WEB = "web"


class SchemeKind(StrEnum):
    """A rubric has levels to choose from; a marking guide has a maximum for each criterion."""

    RUBRIC = "rubric"
    GUIDE = "guide"


class SubmissionStatus(StrEnum):
    """Whether an attempt was handed in."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


class MarkingScheme(TenantOwned, table=True):
    """A rubric or marking guide of a course; `criteria` as `schemas.Criterion`."""

    __tablename__ = "marking_scheme"
    __table_args__ = (one_of("kind", SchemeKind),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    title: str = Field(max_length=200)
    kind: SchemeKind = Field(sa_type=Text)
    criteria: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Assignment(TenantOwned, table=True):
    """An assignment and its rules. `file_kinds` empty: any; `attempts_allowed` None: as many as they like.

    `late_percent` of the points earned goes for each day begun, down to `late_floor` percent of them.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        one_of("status", AssignmentStatus),
        one_of("late_rule", LateRule),
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("late_percent BETWEEN 0 AND 100", name="late_percent"),
        CheckConstraint("late_floor BETWEEN 0 AND 100", name="late_floor"),
        CheckConstraint("attempts_allowed > 0", name="attempts_allowed"),
        Index("ix_assignment_due", "status", "due_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    lesson_id: UUID | None = Field(default=None, foreign_key="lesson.id", ondelete="SET NULL", index=True)
    scheme_id: UUID | None = Field(default=None, foreign_key="marking_scheme.id", ondelete="SET NULL", index=True)
    title: str = Field(max_length=300)
    instructions: str = Field(default="", sa_type=Text)
    status: AssignmentStatus = Field(default=AssignmentStatus.DRAFT, sa_type=Text)
    points: float = 100.0
    opens_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cutoff_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    takes_text: bool = True
    takes_files: bool = False
    file_kinds: list[str] = Field(default_factory=list, sa_type=JSON)
    files_allowed: int = 5
    file_megabytes: int = 10
    attempts_allowed: int | None = None
    late_rule: LateRule = Field(default=LateRule.NONE, sa_type=Text)
    late_percent: float = 10.0
    late_floor: float = 50.0
    grouped: bool = False
    anonymous: bool = False
    reviews: int = 0
    reviews_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reviews_drawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class AssignmentGroup(TenantOwned, table=True):
    """Learners who hand in one submission together."""

    __tablename__ = "assignment_group"
    __table_args__ = (UniqueConstraint("assignment_id", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    assignment_id: UUID = Field(foreign_key="assignment.id", ondelete="CASCADE")
    name: str = Field(max_length=100)


class GroupMember(TenantOwned, table=True):
    """That a learner is in a group; in one at most of each assignment."""

    __tablename__ = "assignment_group_member"
    __table_args__ = (UniqueConstraint("assignment_id", "user_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    assignment_id: UUID = Field(foreign_key="assignment.id", ondelete="CASCADE")
    group_id: UUID = Field(foreign_key="assignment_group.id", ondelete="CASCADE", index=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)


class Extension(TenantOwned, table=True):
    """Later dates for one learner; `cutoff_at` None: the assignment's, but never before the new due date."""

    __tablename__ = "assignment_extension"
    __table_args__ = (UniqueConstraint("assignment_id", "user_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    assignment_id: UUID = Field(foreign_key="assignment.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    due_at: datetime = Field(sa_type=UtcDateTime)
    cutoff_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = Field(default="", max_length=500)


class Submission(TenantOwned, table=True):
    """One attempt, of a learner (`user_id`) or of a group (`group_id`). `revision` grows with each save of a draft;
    `current` marks an owner's latest submitted one; `receipt` is what a learner keeps as proof.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("assignment_id", "user_id", "number"),
        UniqueConstraint("group_id", "number"),
        one_of("status", SubmissionStatus),
        CheckConstraint("(user_id IS NULL) <> (group_id IS NULL)", name="owner"),
        Index("ix_submission_current", "assignment_id", "current", "submitted_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    assignment_id: UUID = Field(foreign_key="assignment.id", ondelete="CASCADE")
    user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="CASCADE", index=True)
    group_id: UUID | None = Field(default=None, foreign_key="assignment_group.id", ondelete="CASCADE")
    number: int = 1
    status: SubmissionStatus = Field(default=SubmissionStatus.DRAFT, sa_type=Text)
    current: bool = False
    revision: int = 0
    text: str = Field(default="", sa_type=Text)
    saved_at: datetime = Field(sa_type=UtcDateTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    submitted_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    receipt: str = Field(default="", max_length=40)


class SubmissionFile(TenantOwned, table=True):
    """A file of a submission; its bytes are an asset at `path` in the drawer of the course (`drawers`)."""

    __tablename__ = "submission_file"
    __table_args__ = (UniqueConstraint("submission_id", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    submission_id: UUID = Field(foreign_key="submission.id", ondelete="CASCADE")
    name: str = Field(max_length=200)
    path: str = Field(max_length=300)
    media_type: str = Field(max_length=100)
    size: int = Field(sa_type=BigInteger)


class SubmissionMark(TenantOwned, table=True):
    """The mark of one submission. `earned` is before the penalty, `points` after it, `kept_percent` what was kept.

    `judgements` by criterion id as `schemas.Judgement`, `annotations` as `schemas.Annotation`.
    """

    __tablename__ = "submission_mark"
    __table_args__ = (UniqueConstraint("submission_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    submission_id: UUID = Field(foreign_key="submission.id", ondelete="CASCADE")
    scheme_id: UUID | None = Field(default=None, foreign_key="marking_scheme.id", ondelete="SET NULL", index=True)
    earned: float | None = None
    kept_percent: float = 100.0
    points: float | None = None
    maximum: float
    comment: str = Field(default="", sa_type=Text)
    judgements: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    annotations: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    marked_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    marked_at: datetime = Field(sa_type=UtcDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SubmissionFingerprint(TenantOwned, table=True):
    """Winnowed hashes of a submission's text: unsigned 64-bit little-endian numbers, sorted."""

    __tablename__ = "submission_fingerprint"

    submission_id: UUID = Field(foreign_key="submission.id", ondelete="CASCADE", primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    hashes: bytes = Field(sa_type=LargeBinary)


class SubmissionMatch(TenantOwned, table=True):
    """That two submissions share text. `share` is percent of the shorter one; `passages` pairs of excerpts."""

    __tablename__ = "submission_match"
    __table_args__ = (UniqueConstraint("first_id", "second_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    first_id: UUID = Field(foreign_key="submission.id", ondelete="CASCADE")
    second_id: UUID = Field(foreign_key="submission.id", ondelete="CASCADE", index=True)
    share: float
    passages: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    found_at: datetime = Field(sa_type=UtcDateTime)


class PeerReview(TenantOwned, table=True):
    """One learner's review of another's submission; without `reviewed_at` it waits for them."""

    __tablename__ = "peer_review"
    __table_args__ = (UniqueConstraint("submission_id", "reviewer_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    assignment_id: UUID = Field(foreign_key="assignment.id", ondelete="CASCADE", index=True)
    submission_id: UUID = Field(foreign_key="submission.id", ondelete="CASCADE")
    reviewer_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    points: float | None = None
    comment: str = Field(default="", sa_type=Text)
    judgements: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    reviewed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
