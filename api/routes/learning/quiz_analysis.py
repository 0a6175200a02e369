"""How a quiz went: statistics as JSON and CSV, and attempts beside each other."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from api.deps import Reading
from api.errors import errors
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import AttemptNotFound, QuizNotFound, ResultsNotOpen
from lms_core.learning.assessments.schemas.analysis import Comparison, Counted, QuizStatistics
from lms_core.learning.release.errors import CohortNotFound

router = APIRouter(tags=["quizzes"])

REFUSED = errors(Unauthenticated, Forbidden, QuizNotFound, CohortNotFound)
Chosen = Annotated[list[UUID], Query(max_length=10)]


@router.get("/quizzes/{quiz_id}/statistics", response_model=QuizStatistics, responses=REFUSED)
def read_statistics(
    ctx: Reading, quiz_id: UUID, attempts: Counted = Counted.FIRST, cohort: UUID | None = None
) -> QuizStatistics:
    """Figures of the quiz and of each question: how hard, how telling, who chose what."""
    return assessments.statistics_of(ctx, quiz_id, counted=attempts, cohort_id=cohort)


@router.get(
    "/quizzes/{quiz_id}/statistics.csv",
    response_model=None,
    responses={200: {"content": {"text/csv": {}}}, **REFUSED},
)
def export_statistics(
    ctx: Reading, quiz_id: UUID, attempts: Counted = Counted.FIRST, cohort: UUID | None = None
) -> StreamingResponse:
    """The figures of the questions, safe to open in a spreadsheet."""
    found = assessments.statistics_of(ctx, quiz_id, counted=attempts, cohort_id=cohort)
    headers = {"Content-Disposition": 'attachment; filename="statistics.csv"', "Cache-Control": "private, no-store"}
    lines = assessments.statistics_csv(found)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


@router.get(
    "/quizzes/{quiz_id}/comparison",
    response_model=Comparison,
    responses=errors(Unauthenticated, AttemptNotFound, ResultsNotOpen, Invalid),
)
def compare(ctx: Reading, quiz_id: UUID, attempt: Chosen) -> Comparison:
    """Two to four attempts, question by question: one's own, or anybody's for who marks."""
    return assessments.compare(ctx, quiz_id, attempt_ids=attempt)
