"""Proctoring policies of quizzes: for editors to set, for takers to be told."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.kit.errors import Forbidden, Unauthenticated
from lms_core.learning.assessments.errors import QuizNotFound
from proctoring.policies import service as policies
from proctoring.policies.errors import NotSupervised, SessionsRunning
from proctoring.policies.schemas import PolicyIn, PolicyView, SupervisionView
from proctoring.sessions import service as sessions

router = APIRouter(tags=["proctoring"])

Language = Annotated[str, Query(max_length=10, description="en or sw; the person's own when left out")]
EDITORS = errors(Unauthenticated, QuizNotFound, Forbidden, NotSupervised)


@router.get(
    "/quizzes/{quiz_id}/proctoring",
    response_model=SupervisionView,
    responses=errors(Unauthenticated, QuizNotFound, NotSupervised),
)
def read_supervision(ctx: Reading, quiz_id: UUID, language: Language = "") -> SupervisionView:
    """What a taker is told before the exam: what will be recorded, and the text to agree to."""
    return policies.supervision(ctx, quiz_id, language=language or ctx.actor.language)


@router.get("/quizzes/{quiz_id}/proctoring/policy", response_model=PolicyView, responses=EDITORS)
def read_policy(ctx: Reading, quiz_id: UUID) -> PolicyView:
    """The policy in force."""
    found = policies.for_editing(ctx, quiz_id)
    if found is None:
        raise NotSupervised()
    return found


@router.put("/quizzes/{quiz_id}/proctoring/policy", response_model=PolicyView, responses=EDITORS)
def set_policy(ctx: Writing, quiz_id: UUID, rules: PolicyIn) -> PolicyView:
    """Put a new version in force; the quiz is a proctored exam from now on."""
    return policies.set_policy(ctx, quiz_id, rules=rules)


@router.delete(
    "/quizzes/{quiz_id}/proctoring/policy",
    status_code=204,
    response_model=None,
    responses={**EDITORS, **errors(SessionsRunning)},
)
def end_supervision(ctx: Writing, quiz_id: UUID) -> None:
    """Make it an ordinary quiz again. Versions and past sessions stay."""
    sessions.end_supervision(ctx, quiz_id)
