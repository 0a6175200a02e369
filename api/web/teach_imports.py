"""Bringing files in: the drop zone, the progress of an import, what failed and what to do."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing
from api.routes.ingestion import imports as routes
from api.web.left_behind import groups
from api.web.rendering import page, redirect, words
from ingestion.imports import service as imports
from lms_core.content.courses import service as courses
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/teach", include_in_schema=False)

Files = Annotated[list[UploadFile], File()]


@router.get("/courses/{slug}/import")
def import_page(request: Request, ctx: Reading, slug: str) -> Response:
    """The drop zone of a course and its last imports."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    found = imports.of_course(ctx, course=str(card.id), limit=1)
    return page(request, ctx.actor, "teach/import.html", course=card, last=found[0] if found else None, tab="import")


@router.post("/courses/{slug}/import")
def upload_into(request: Request, slug: str, runtime: RuntimeDep, files: Files) -> Response:
    """Add files to a course: the way without scripts."""
    view = routes.import_into(request, slug, runtime, files)
    return redirect(f"/teach/imports/{view.id}")


@router.post("/import")
def upload_course(
    request: Request, runtime: RuntimeDep, files: Files, title: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Make a course of files: the way without scripts."""
    view = routes.import_course(request, runtime, files, title=title)
    return redirect(f"/teach/imports/{view.id}")


@router.get("/imports/{import_id}")
def progress_page(request: Request, ctx: Reading, import_id: UUID) -> Response:
    """How an import stands; its script follows it, without one the page loads itself again."""
    view = imports.view(ctx, import_id=import_id)
    left = groups(words(request, ctx.actor), view.not_carried)
    return page(request, ctx.actor, "teach/progress.html", job=view, left=left, ended=view.status in routes.ENDED)


@router.post("/imports/{import_id}/cancel")
def cancel(ctx: Writing, import_id: UUID) -> Response:
    """Stop an import."""
    imports.cancel(ctx, import_id=import_id)
    return redirect(f"/teach/imports/{import_id}")


@router.post("/imports/{import_id}/retry")
def retry(ctx: Writing, import_id: UUID) -> Response:
    """Try an import again."""
    imports.retry(ctx, import_id=import_id)
    return redirect(f"/teach/imports/{import_id}")
