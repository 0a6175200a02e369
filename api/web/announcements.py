"""What is announced in a course, as its readers see it: the list, and one of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.moments import When
from api.web.rendering import page
from lms_core.content.courses import service as courses
from lms_core.learning.announcements import service as announcements

router = APIRouter(include_in_schema=False)

A_PAGE = 15


@router.get("/courses/{slug}/announcements")
def sent(request: Request, ctx: Reading, slug: str, cursor: Annotated[str, Query(max_length=600)] = "") -> Response:
    """Everything announced in a course; eight statements."""
    found = announcements.sent(ctx, slug, cursor=cursor, limit=A_PAGE)
    card = courses.access_course(ctx, slug, even_archived=True)
    return page(request, ctx.actor, "announcements.html", course=card, found=found, when=When(request, ctx))


@router.get("/announcements/{announcement_id}")
def announcement(request: Request, ctx: Writing, announcement_id: UUID) -> Response:
    """One announcement; opening it marks it as read."""
    found = announcements.mark_read(ctx, announcement_id)
    card = courses.access_course(ctx, found.course_id, even_archived=True)
    may_edit = courses.may_edit(ctx, card.id)
    return page(
        request,
        ctx.actor,
        "announcement.html",
        course=card,
        announcement=found,
        may_edit=may_edit,
        when=When(request, ctx),
    )
