"""How a quiz is conducted, exceptions for people and cohorts, and checking a question during an attempt."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import (
    AttemptNotFound,
    AttemptOver,
    NotChecked,
    NotFromHere,
    NotYours,
    QuestionNotFound,
    QuizNotFound,
    StillWaiting,
)
from lms_core.learning.assessments.schemas import AnswerIn, CheckView, ConductIn, OverrideIn, OverrideView

router = APIRouter(tags=["quizzes"])

REFUSED = errors(Unauthenticated, Forbidden, QuizNotFound)


@router.get("/quizzes/{quiz_id}/conduct", response_model=ConductIn, responses=REFUSED)
def read_conduct(ctx: Reading, quiz_id: UUID) -> ConductIn:
    """How questions behave, what is shown when, and from where a quiz is taken, its password included."""
    return assessments.read_conduct(ctx, quiz_id)


@router.put(
    "/quizzes/{quiz_id}/conduct",
    response_model=ConductIn,
    responses=errors(Unauthenticated, Forbidden, QuizNotFound, Invalid),
)
def set_conduct(ctx: Writing, quiz_id: UUID, conduct: ConductIn) -> ConductIn:
    """Replace it; attempts that began keep how their questions behave."""
    return assessments.set_conduct(ctx, quiz_id, conduct=conduct)


@router.get("/quizzes/{quiz_id}/overrides", response_model=list[OverrideView], responses=REFUSED)
def list_overrides(ctx: Reading, quiz_id: UUID) -> list[OverrideView]:
    """For whom other dates, time, attempts or another password hold."""
    return assessments.overrides(ctx, quiz_id)


@router.put(
    "/quizzes/{quiz_id}/overrides/people/{user_id}",
    response_model=OverrideView,
    responses=errors(Unauthenticated, Forbidden, QuizNotFound, NotFound),
)
def set_for_person(ctx: Writing, quiz_id: UUID, user_id: UUID, given: OverrideIn) -> OverrideView:
    """Give a person an exception, in place of the one they have; an open attempt gets its time at once."""
    return assessments.set_for_person(ctx, quiz_id, user_id=user_id, given=given)


@router.put(
    "/quizzes/{quiz_id}/overrides/cohorts/{cohort_id}",
    response_model=OverrideView,
    responses=errors(Unauthenticated, Forbidden, QuizNotFound, NotFound),
)
def set_for_cohort(ctx: Writing, quiz_id: UUID, cohort_id: UUID, given: OverrideIn) -> OverrideView:
    """The same for a cohort of the course; somebody's own exception goes before it."""
    return assessments.set_for_cohort(ctx, quiz_id, cohort_id=cohort_id, given=given)


@router.delete(
    "/quizzes/{quiz_id}/overrides/{override_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, QuizNotFound, NotFound),
)
def remove_override(ctx: Writing, quiz_id: UUID, override_id: UUID) -> None:
    """Let the quiz's rules hold again."""
    assessments.remove_override(ctx, quiz_id, override_id=override_id)


@router.post(
    "/quiz-attempts/{attempt_id}/answers/{question_id}/check",
    response_model=CheckView,
    responses=errors(
        AttemptNotFound, QuestionNotFound, NotYours, AttemptOver, StillWaiting, NotChecked, NotFromHere, Invalid
    ),
)
def check(ctx: Writing, attempt_id: UUID, question_id: UUID, answer: AnswerIn) -> CheckView:
    """One try at a question; safe to repeat: the same `sequence`, a lower one and the same answer cost nothing."""
    return assessments.check(ctx, attempt_id, question_id=question_id, answer=answer)
