"""The sections of a quiz: its own questions, those of banks and random draws, arranged by an instructor."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import Reading
from api.web.rendering import page
from lms_core.content.courses import service as courses
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.service import banks, sections

router = APIRouter(prefix="/teach", include_in_schema=False)

BANKS_OFFERED = 100


@router.get("/quizzes/{quiz_id}/sections")
def sections_page(request: Request, ctx: Reading, quiz_id: UUID) -> Response:
    """The sections as they are, to be arranged with JavaScript."""
    plan = sections.read_sections(ctx, quiz_id)
    quiz = assessments.access_quiz_for_editing(ctx, quiz_id)
    return page(
        request,
        ctx.actor,
        "teach/sections.html",
        quiz=quiz,
        course=courses.access_course(ctx, quiz.course_id, Permission.COURSE_EDIT),
        plan=plan,
        plan_json=plan.model_dump(mode="json"),
        banks=[
            {"id": str(bank.id), "name": bank.name, "questions": bank.questions}
            for bank in banks.browse(ctx, course=quiz.course_id, limit=BANKS_OFFERED).items
        ],
    )
