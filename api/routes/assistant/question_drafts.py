"""Drafts of quiz questions made from a course's lessons: look for them, judge them."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName, Cursor, Limit
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.assessments.errors import QuizNotFound
from lms_core.learning.assessments.schemas import QuestionIn
from rag.drafts import service as drafts
from rag.drafts.errors import DraftDecided, DraftingRunning, DraftNotFound, DraftStale
from rag.drafts.models import DraftStatus
from rag.drafts.schemas import Approval, DraftingIn, DraftingView, DraftView

router = APIRouter(tags=["quizzes"])

REFUSED = errors(Unauthenticated, Forbidden, CourseNotFound)


@router.post(
    "/courses/{course}/question-drafting",
    status_code=202,
    response_model=DraftingView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, DraftingRunning, Invalid),
)
def look(ctx: Writing, course: CourseName, given: DraftingIn) -> DraftingView:
    """Begin to look for questions in the lessons of a course."""
    return drafts.look_for_questions(ctx, course=course, given=given)


@router.get("/courses/{course}/question-drafting", response_model=DraftingView | None, responses=REFUSED)
def read_drafting(ctx: Reading, course: CourseName) -> DraftingView | None:
    """How far the latest search is; null before the first."""
    return drafts.drafting(ctx, course=course)


@router.get("/courses/{course}/question-drafts", response_model=Page[DraftView], responses=REFUSED)
def list_drafts(
    ctx: Reading,
    course: CourseName,
    status: DraftStatus = DraftStatus.WAITING,
    lesson: UUID | None = None,
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Page[DraftView]:
    """The drafts of a course by lesson, each with its source and what the key check said."""
    return drafts.drafts(ctx, course=course, status=status, lesson_id=lesson, cursor=cursor, limit=limit)


@router.put(
    "/question-drafts/{draft_id}",
    response_model=DraftView,
    responses=errors(Unauthenticated, DraftNotFound, DraftDecided),
)
def change(ctx: Writing, draft_id: UUID, question: QuestionIn) -> DraftView:
    """Replace a draft's question."""
    return drafts.change(ctx, draft_id=draft_id, question=question)


@router.post(
    "/question-drafts/{draft_id}/approve",
    response_model=DraftView,
    responses=errors(Unauthenticated, Forbidden, DraftNotFound, DraftDecided, DraftStale, QuizNotFound, Invalid),
)
def approve(ctx: Writing, draft_id: UUID, given: Approval) -> DraftView:
    """Put a draft at the end of a quiz of its course."""
    return drafts.approve(ctx, draft_id=draft_id, given=given)


@router.post(
    "/question-drafts/{draft_id}/reject",
    response_model=DraftView,
    responses=errors(Unauthenticated, DraftNotFound, DraftDecided),
)
def reject(ctx: Writing, draft_id: UUID) -> DraftView:
    """Put a draft away; it is not proposed again."""
    return drafts.reject(ctx, draft_id=draft_id)
