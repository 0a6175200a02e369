"""Reviews that were reported or hidden, for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.rendering import page, redirect
from lms_core.learning.reviews import moderating
from lms_core.learning.reviews.schemas import Hiding

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=400)]
PAGE = "/admin/reviews"


@router.get(PAGE)
def reported(request: Request, ctx: Reading, cursor: Annotated[str, Query(max_length=600)] = "") -> Response:
    """What people reported, with their reasons, and what is hidden."""
    return page(request, ctx.actor, "admin/reviews.html", found=moderating.reported(ctx, cursor=cursor))


@router.post(PAGE + "/{review_id}/hide")
def hide(ctx: Writing, review_id: UUID, reason: Line = "") -> Response:
    """Hide a review for a reason."""
    try:
        moderating.hide(ctx, review_id, given=Hiding(reason=reason))
    except ValidationError:
        return redirect(PAGE, notice="reason-missing")
    return redirect(PAGE, notice="saved")


@router.post(PAGE + "/{review_id}/show")
def show(ctx: Writing, review_id: UUID) -> Response:
    """Show a hidden review again."""
    moderating.show(ctx, review_id)
    return redirect(PAGE, notice="saved")
