"""The tables of quizzes and attempts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class QuestionType(StrEnum):
    """What a question asks for."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    NUMERIC = "numeric"
    SHORT_TEXT = "short_text"
    ESSAY = "essay"
    MATCHING = "matching"
    ORDERING = "ordering"
    CLOZE = "cloze"
    DRAG_TEXT = "drag_text"
    HOTSPOT = "hotspot"
    FORMULA = "formula"
    UPLOAD = "upload"


class QuizStatus(StrEnum):
    """Whether learners see a quiz."""

    DRAFT = "draft"
    PUBLISHED = "published"


class CountingAttempt(StrEnum):
    """Which of several attempts gives the result."""

    BEST = "best"
    LAST = "last"
    FIRST = "first"
    AVERAGE = "average"


class AssistantPolicy(StrEnum):
    """What the course's assistant does while an attempt is open, strictest first."""

    OFF = "off"
    HINTS = "hints"
    ON = "on"


class AttemptStatus(StrEnum):
    """Where an attempt stands; the steps between are in `states`."""

    WAITING = "waiting"
    OPEN = "open"
    SUBMITTED = "submitted"
    GRADED = "graded"
    EXPIRED = "expired"


class RegradeScope(StrEnum):
    """Whose marks are worked out anew: of every attempt, of those handed in, or of one."""

    ALL = "all"
    FINISHED = "finished"
    ONE = "one"


class RegradeStatus(StrEnum):
    """Where a regrade stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Quiz(TenantOwned, table=True):
    """A quiz and its rules. `revision` grows with every edit of its questions; `source_path` is its name in an import.

    `question_count` and `points` sum its present questions, draws included. `sectioned`: sections say how they stand;
    then `bank_state` says which state of its banks the present revision was made from. `conduct` is a
    `schemas.Conduct`; the password is sealed, not hashed, since its instructors tell it to learners.
    """

    __tablename__ = "quiz"
    __table_args__ = (
        UniqueConstraint("course_id", "source_path"),
        one_of("status", QuizStatus),
        one_of("counts", CountingAttempt),
        one_of("assistant", AssistantPolicy),
        CheckConstraint("time_limit_seconds > 0", name="time_limit_seconds"),
        CheckConstraint("attempts_allowed > 0", name="attempts_allowed"),
        CheckConstraint("passing_percent BETWEEN 0 AND 100", name="passing_percent"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE")
    lesson_id: UUID | None = Field(default=None, foreign_key="lesson.id", ondelete="SET NULL", index=True)
    title: str = Field(max_length=300)
    instructions: str = Field(default="", sa_type=Text)
    language: str = Field(default="en", max_length=35)
    status: QuizStatus = Field(default=QuizStatus.DRAFT, sa_type=Text)
    time_limit_seconds: int | None = None
    shuffle_questions: bool = False
    shuffle_choices: bool = False
    attempts_allowed: int | None = None
    passing_percent: int = 50
    counts: CountingAttempt = Field(default=CountingAttempt.BEST, sa_type=Text)
    opens_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closes_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    conduct: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    password_sealed: str = Field(default="", sa_type=Text)
    assistant: AssistantPolicy = Field(default=AssistantPolicy.ON, sa_type=Text)
    leaderboard: bool = True
    supervised: bool = False
    revision: int = 1
    question_count: int = 0
    points: float = 0.0
    sectioned: bool = False
    bank_state: str = Field(default="", sa_type=Text)
    source_path: str | None = Field(default=None, max_length=500)
    source_hash: str = Field(default="", max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Question(TenantOwned, table=True):
    """A question of a quiz as its authors see it now. `key` holds what answers are judged by, except choices.

    `penalty_percent` is what a wrong try costs; None: the usual third.
    """

    __tablename__ = "quiz_question"
    __table_args__ = (one_of("type", QuestionType), CheckConstraint("points > 0", name="points"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    quiz_id: UUID = Field(foreign_key="quiz.id", ondelete="CASCADE", index=True)
    position: int
    type: QuestionType = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    points: float = 1.0
    partial_credit: bool = True
    feedback: str = Field(default="", sa_type=Text)
    key: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    hints: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    penalty_percent: float | None = None


class Choice(TenantOwned, table=True):
    """One answer offered. `weight` (percent, -100 to 100) None: what the formula in `grading` gives."""

    __tablename__ = "quiz_choice"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    question_id: UUID = Field(foreign_key="quiz_question.id", ondelete="CASCADE", index=True)
    position: int
    text: str = Field(sa_type=Text)
    correct: bool = False
    weight: float | None = None
    feedback: str = Field(default="", sa_type=Text)


class Paper(TenantOwned, table=True):
    """The questions of one revision of a quiz, with their key and whether they are shuffled; never changed.

    `layout` (a `drawing.Layout`) where the quiz has sections: then `questions` are all that may be drawn, too.
    """

    __tablename__ = "quiz_paper"
    __table_args__ = (UniqueConstraint("quiz_id", "revision"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    quiz_id: UUID = Field(foreign_key="quiz.id", ondelete="CASCADE")
    revision: int
    questions: list[dict[str, Any]] = Field(sa_type=JSON)
    layout: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    shuffle_questions: bool
    shuffle_choices: bool
    points: float
    created_at: datetime = Field(sa_type=UtcDateTime)


class Attempt(TenantOwned, table=True):
    """One person's attempt. `seed` orders what is shuffled; `supervised` is as the quiz was when it started.

    `drawn` (of `drawing.Drawn`), where its paper has a layout: its own questions in its own order.
    `excluded_points`: of its paper's points, those of questions that a regrade took out of the total.
    `terms`, a `schemas.Terms`, are as they were when it began; `closes_at` is its taker's own closing, where an
    exception gives them one; `received_late_at` is when an answer last came after the deadline, within the grace.
    """

    __tablename__ = "quiz_attempt"
    __table_args__ = (
        UniqueConstraint("quiz_id", "user_id", "number"),
        Index("ix_quiz_attempt_user_course", "user_id", "course_id", "status"),
        Index("ix_quiz_attempt_due", "status", "deadline_at"),
        one_of("status", AttemptStatus),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    quiz_id: UUID = Field(foreign_key="quiz.id", ondelete="CASCADE")
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    number: int
    status: AttemptStatus = Field(default=AttemptStatus.WAITING, sa_type=Text)
    supervised: bool = False
    seed: int
    paper_id: UUID | None = Field(default=None, foreign_key="quiz_paper.id", ondelete="CASCADE", index=True)
    drawn: list[dict[str, Any]] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    started_at: datetime = Field(sa_type=UtcDateTime)
    begun_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deadline_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closes_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    terms: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    received_late_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    automatic: bool = False
    score: float | None = None
    percent: float | None = None
    graded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    voided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    void_reason: str = Field(default="", sa_type=Text)
    regraded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    excluded_points: float = 0.0


class AttemptAnswer(TenantOwned, table=True):
    """What a person answered, and its mark. `question_id` names a question of the attempt's paper.

    `parts`: part id -> chosen id or text; for uploads, id of an `AnswerFile` -> its name. `tries`: what was checked,
    in order, each with its `sequence`, answer and `share` of the points.
    """

    __tablename__ = "attempt_answer"
    __table_args__ = (UniqueConstraint("attempt_id", "question_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    attempt_id: UUID = Field(foreign_key="quiz_attempt.id", ondelete="CASCADE")
    question_id: UUID
    sequence: int = Field(default=0, sa_type=BigInteger)
    choices: list[str] = Field(default_factory=list, sa_type=JSON)
    text: str = Field(default="", sa_type=Text)
    parts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    flagged: bool = False
    certainty: int | None = None
    tries: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    saved_at: datetime = Field(sa_type=UtcDateTime)
    points: float | None = None
    comment: str = Field(default="", sa_type=Text)
    graded_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    graded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Regrade(TenantOwned, table=True):
    """One regrade of a quiz: `corrections` (question id -> `correcting.Correction`), who asked for it, how far it is.

    `last_id` is the attempt it came to; attempts are gone through by their ids.
    """

    __tablename__ = "quiz_regrade"
    __table_args__ = (one_of("scope", RegradeScope), one_of("status", RegradeStatus))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    quiz_id: UUID = Field(foreign_key="quiz.id", ondelete="CASCADE", index=True)
    asked_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    reason: str = Field(sa_type=Text)
    corrections: dict[str, Any] = Field(sa_type=JSON)
    scope: RegradeScope = Field(sa_type=Text)
    attempt_id: UUID | None = Field(default=None, foreign_key="quiz_attempt.id", ondelete="CASCADE", index=True)
    marked_by_hand: bool = False
    lifts_overrides: bool = False
    status: RegradeStatus = Field(default=RegradeStatus.QUEUED, sa_type=Text)
    total: int = 0
    done: int = 0
    changed: int = 0
    last_id: UUID | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AttemptRegrade(TenantOwned, table=True):
    """What a regrade did to one attempt. `marks`: question id -> [points before, points after], where they differ."""

    __tablename__ = "attempt_regrade"
    __table_args__ = (UniqueConstraint("attempt_id", "regrade_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    attempt_id: UUID = Field(foreign_key="quiz_attempt.id", ondelete="CASCADE")
    regrade_id: UUID = Field(foreign_key="quiz_regrade.id", ondelete="CASCADE", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    marks: dict[str, list[float | None]] = Field(default_factory=dict, sa_type=JSON)
    score_before: float | None = None
    score_after: float | None = None
    percent_before: float | None = None
    percent_after: float | None = None


class AnswerFile(TenantOwned, table=True):
    """A file handed in with an answer; the bytes belong to `content.files` under this id.

    When its attempt is deleted, with a person or a course, `attempt_id` becomes empty: what is to be erased is known.
    """

    __tablename__ = "answer_file"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    attempt_id: UUID | None = Field(default=None, foreign_key="quiz_attempt.id", ondelete="SET NULL", index=True)
    question_id: UUID
    name: str = Field(max_length=200)
    media_type: str = Field(max_length=100)
    size: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Accommodation(TenantOwned, table=True):
    """Extra time of one person in one course, in percent of each time limit."""

    __tablename__ = "accommodation"
    __table_args__ = (
        UniqueConstraint("user_id", "course_id"),
        CheckConstraint("extra_percent BETWEEN 0 AND 400", name="extra_percent"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    extra_percent: int


class QuizOverride(TenantOwned, table=True):
    """What holds for a person, or a cohort, in place of a quiz's own rules; None: as for everybody."""

    __tablename__ = "quiz_override"
    __table_args__ = (
        UniqueConstraint("quiz_id", "user_id"),
        UniqueConstraint("quiz_id", "cohort_id"),
        CheckConstraint("(user_id IS NULL) <> (cohort_id IS NULL)", name="whose"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    quiz_id: UUID = Field(foreign_key="quiz.id", ondelete="CASCADE")
    user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="CASCADE", index=True)
    cohort_id: UUID | None = Field(default=None, foreign_key="cohort.id", ondelete="CASCADE", index=True)
    opens_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closes_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    time_limit_seconds: int | None = None
    attempts_allowed: int | None = None
    password_sealed: str | None = Field(default=None, sa_type=Text)


class LeaderboardName(TenantOwned, table=True):
    """That a person agreed to be named on a course's leaderboards, and by what name."""

    __tablename__ = "leaderboard_name"
    __table_args__ = (UniqueConstraint("user_id", "course_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    course_id: UUID = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=60)
    agreed_at: datetime = Field(sa_type=UtcDateTime)
