"""What instructors see: questions with their keys, everybody's attempts, what waits for a mark."""

from datetime import datetime
from uuid import UUID

from lms_core.learning.assessments.models import AssistantPolicy, CountingAttempt, QuestionType
from lms_core.learning.assessments.schemas.conduct import HintIn
from lms_core.learning.assessments.schemas.shared import View
from lms_core.learning.assessments.schemas.taking import AttemptView, HandedFile, QuizCard
from lms_core.learning.assessments.types import Key


class ChoiceDetail(View):
    """A choice with its key."""

    id: UUID
    text: str
    correct: bool
    weight: float | None
    feedback: str


class QuestionDetail(View):
    """A question with its key, as `QuestionIn` takes it."""

    id: UUID
    type: QuestionType
    text: str
    points: float
    partial_credit: bool
    feedback: str
    choices: tuple[ChoiceDetail, ...]
    value: float | None
    tolerance: float
    accepted: tuple[str, ...]
    match_case: bool = False
    key: Key | None = None
    hints: tuple[HintIn, ...] = ()
    penalty_percent: float | None = None


class QuizDetail(QuizCard):
    """A quiz for its editors, without questions."""

    course_slug: str
    instructions: str
    shuffle_questions: bool
    shuffle_choices: bool
    passing_percent: int
    counts: CountingAttempt
    assistant: AssistantPolicy
    leaderboard: bool
    revision: int
    sectioned: bool
    attempts: int
    updated_at: datetime


class QuizSource(QuizDetail):
    """A quiz for its editors, with questions and keys."""

    question_list: tuple[QuestionDetail, ...]


class AttemptRow(AttemptView):
    """Somebody's attempt in an instructor's list; `unmarked` answers wait for a person."""

    user_name: str
    unmarked: int


class ToMark(View):
    """An answer that waits for a person's mark."""

    attempt_id: UUID
    question_id: UUID
    quiz_id: UUID
    quiz_title: str
    user_id: UUID
    user_name: str
    submitted_at: datetime
    question_html: str
    points: float
    answer: str
    files: tuple[HandedFile, ...] = ()


class AccommodationView(View):
    """Extra time of one learner in a course."""

    user_id: UUID
    user_name: str
    extra_percent: int
