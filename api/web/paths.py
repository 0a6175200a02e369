"""Learning paths as learners find and follow them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.deps import VisitorReading, Writing
from api.web.rendering import page, redirect
from lms_core.commerce.products import service as products
from lms_core.learning.paths import service as paths
from lms_core.learning.paths.schemas import StepState

router = APIRouter(prefix="/paths", include_in_schema=False)

Text = Annotated[str, Query(max_length=200)]
Cursor = Annotated[str, Query(max_length=600)]


@router.get("")
def list_paths(request: Request, ctx: VisitorReading, q: Text = "", cursor: Cursor = "") -> Response:
    """Published paths, newest first; three statements, five when courses are not known yet."""
    return page(request, ctx.actor, "paths.html", found=paths.browse(ctx, q=q, cursor=cursor), q=q)


@router.get("/{slug}")
def path_page(request: Request, ctx: VisitorReading, slug: str) -> Response:
    """A path and its courses, as they stand for who looks, with what closed ones cost; ten statements at most."""
    track = paths.access_path(ctx, slug)
    closed = [step.course.id for step in track.steps if step.state == StepState.CLOSED]
    return page(request, ctx.actor, "path.html", track=track, offers=products.of_courses(ctx, closed))


@router.post("/{slug}/enroll")
def enrol(ctx: Writing, slug: str) -> Response:
    """Follow a path."""
    paths.enrol(ctx, slug)
    return redirect(f"/paths/{slug}", notice="path-joined")


@router.post("/{slug}/leave")
def leave(ctx: Writing, slug: str) -> Response:
    """Follow a path no longer."""
    paths.leave(ctx, slug)
    return redirect("/my-courses", notice="path-left")
