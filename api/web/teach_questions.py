"""What learners asked: the unanswered with a box to answer them, the FAQ, the figures."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors, errors_of
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Permission
from rag.faq import service as faq
from rag.faq.schemas import FaqIn
from rag.insights import service as insights

router = APIRouter(prefix="/teach/courses/{slug}", include_in_schema=False)

Text = Annotated[str, Form(max_length=20_000)]


@router.get("/questions")
def questions(request: Request, ctx: Reading, slug: str) -> Response:
    """Open questions first, then the answers given so far."""
    return _questions_page(request, ctx, slug, errors={}, given={}, status=200)


@router.post("/faq")
def write(
    request: Request,
    ctx: Writing,
    slug: str,
    question: Text = "",
    answer: Text = "",
    language: Text = "en",
    question_id: UUID | None = Form(default=None),
    entry_id: UUID | None = Form(default=None),
) -> Response:
    """Answer a question for everybody, or replace an answer."""
    given = {"question": question, "answer": answer, "language": language}
    try:
        faq_in = FaqIn.model_validate({**given, "question_id": question_id})
    except ValidationError as error:
        errors = errors_of(error, words(request, ctx.actor))
        return _questions_page(request, ctx, slug, errors=errors, given=given, status=422)
    if entry_id is None:
        faq.write(ctx, course=slug, faq_in=faq_in)
    else:
        faq.change(ctx, entry_id=entry_id, faq_in=faq_in)
    return redirect(f"/teach/courses/{slug}/questions", notice="faq-saved")


@router.post("/faq/{entry_id}/delete")
def remove(ctx: Writing, slug: str, entry_id: UUID) -> Response:
    """Withdraw an answer."""
    faq.remove(ctx, entry_id=entry_id)
    return redirect(f"/teach/courses/{slug}/questions", notice="deleted")


def _questions_page(
    request: Request, ctx: ReadCtx, slug: str, *, errors: Errors, given: dict[str, str], status: int
) -> Response:
    card = courses.access_course(ctx, slug, Permission.FAQ_EDIT)
    return page(
        request,
        ctx.actor,
        "teach/questions.html",
        status=status,
        course=card,
        insights=insights.of_course(ctx, course=str(card.id)),
        entries=faq.entries(ctx, course=str(card.id)),
        errors=errors,
        given=given,
        tab="questions",
    )
