"""`/paths`: learning paths, found, followed and built; `/my-paths`."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response, StreamingResponse

from api.deps import Reading, RuntimeDep, VisitorReading, Writing
from api.errors import errors
from api.ranges import answer
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import Page
from lms_core.kit.storage import Storage
from lms_core.learning.enrolments.errors import ForSale
from lms_core.learning.paths import service as paths
from lms_core.learning.paths.errors import PathNotFound, PathNotReady, PathSlugTaken
from lms_core.learning.paths.schemas import MyPath, PathCard, PathChange, PathCoursesIn, PathDetail, PathIn

router = APIRouter(tags=["paths"])

PathName = Annotated[str, Path(max_length=80, description="The path's id or slug")]
Cursor = Annotated[str, Query(max_length=600)]
BYTES = {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


@router.get("/paths", response_model=Page[PathCard], responses=errors(Invalid))
def browse(ctx: VisitorReading, q: Annotated[str, Query(max_length=200)] = "", cursor: Cursor = "") -> Page[PathCard]:
    """Published paths, newest first, those with every word of `q` where it is given."""
    return paths.browse(ctx, q=q, cursor=cursor)


@router.get("/my-paths", response_model=list[MyPath], responses=errors(Unauthenticated))
def list_mine(ctx: Reading) -> list[MyPath]:
    """The paths the caller follows, with how far they are."""
    return paths.mine(ctx)


@router.post(
    "/paths",
    status_code=201,
    response_model=PathDetail,
    responses=errors(Unauthenticated, Forbidden, PathSlugTaken, Invalid),
)
def create(ctx: Writing, path: PathIn) -> PathDetail:
    """Make a path; it begins as a draft without courses."""
    return paths.create(ctx, path=path)


@router.get("/paths/{path}", response_model=PathDetail, responses=errors(PathNotFound))
def read(ctx: VisitorReading, path: PathName) -> PathDetail:
    """A path with its courses, and how each stands for the caller."""
    return paths.access_path(ctx, path)


@router.patch(
    "/paths/{path}",
    response_model=PathDetail,
    responses=errors(Unauthenticated, Forbidden, PathNotFound, Invalid),
)
def change(ctx: Writing, path: PathName, change: PathChange) -> PathDetail:
    """Describe a path anew; what is left out stays."""
    return paths.change(ctx, path, change=change)


@router.put(
    "/paths/{path}/courses",
    response_model=PathDetail,
    responses=errors(Unauthenticated, Forbidden, PathNotFound, PathNotReady, Invalid),
)
def set_courses(ctx: Writing, path: PathName, given: PathCoursesIn) -> PathDetail:
    """Make these the courses of the path, in this order."""
    return paths.set_courses(ctx, path, given=given)


@router.post(
    "/paths/{path}/publish",
    response_model=PathDetail,
    responses=errors(Unauthenticated, Forbidden, PathNotFound, PathNotReady),
)
def publish(ctx: Writing, path: PathName) -> PathDetail:
    """Let learners find the path."""
    return paths.publish(ctx, path)


@router.post(
    "/paths/{path}/unpublish",
    response_model=PathDetail,
    responses=errors(Unauthenticated, Forbidden, PathNotFound),
)
def unpublish(ctx: Writing, path: PathName) -> PathDetail:
    """Hide the path from who does not follow it."""
    return paths.unpublish(ctx, path)


@router.delete(
    "/paths/{path}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, PathNotFound),
)
def delete(ctx: Writing, path: PathName) -> None:
    """Delete a path; its courses stay."""
    paths.delete_path(ctx, path)


@router.post(
    "/paths/{path}/enroll", response_model=PathDetail, responses=errors(Unauthenticated, ForSale, PathNotFound)
)
def enrol(ctx: Writing, path: PathName) -> PathDetail:
    """Follow a path, and join its open courses: those whose turn it is."""
    return paths.enrol(ctx, path)


@router.post(
    "/paths/{path}/leave", status_code=204, response_model=None, responses=errors(Unauthenticated, PathNotFound)
)
def leave(ctx: Writing, path: PathName) -> None:
    """Follow a path no longer; its courses stay the caller's."""
    paths.leave(ctx, path)


@router.get(
    "/paths/{path}/cover",
    response_class=StreamingResponse,
    response_model=None,
    responses={**BYTES, 304: {"description": "The browser's copy is still right"}, **errors(PathNotFound, NotFound)},
)
def read_cover(
    ctx: VisitorReading,
    runtime: RuntimeDep,
    path: PathName,
    w: Annotated[int, Query(ge=0, le=4000, description="A smaller picture of this width, where there is one")] = 0,
    if_none_match: Annotated[str, Header(max_length=500)] = "",
    accept: Annotated[str, Header(max_length=500)] = "",
) -> Response:
    """The path's picture."""
    asset = paths.cover_of(ctx, path, width=w, accepted=accept)
    headers = {"ETag": f'"{asset.sha256}"', "Cache-Control": "private, no-cache"} | ({"Vary": "Accept"} if w else {})
    if headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    return answer(storage, asset.storage_key, size=asset.size, media_type=asset.media_type, asked="", headers=headers)
