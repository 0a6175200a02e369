"""How a quiz went: its statistics, and attempts beside each other. Shares are in percent."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas.shared import View


class Counted(StrEnum):
    """Which of a learner's attempts are looked at."""

    FIRST = "first"
    LAST = "last"
    BEST = "best"
    ALL = "all"


class Flag(StrEnum):
    """What an item's figures hint at."""

    EVERYBODY_RIGHT = "everybody_right"
    NOBODY_RIGHT = "nobody_right"
    BEST_GET_IT_WRONG = "best_get_it_wrong"
    TELLS_LITTLE = "tells_little"
    LIKE_GUESSING = "like_guessing"
    WRONG_CHOICE_DRAWS_BEST = "wrong_choice_draws_best"
    UNUSED_CHOICE = "unused_choice"


class AnswerCount(View):
    """An answer to an item: who gave it. `right` None: partly; `html` "": nothing was answered.

    `upper`, `lower`: how many of the best and of the worst third of attempts.
    """

    html: str
    right: bool | None
    count: int
    upper: int
    lower: int
    mean_percent: float | None


class ItemStatistics(View):
    """One question. `number` None: it is drawn from the bank `bank_name`, or not in the quiz any more.

    Figures as `statistics` defines them, in percent.

    `answers` of a question with parts are its parts, and the counts who got them right. `seconds`: the median time
    between the save of the answer before and the last save of this one, where the times were kept.
    """

    question_id: UUID
    number: int | None
    bank_name: str
    type: QuestionType
    html: str
    points: float
    n: int
    facility: float
    sd: float | None
    guess: float | None
    intended_weight: float
    effective_weight: float | None
    discrimination: float | None
    efficiency: float | None
    upper_lower: float | None
    seconds: float | None
    flags: tuple[Flag, ...]
    answers: tuple[AnswerCount, ...]


class Bin(View):
    """How many attempts have from `low` to `high` percent; `high` itself is in the next, 100 in the last."""

    low: int
    high: int
    count: int


class QuizStatistics(View):
    """A quiz's statistics over wholly marked attempts that count; percents of the points of each attempt.

    `alpha_items`: the questions every attempt was asked, over which `alpha` is taken. `third`: attempts in the upper,
    and in the lower, third.
    """

    quiz_id: UUID
    attempts: Counted
    cohort_id: UUID | None
    n: int
    third: int
    mean: float | None
    median: float | None
    sd: float | None
    skewness: float | None
    kurtosis: float | None
    alpha: float | None
    alpha_items: int
    error_ratio: float | None
    standard_error: float | None
    seconds: float | None
    histogram: tuple[Bin, ...]
    items: tuple[ItemStatistics, ...]


class ComparedAnswer(View):
    """What one attempt has at a question; `awarded` None: it waits for a mark. `given`: as HTML, "": nothing.

    `asked` False: this attempt was not asked the question.
    """

    asked: bool
    given: tuple[str, ...]
    right: bool
    awarded: float | None
    points: float


class ComparedQuestion(View):
    """A question across attempts. `changed`: the answers are not all the same."""

    question_id: UUID
    html: str
    answers: tuple[ComparedAnswer, ...]
    changed: bool
    same_wrong: bool


class ComparedAttempt(View):
    """The head of one column."""

    id: UUID
    user_id: UUID
    user_name: str
    number: int
    submitted_at: datetime | None
    score: float | None
    points: float | None
    percent: float | None


class Comparison(View):
    """Attempts beside each other. `same_wrong`: questions at which all of them gave the same wrong answer.

    It says nothing about how that came to be: a tempting choice draws many people.
    """

    quiz_id: UUID
    quiz_title: str
    attempts: tuple[ComparedAttempt, ...]
    questions: tuple[ComparedQuestion, ...]
    same_wrong: int
    both_wrong: int
