"""Facts about quizzes and attempts."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class QuizPublished(Event):
    """Learners can see a quiz."""

    name: ClassVar[str] = "assessments.quiz_published"
    quiz_id: UUID
    course_id: UUID


class AttemptStarted(Event):
    """Somebody asked for an attempt; a supervised one waits now."""

    name: ClassVar[str] = "assessments.attempt_started"
    attempt_id: UUID
    quiz_id: UUID
    course_id: UUID
    user_id: UUID
    supervised: bool


class AttemptBegun(Event):
    """The questions are shown and the clock runs."""

    name: ClassVar[str] = "assessments.attempt_begun"
    attempt_id: UUID
    quiz_id: UUID
    course_id: UUID
    user_id: UUID


class AttemptSubmitted(Event):
    """The attempt is handed in; `automatic` by the clock."""

    name: ClassVar[str] = "assessments.attempt_submitted"
    attempt_id: UUID
    quiz_id: UUID
    course_id: UUID
    user_id: UUID
    automatic: bool


class AttemptGraded(Event):
    """Every answer has its mark. Again after a mark was changed."""

    name: ClassVar[str] = "assessments.attempt_graded"
    attempt_id: UUID
    quiz_id: UUID
    course_id: UUID
    user_id: UUID
    percent: float
    passed: bool


class AttemptRegraded(Event):
    """A regrade changed the mark of an attempt; `AttemptGraded` tells the new one."""

    name: ClassVar[str] = "assessments.attempt_regraded"
    attempt_id: UUID
    quiz_id: UUID
    course_id: UUID
    user_id: UUID
    regrade_id: UUID
    lifts_override: bool
    reason: str


class AttemptVoided(Event):
    """The attempt does not count any more."""

    name: ClassVar[str] = "assessments.attempt_voided"
    attempt_id: UUID
    quiz_id: UUID
    course_id: UUID
    user_id: UUID
    reason: str


class AttemptRestored(Event):
    """The attempt counts again."""

    name: ClassVar[str] = "assessments.attempt_restored"
    attempt_id: UUID
    quiz_id: UUID
    course_id: UUID
    user_id: UUID


class AttemptExpired(Event):
    """A waiting attempt never began, and now the quiz is closed."""

    name: ClassVar[str] = "assessments.attempt_expired"
    attempt_id: UUID
    quiz_id: UUID
    course_id: UUID
    user_id: UUID
