"""The page of one's notifications. The bell in the header asks for the number after the page is there."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.rendering import language_of, page, redirect
from lms_core.reach.notifications import service as notifications

router = APIRouter(prefix="/notifications", include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]


@router.get("")
def mine(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """What one was told, newest first."""
    found = notifications.mine(ctx, language=language_of(request, ctx.actor), cursor=cursor)
    return page(request, ctx.actor, "notifications.html", found=found)


@router.post("/read")
def read_all(ctx: Writing) -> Response:
    """Mark all as read."""
    notifications.mark_all_read(ctx)
    return redirect("/notifications")


@router.post("/{notification_id}/open")
def open_one(ctx: Writing, notification_id: UUID) -> Response:
    """Mark it as read, and go where it leads."""
    return redirect(notifications.mark_read(ctx, notification_id).path)
