"""The invitations that wait for one's answer, as the letter and the notification open them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.rendering import page, redirect
from lms_core.content.staff import answering

router = APIRouter(include_in_schema=False)

Token = Annotated[str, Form(max_length=200)]
PAGE = "/staff-invitations"


@router.get(PAGE)
def mine(request: Request, ctx: Reading, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """What one is asked to do, and in which course; accept or decline."""
    return page(request, ctx.actor, "staff_invitations.html", invitations=answering.mine(ctx, token=token), token=token)


@router.post(PAGE + "/{invitation_id}/accept")
def accept(ctx: Writing, invitation_id: UUID, token: Token = "") -> Response:
    """Join the staff of the course."""
    accepted = answering.accept(ctx, invitation_id=invitation_id, token=token)
    return redirect(f"/teach/courses/{accepted.course_slug}", notice="staff-joined")


@router.post(PAGE + "/{invitation_id}/decline")
def decline(ctx: Writing, invitation_id: UUID, token: Token = "") -> Response:
    """Do not join."""
    answering.decline(ctx, invitation_id=invitation_id, token=token)
    return redirect(PAGE, notice="staff-declined")
