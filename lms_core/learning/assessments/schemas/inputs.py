"""What authors, markers and learners send."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from lms_core.content.courses.schemas import Language, LessonTitle, SourcePath
from lms_core.learning.assessments.models import AssistantPolicy, CountingAttempt, QuestionType
from lms_core.learning.assessments.schemas.conduct import MAXIMUM_HINTS, Certainty, ConductIn, HintIn, Percent
from lms_core.learning.assessments.schemas.shared import (
    CHOICE_TYPES,
    LONGEST_TIME_LIMIT,
    MAXIMUM_ACCEPTED,
    MAXIMUM_CHOICES,
    MAXIMUM_PARTS,
    MAXIMUM_QUESTIONS,
    MAXIMUM_SEQUENCE,
    ChoiceText,
    DisplayName,
    PartAnswer,
    PartName,
    Points,
    Reason,
    Response,
    ShortText,
    SomeText,
    Text,
)
from lms_core.learning.assessments.types import HANDLING, WITH_GAPS, Key, formula, gaps


class ChoiceIn(BaseModel):
    """An answer to offer. `weight` (percent of the points, -100 to 100) replaces the formula where all have one."""

    id: UUID | None = None
    text: ChoiceText
    correct: bool = False
    weight: float | None = Field(default=None, ge=-100, le=100, allow_inf_nan=False)
    feedback: Text = ""


class QuestionIn(BaseModel):
    """A question as its author writes it, Markdown in `text`, choices and feedback.

    single, multiple, true_false: `choices` (true_false exactly two), one of them correct, several for multiple.
    numeric: `value` and the absolute `tolerance`, both ends right. short_text: `accepted`, with or without regard to
    case. essay: neither. The other types: `key`, whose fields their modules in `types` describe; cloze and drag_text
    have `[[1]]`, `[[2]]` ... in `text` where their gaps are, formula has `{name}` for the value of a variable.

    Where quizzes are interactive, each hint is one more try, and `penalty_percent` (None: a third) what a wrong one
    costs.
    """

    id: UUID | None = None
    type: QuestionType
    text: SomeText
    points: Points = 1.0
    partial_credit: bool = True
    feedback: Text = ""
    choices: list[ChoiceIn] = Field(default=[], max_length=MAXIMUM_CHOICES)
    value: float | None = Field(default=None, ge=-1e15, le=1e15, allow_inf_nan=False)
    tolerance: float = Field(default=0.0, ge=0, le=1e15, allow_inf_nan=False)
    accepted: list[ShortText] = Field(default=[], max_length=MAXIMUM_ACCEPTED)
    match_case: bool = False
    key: Key | None = None
    hints: list[HintIn] = Field(default=[], max_length=MAXIMUM_HINTS)
    penalty_percent: Percent | None = None

    @model_validator(mode="after")
    def _has_its_key(self) -> Self:
        if self.type in CHOICE_TYPES:
            self._check_choices()
        elif self.type == QuestionType.NUMERIC and self.value is None:
            raise ValueError("a numeric question needs the right value")
        elif self.type == QuestionType.SHORT_TEXT and not self.accepted:
            raise ValueError("a short text question needs at least one accepted answer")
        elif self.type in HANDLING:
            self._check_key()
        return self

    def _check_key(self) -> None:
        if self.key is None or self.key.type != self.type:
            raise ValueError(f"a question of this type needs its key: a `key` of type {self.type.value}")
        if isinstance(self.key, WITH_GAPS):
            gaps.check(self.text, len(self.key.gaps))
        if isinstance(self.key, formula.FormulaKey):
            formula.check(self.key)

    def _check_choices(self) -> None:
        right = sum(choice.correct for choice in self.choices)
        if len(self.choices) < 2:
            raise ValueError("this question needs at least two choices")
        if self.type == QuestionType.TRUE_FALSE and len(self.choices) != 2:
            raise ValueError("a true/false question has exactly two choices")
        if right == 0:
            raise ValueError("mark at least one choice as correct")
        if self.type != QuestionType.MULTIPLE and right != 1:
            raise ValueError("mark exactly one choice as correct")
        weighted = sum(choice.weight is not None for choice in self.choices)
        if weighted not in (0, len(self.choices)):
            raise ValueError("give every choice a weight, or none")


class QuestionsIn(BaseModel):
    """All questions of a quiz in their order, based on the revision that was opened. Ids given are kept."""

    base_revision: int = Field(ge=1, le=2_000_000_000)
    questions: list[QuestionIn] = Field(max_length=MAXIMUM_QUESTIONS)


class QuizRules(BaseModel):
    """The rules of a quiz. None: no limit. `closes_at` ends every attempt, whatever time it has left."""

    title: LessonTitle
    instructions: Text = ""
    language: Language | None = None
    lesson_id: UUID | None = None
    time_limit_seconds: int | None = Field(default=None, ge=10, le=LONGEST_TIME_LIMIT)
    shuffle_questions: bool = False
    shuffle_choices: bool = False
    attempts_allowed: int | None = Field(default=None, ge=1, le=1000)
    passing_percent: int = Field(default=50, ge=0, le=100)
    counts: CountingAttempt = CountingAttempt.BEST
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    assistant: AssistantPolicy = AssistantPolicy.ON
    leaderboard: bool = True

    @model_validator(mode="after")
    def _dates_agree(self) -> Self:
        if self.opens_at and self.closes_at and self.opens_at >= self.closes_at:
            raise ValueError("a quiz closes after it opens")
        return self


class QuizIn(QuizRules):
    """A new quiz, with its first questions when they are at hand. It begins as a draft."""

    conduct: ConductIn = ConductIn()
    questions: list[QuestionIn] = Field(default=[], max_length=MAXIMUM_QUESTIONS)


class ImportedQuiz(BaseModel):
    """A quiz as an import found it; `lesson_source_path` is the lesson it stands beside.

    `hidden`: learners did not see it where it comes from, so it begins as a draft.
    """

    source_path: SourcePath
    title: LessonTitle
    language: Language
    lesson_source_path: SourcePath | None = None
    hidden: bool = False
    questions: list[QuestionIn] = Field(min_length=1, max_length=MAXIMUM_QUESTIONS)


class Supervision(BaseModel):
    """Whether attempts wait for a supervisor."""

    supervised: bool


class ExtraTime(BaseModel):
    """Extra time of a learner in a course, in percent of each time limit; 0 takes it away."""

    extra_percent: int = Field(ge=0, le=400)


class VoidIn(BaseModel):
    """Why an attempt is not to count; its taker reads it."""

    reason: Reason


class BoardName(BaseModel):
    """The name by which somebody agrees to stand on the leaderboards of a course."""

    name: DisplayName


class AttemptStart(BaseModel):
    """The quiz to attempt, with its password where it asks for one."""

    quiz_id: UUID
    password: str = Field(default="", max_length=200)


class AnswerIn(BaseModel):
    """What a person answers now: `choices` where some are offered, `parts` where there are some, else `text`.

    `parts` maps the id of a part to the id of the chosen option, a place in the order (from 1), words, a number, or a
    point as "x,y" in fractions of the picture; parts left out, or "", are not answered.

    `certainty` is from 1 (not very) to 3 (very), where the quiz asks for it.

    `sequence` grows with every change (the pages take milliseconds), so that a late retry of an old save is known.
    """

    sequence: int = Field(ge=0, le=MAXIMUM_SEQUENCE)
    choices: list[UUID] = Field(default=[], max_length=MAXIMUM_CHOICES)
    text: Response = ""
    parts: dict[PartName, PartAnswer] = Field(default={}, max_length=MAXIMUM_PARTS)
    flagged: bool = False
    certainty: Certainty | None = None


class MarkIn(BaseModel):
    """Points for one answer, given by a person, and what to say about it."""

    points: float = Field(ge=0, le=1000, allow_inf_nan=False, multiple_of=0.01)
    comment: Text = ""
