"""What the caller is told: the list, how much is unread, and reading it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import Cursor, Limit
from lms_core.kit.errors import Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.reach.notifications import service as notifications
from lms_core.reach.notifications.schemas import NotificationView, Unread

router = APIRouter(prefix="/notifications", tags=["notifications"])

UnreadOnly = Annotated[bool, Query(description="Only what is not read yet.")]


@router.get("", response_model=Page[NotificationView], responses=errors(Unauthenticated, Invalid))
def list_mine(
    ctx: Reading, unread: UnreadOnly = False, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Page[NotificationView]:
    """The caller's notifications, newest first, in the language of their account."""
    return notifications.mine(ctx, unread_only=unread, cursor=cursor, limit=limit)


@router.get("/unread", response_model=Unread, responses=errors(Unauthenticated))
def count_unread(ctx: Reading) -> Unread:
    """How many are unread."""
    return Unread(unread=notifications.unread(ctx))


@router.post("/read", status_code=204, responses=errors(Unauthenticated))
def read_all(ctx: Writing) -> None:
    """Mark all as read."""
    notifications.mark_all_read(ctx)


@router.post("/{notification_id}/read", response_model=NotificationView, responses=errors(Unauthenticated, NotFound))
def read(ctx: Writing, notification_id: UUID) -> NotificationView:
    """Mark one as read; again, nothing changes."""
    return notifications.mark_read(ctx, notification_id)
