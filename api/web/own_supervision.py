"""A supervised sitting as its taker sees it: what was noted, the outcome, an appeal, what is stored and until when."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Writing
from api.web.quiz import LocalTime
from api.web.rendering import page, redirect, words
from api.web.speaking import in_page_language
from lms_core.kit.context import WriteCtx
from proctoring.privacy import service as privacy
from proctoring.review import service as review
from proctoring.review.schemas import AppealIn

router = APIRouter(prefix="/supervision", include_in_schema=False)

Text = Annotated[str, Form(max_length=20_000)]


@router.get("/{session_id}")
def own_page(request: Request, ctx: Writing, session_id: UUID) -> Response:
    """One's own sitting."""
    return _own_page(request, ctx, session_id)


@router.post("/{session_id}/appeal")
def appeal(request: Request, ctx: Writing, session_id: UUID, text: Text = "") -> Response:
    """Object to a rejection."""
    try:
        appeal_in = AppealIn(text=text)
    except ValidationError:
        problem = words(request, ctx.actor).gettext("Please write why you disagree, up to 4000 characters.")
        return _own_page(request, ctx, session_id, problem=problem, given=text, status=422)
    review.appeal(ctx, session_id, appeal_in=appeal_in)
    return redirect(f"/supervision/{session_id}", notice="saved")


@router.post("/{session_id}/deletion")
def ask_deletion(ctx: Writing, session_id: UUID) -> Response:
    """Ask that the pictures be deleted."""
    privacy.ask_deletion(ctx, session_id)
    return redirect(f"/supervision/{session_id}", notice="saved")


def _own_page(
    request: Request, ctx: WriteCtx, session_id: UUID, *, problem: str = "", given: str = "", status: int = 200
) -> Response:
    spoken = in_page_language(request, ctx)
    return page(
        request,
        ctx.actor,
        "supervision.html",
        status=status,
        report=review.own_report(spoken, session_id),
        stored=privacy.stored(spoken, session_id),
        local=LocalTime(request, ctx),
        problem=problem,
        given=given,
    )
