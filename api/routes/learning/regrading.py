"""Regrades of quizzes: what could be regraded, the preview with its consequences, and regrades on their way."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import (
    AttemptNotFound,
    QuizChanged,
    QuizNotFound,
    RegradeNotFound,
    RegradeRunning,
)
from lms_core.learning.assessments.schemas.regrading import (
    RegradableQuestion,
    RegradeChoice,
    RegradeIn,
    RegradePreview,
    RegradeView,
)
from lms_core.learning.certificates import service as certificates
from lms_core.learning.gradebook import service as gradebook
from lms_core.learning.gradebook.models import ItemKind

router = APIRouter(tags=["quizzes"])

REFUSED = errors(Unauthenticated, Forbidden, QuizNotFound)


class RegradeConsequences(RegradePreview):
    """A preview, with what else hangs on it.

    `apart`: learners shown whose grade was overridden or locked in the gradebook, so that it does not follow.
    `certified`: learners shown who would not pass any more and hold a certificate of the course: it stays in force
    until somebody revokes it.
    """

    apart: frozenset[UUID]
    certified: frozenset[UUID]


def previewed(ctx: ReadCtx, quiz_id: UUID, choice: RegradeChoice) -> RegradeConsequences:
    """The preview and its consequences; two statements more than the preview."""
    found = assessments.preview_regrade(ctx, quiz_id, choice=choice)
    course_id = assessments.access_quiz_for_grading(ctx, quiz_id).course_id
    learners = {row.user_id for row in found.rows}
    apart = gradebook.standing_apart(ctx, ItemKind.QUIZ, course_id=course_id, source_id=quiz_id) & learners
    failing = [row.user_id for row in found.rows if row.passed_before and not row.passed_after]
    certified = certificates.holders_among(ctx, course_id, users=failing) if failing else set()
    return RegradeConsequences(**dict(found), apart=frozenset(apart), certified=frozenset(certified))


@router.get("/quizzes/{quiz_id}/regradable", response_model=list[RegradableQuestion], responses=REFUSED)
def list_regradable(ctx: Reading, quiz_id: UUID) -> list[RegradableQuestion]:
    """Every question that an attempt was asked, those of the present quiz first."""
    return list(assessments.regradable(ctx, quiz_id))


@router.post(
    "/quizzes/{quiz_id}/regrades/preview",
    response_model=RegradeConsequences,
    responses=errors(Unauthenticated, Forbidden, QuizNotFound, AttemptNotFound, QuizChanged, Invalid),
)
def preview(ctx: Reading, quiz_id: UUID, choice: RegradeChoice) -> RegradeConsequences:
    """What a regrade would change, and whom it concerns. Nothing is changed."""
    return previewed(ctx, quiz_id, choice)


@router.post(
    "/quizzes/{quiz_id}/regrades",
    status_code=202,
    response_model=RegradeView,
    responses=errors(Unauthenticated, Forbidden, QuizNotFound, AttemptNotFound, QuizChanged, RegradeRunning, Invalid),
)
def request(ctx: Writing, quiz_id: UUID, given: RegradeIn) -> RegradeView:
    """Carry a regrade out in the background, one at a time for each quiz."""
    return assessments.request_regrade(ctx, quiz_id, given=given)


@router.get("/quizzes/{quiz_id}/regrades", response_model=list[RegradeView], responses=REFUSED)
def list_regrades(ctx: Reading, quiz_id: UUID) -> list[RegradeView]:
    """The latest regrades, newest first: who, why, and how far they are."""
    return assessments.regrades_of(ctx, quiz_id)


@router.get(
    "/quiz-regrades/{regrade_id}", response_model=RegradeView, responses=errors(Unauthenticated, RegradeNotFound)
)
def read(ctx: Reading, regrade_id: UUID) -> RegradeView:
    """One regrade."""
    return assessments.access_regrade(ctx, regrade_id)
