"""`/courses/{course}/assets`: pictures and other files beside lessons."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response, StreamingResponse

from api.deps import RuntimeDep, VisitorReading
from api.errors import errors
from api.ranges import answer
from api.routes.content.courses import CourseName
from lms_core.content.courses import service as courses
from lms_core.content.files import service as files
from lms_core.content.files.schemas import AssetView
from lms_core.content.media import service as media
from lms_core.content.media.service.library import Variant
from lms_core.kit.errors import NotFound
from lms_core.kit.storage import Storage
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release
from lms_core.learning.release.errors import LessonLocked

router = APIRouter(tags=["courses"])

AssetPath = Annotated[str, Path(max_length=500, description="The file's path inside the course")]


@router.get(
    "/courses/{course}/assets/{path:path}",
    response_class=StreamingResponse,
    response_model=None,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "The browser's copy is still right"},
        **errors(NotFound, LessonLocked),
    },
)
def read_asset(
    ctx: VisitorReading,
    runtime: RuntimeDep,
    course: CourseName,
    path: AssetPath,
    w: Annotated[int, Query(ge=0, le=4000, description="A smaller picture of this width, where there is one")] = 0,
    if_none_match: Annotated[str, Header(max_length=500)] = "",
    accept: Annotated[str, Header(max_length=500)] = "",
    range: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """A file of a course, for those who read it; its cover for everybody who sees the course."""
    card = courses.access_course(ctx, course, even_archived=True)
    if path != card.cover:
        card = enrolments.access_reading(ctx, card.id)
        release.access_asset(ctx, card, path=path)
    asset = files.find(ctx, owner_id=card.id, path=path)
    headers = _headers(asset)
    variant = media.access_variant(ctx, card.id, name=path, width=w, accepted=accept) if w else None
    if variant is not None:
        headers |= {"ETag": f'"{asset.sha256}-{w}-{variant.media_type}"', "Vary": "Accept"}
    if headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    shown = variant or Variant(asset.storage_key, asset.media_type, asset.size)
    return answer(storage, shown.key, size=shown.size, media_type=shown.media_type, asked=range, headers=headers)


def _headers(asset: AssetView) -> dict[str, str]:
    name = quote(asset.path.rsplit("/", 1)[-1], safe="")
    headers = {
        "ETag": f'"{asset.sha256}"',
        # Shown again only after asking: rights may have changed since.
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"{'inline' if asset.inline else 'attachment'}; filename*=UTF-8''{name}",
    }
    if asset.content_security_policy is not None:
        headers["Content-Security-Policy"] = asset.content_security_policy
    return headers
