"""A course's files and videos: the library, uploads without scripts, captions, deleting."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing, signed_in, visitor_reading
from api.routes.content.uploads import store_piece, streamed
from api.web.rendering import page, redirect
from lms_core.content.courses import service as courses
from lms_core.content.media import service as media
from lms_core.content.media.captions import MAXIMUM_BYTES
from lms_core.content.media.errors import CaptionRefused, NotRetryable, StillUsed
from lms_core.content.media.schemas import UploadIn
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/teach", include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]
Languages = Annotated[str, Form(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$", max_length=35)]


@router.get("/courses/{slug}/media")
def library_page(request: Request, ctx: Reading, slug: str, cursor: Cursor = "") -> Response:
    """The library of a course and what is still on its way."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    shown = media.library(ctx, card.id, cursor=cursor)
    return page(request, ctx.actor, "teach/media.html", course=card, library=shown, tab="media")


@router.post("/courses/{slug}/media")
def upload(request: Request, slug: str, runtime: RuntimeDep, file: Annotated[UploadFile, File()]) -> Response:
    """Take a file: the way without scripts, where nothing resumes."""
    for reading in visitor_reading(request, runtime):
        actor = signed_in(reading).actor
    given = UploadIn(name=(file.filename or "file")[:200], size=file.size or 0) if file.size else None
    if given is None:
        return redirect(f"/teach/courses/{slug}/media", notice="media-empty")
    with runtime.database.write(actor) as ctx:
        begun = media.begin(ctx, slug, upload=given)
    for piece in streamed(file.file):
        begun = store_piece(runtime, actor, begun, piece)
    return redirect(f"/teach/courses/{slug}/media", notice="media-sent")


@router.post("/courses/{slug}/media/{item_id}/delete")
def delete(ctx: Writing, slug: str, item_id: UUID) -> Response:
    """Delete an item that no lesson shows."""
    try:
        media.forget(ctx, item_id)
    except StillUsed:
        return redirect(f"/teach/courses/{slug}/media", notice="media-used")
    return redirect(f"/teach/courses/{slug}/media", notice="deleted")


@router.post("/courses/{slug}/media/{item_id}/retry")
def retry(ctx: Writing, slug: str, item_id: UUID) -> Response:
    """Make a video again."""
    try:
        media.retry(ctx, item_id)
    except NotRetryable:
        return redirect(f"/teach/courses/{slug}/media", notice="media-not-retryable")
    return redirect(f"/teach/courses/{slug}/media")


@router.post("/courses/{slug}/media/{item_id}/captions")
def put_captions(
    ctx: Writing, slug: str, item_id: UUID, language: Languages, file: Annotated[UploadFile, File()]
) -> Response:
    """Give a video captions."""
    try:
        media.caption(ctx, item_id, language=language, content=file.file.read(MAXIMUM_BYTES + 1))
    except (CaptionRefused, ValidationError):
        return redirect(f"/teach/courses/{slug}/media", notice="captions-refused")
    return redirect(f"/teach/courses/{slug}/media", notice="saved")


@router.post("/courses/{slug}/media/{item_id}/captions/{language}/delete")
def drop_captions(ctx: Writing, slug: str, item_id: UUID, language: str) -> Response:
    """Take captions away."""
    media.drop_caption(ctx, item_id, language=language)
    return redirect(f"/teach/courses/{slug}/media", notice="deleted")


@router.post("/courses/{slug}/uploads/{upload_id}/cancel")
def cancel(ctx: Writing, slug: str, upload_id: UUID) -> Response:
    """Give an upload up, or clear away one that was refused."""
    media.cancel(ctx, upload_id)
    return redirect(f"/teach/courses/{slug}/media", notice="deleted")
