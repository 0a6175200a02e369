"""Regrades: what an instructor chooses, what a preview says, and how a regrade goes on."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from lms_core.learning.assessments.correcting import How, Unfit
from lms_core.learning.assessments.models import RegradeScope, RegradeStatus
from lms_core.learning.assessments.schemas.shared import MAXIMUM_QUESTIONS, Reason, View
from lms_core.learning.assessments.schemas.taking import MarkChange


class CorrectionIn(BaseModel):
    """What is to become of one question."""

    question_id: UUID
    how: How = How.KEY


class RegradeChoice(BaseModel):
    """Which questions and which attempts. `base_revision`: the revision of the quiz that was looked at.

    `marked_by_hand`: marks given by people are worked out anew too. `lifts_overrides`: what a person put in the place
    of the quiz's mark in the gradebook is taken back for learners whose mark changes.
    """

    base_revision: int = Field(ge=1, le=2_000_000_000)
    questions: list[CorrectionIn] = Field(min_length=1, max_length=MAXIMUM_QUESTIONS)
    scope: RegradeScope = RegradeScope.ALL
    attempt_id: UUID | None = None
    marked_by_hand: bool = False
    lifts_overrides: bool = False

    @model_validator(mode="after")
    def _names_its_attempt(self) -> Self:
        if (self.scope == RegradeScope.ONE) != (self.attempt_id is not None):
            raise ValueError("name the attempt when only one is regraded, and only then")
        if len({each.question_id for each in self.questions}) != len(self.questions):
            raise ValueError("name each question once")
        return self


class RegradeIn(RegradeChoice):
    """The same, to be carried out; the learners concerned and the audit log are told the reason."""

    reason: Reason


class RegradableQuestion(View):
    """A question that attempts were asked. `number` in the present quiz; None: drawn from `bank_name`, or gone."""

    id: UUID
    number: int | None
    bank_name: str
    html: str
    points: float
    asked: int


class UnfitQuestion(View):
    """A question whose present key cannot judge some attempts, and why; their marks stay."""

    question_id: UUID
    why: Unfit
    attempts: int


class RegradeRow(View):
    """What would become of one attempt. `result_*`: what the learner's result at the quiz is, in percent.

    `passed_*` None: not wholly marked.
    """

    attempt_id: UUID
    user_id: UUID
    user_name: str
    number: int
    changes: tuple[MarkChange, ...]
    score_before: float
    score_after: float
    points_before: float
    points_after: float
    percent_before: float
    percent_after: float
    passed_before: bool | None
    passed_after: bool | None
    result_before: float | None
    result_after: float | None


class RegradePreview(View):
    """A regrade worked out and not carried out. `rows`: attempts that change, at most so many; counts are of all."""

    revision: int
    attempts: int
    open_attempts: int
    changed: int
    now_passed: int
    now_failed: int
    results_changed: int
    kept_by_hand: int
    unfit: tuple[UnfitQuestion, ...]
    rows: tuple[RegradeRow, ...]


class RegradeView(View):
    """A regrade and how far it is; `changed` attempts of `done`."""

    id: UUID
    quiz_id: UUID
    asked_by_name: str
    reason: str
    scope: RegradeScope
    questions: tuple[CorrectionIn, ...]
    status: RegradeStatus
    total: int
    done: int
    changed: int
    created_at: datetime
    finished_at: datetime | None
