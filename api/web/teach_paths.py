"""Building a learning path: what it says, its courses in order, its cover, whether learners find it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.content.media.service.covering import LARGEST
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.learning.paths import service as paths
from lms_core.learning.paths.errors import PathNotReady
from lms_core.learning.paths.schemas import PathChange, PathCourseIn, PathCoursesIn, PathDetail, PathIn

router = APIRouter(prefix="/teach/paths", include_in_schema=False)

Line = Annotated[str, Form(max_length=6000)]
Find = Annotated[str, Query(max_length=200)]
FOUND = 12


@router.get("")
def my_paths(request: Request, ctx: Reading, cursor: Annotated[str, Query(max_length=600)] = "") -> Response:
    """The paths one may change; three statements, five when courses are not known yet."""
    return page(
        request, ctx.actor, "teach/paths.html", found=paths.manageable(ctx, cursor=cursor), values={}, errors={}
    )


@router.post("")
def create(
    request: Request, ctx: Writing, title: Line = "", summary: Line = "", language: Line = "en", sequential: Line = ""
) -> Response:
    """Begin a path."""
    values = {"title": title, "summary": summary, "language": language}
    try:
        made = paths.create(ctx, path=PathIn.model_validate({**values, "sequential": bool(sequential)}))
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        found = paths.manageable(ctx)
        status = getattr(error, "status", 422)
        return page(request, ctx.actor, "teach/paths.html", status=status, found=found, values=values, errors=told)
    return redirect(f"/teach/paths/{made.slug}")


@router.get("/{slug}")
def build(request: Request, ctx: Reading, slug: str, find: Find = "") -> Response:
    """A path as its makers see it, with courses to add."""
    return _build_page(request, ctx, paths.access_building(ctx, slug), find=find)


@router.post("/{slug}")
def save(
    request: Request,
    ctx: Writing,
    slug: str,
    title: Line = "",
    summary: Line = "",
    language: Line = "en",
    cover_alt: Line = "",
    sequential: Line = "",
) -> Response:
    """Keep what the path says of itself."""
    values = {"title": title, "summary": summary, "language": language, "cover_alt": cover_alt}
    try:
        paths.change(ctx, slug, change=PathChange.model_validate({**values, "sequential": bool(sequential)}))
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        return _build_page(
            request, ctx, paths.access_building(ctx, slug), errors=told, status=getattr(error, "status", 422)
        )
    return redirect(f"/teach/paths/{slug}", notice="saved")


@router.post("/{slug}/courses")
def change_courses(
    request: Request,
    ctx: Writing,
    slug: str,
    course: Annotated[UUID, Form()],
    action: Annotated[Literal["add", "remove", "up", "down", "optional", "required"], Form()],
    find: Line = "",
) -> Response:
    """Add a course at the end, take one out, move it a step, or say whether the path asks for it."""
    path = paths.access_building(ctx, slug)
    order = [PathCourseIn(course_id=step.course.id, optional=step.optional) for step in path.steps]
    place = next((at for at, each in enumerate(order) if each.course_id == course), None)
    if action == "add" and place is None:
        order.append(PathCourseIn(course_id=course))
    elif place is not None and action == "remove":
        order.pop(place)
    elif place is not None and action in ("up", "down"):
        order.insert(max(0, place + (-1 if action == "up" else 1)), order.pop(place))
    elif place is not None:
        order[place].optional = action == "optional"
    try:
        paths.set_courses(ctx, slug, given=PathCoursesIn(courses=order))
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        return _build_page(request, ctx, path, errors={"": next(iter(told.values()))}, find=find, status=409)
    return redirect(f"/teach/paths/{slug}#courses")


@router.post("/{slug}/cover")
def set_cover(
    request: Request,
    ctx: Reading,
    runtime: RuntimeDep,
    slug: str,
    file: Annotated[UploadFile | None, File()] = None,
    remove: Line = "",
) -> Response:
    """Give the path a picture, or the drawn cover again."""
    try:
        content = file.file.read(LARGEST + 1) if file is not None else b""
        stored = None if remove else paths.keep_cover(ctx, slug, content=content)
        with runtime.database.write(ctx.actor) as writing:
            if stored is None:
                paths.drop_cover(writing, slug)
            else:
                paths.set_cover(writing, slug, stored=stored)
    except DomainError as error:
        told = {"cover": next(iter(errors_told(words(request, ctx.actor), error).values()))}
        return _build_page(request, ctx, paths.access_building(ctx, slug), errors=told, status=error.status)
    return redirect(f"/teach/paths/{slug}", notice="saved" if remove else "cover-saved")


@router.post("/{slug}/publish")
def publish(request: Request, ctx: Writing, slug: str) -> Response:
    """Let learners find the path."""
    try:
        paths.publish(ctx, slug)
    except PathNotReady as error:
        told = errors_told(words(request, ctx.actor), error)
        return _build_page(request, ctx, paths.access_building(ctx, slug), errors=told, status=error.status)
    return redirect(f"/teach/paths/{slug}", notice="path-published")


@router.post("/{slug}/unpublish")
def unpublish(ctx: Writing, slug: str) -> Response:
    """Hide the path."""
    paths.unpublish(ctx, slug)
    return redirect(f"/teach/paths/{slug}", notice="saved")


@router.post("/{slug}/delete")
def delete(ctx: Writing, slug: str) -> Response:
    """Delete the path; its courses stay."""
    paths.delete_path(ctx, slug)
    return redirect("/teach/paths", notice="deleted")


def _found(ctx: ReadCtx, path: PathDetail, find: str) -> list[CourseCard]:
    """Published courses that could be added: those with every word of `find`, else the newest."""
    inside = {step.course.id for step in path.steps}
    found = courses.browse(ctx, q=find, limit=FOUND + len(inside)).items
    return [card for card in found if card.id not in inside][:FOUND]


def _build_page(
    request: Request,
    ctx: ReadCtx,
    path: PathDetail,
    *,
    errors: Errors | None = None,
    find: str = "",
    status: int = 200,
) -> Response:
    values = {"title": path.title, "summary": path.summary, "language": path.language, "cover_alt": path.cover_alt}
    return page(
        request,
        ctx.actor,
        "teach/path.html",
        status=status,
        track=path,
        values=values,
        errors=errors or {},
        found=_found(ctx, path, find),
        find=find,
    )
