"""A course's library, and films to watch: playlists and segments by short-lived signed addresses."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from api.deps import Reading, RuntimeDep, Writing
from api.errors import errors
from api.ranges import answer
from api.routes.content.courses import CourseName, Cursor, Limit
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.schemas import CourseCard
from lms_core.content.media import service as media
from lms_core.content.media.captions import MAXIMUM_BYTES
from lms_core.content.media.errors import CaptionRefused, FilmNotReady, MediaNotFound, NotRetryable, StillUsed
from lms_core.content.media.schemas import CaptionView, ItemView, Language, Library, Playback
from lms_core.kit.context import ReadCtx, Resources
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT
from lms_core.kit.recent import Recent
from lms_core.kit.storage import Storage
from lms_core.kit.storage_links import StorageLinkOver
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release
from lms_core.learning.release.errors import LessonLocked

router = APIRouter(tags=["media"])
# Asked for more often than anything else while somebody watches.
segments = APIRouter(tags=["media"])

FilmName = Annotated[str, Path(max_length=200, pattern=r"^[a-z0-9-]+$")]
VTT = {200: {"content": {"text/vtt": {"schema": {"type": "string"}}}}}
BYTES = {
    200: {"content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}}},
    206: {"description": "The range that was asked for"},
}

_SIZES: Recent[int] = Recent(capacity=20_000)  # of stored films' files, which never change


@segments.get(
    "/media/{token}/{path:path}",
    response_class=Response,
    response_model=None,
    responses={**BYTES, **errors(StorageLinkOver, MediaNotFound, NotFound)},
)
async def read_segment(
    runtime: RuntimeDep,
    token: Annotated[str, Path(max_length=200)],
    path: Annotated[str, Path(max_length=60)],
    range: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """A playlist, poster or part of a film, by an address made for somebody who may watch it; asks no database."""
    # Not one of the readers' few threads: a bucket may take its time.
    return await run_in_threadpool(_segment, runtime.resources, token, path, range)


def _segment(resources: Resources, token: str, path: str, asked: str) -> Response:
    key, media_type = media.file_of(resources, token, path)
    storage = resources.get(Storage)  # type: ignore[type-abstract]
    size = _SIZES.get(key)
    if size is None:
        size = storage.size(key)
        _SIZES.keep(key, size)
    headers = {"Cache-Control": "private, max-age=7200"}
    return answer(storage, key, size=size, media_type=media_type, asked=asked, headers=headers, at_once=True)


@router.get(
    "/courses/{course}/media",
    response_model=Library,
    responses=errors(Unauthenticated, CourseNotFound, Forbidden, Invalid),
)
def list_media(ctx: Reading, course: CourseName, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Library:
    """What was uploaded to a course, newest first, for its editors."""
    return media.library(ctx, course, cursor=cursor, limit=limit)


@router.get("/media-items/{item_id}", response_model=ItemView, responses=errors(Unauthenticated, MediaNotFound))
def read_item(ctx: Reading, item_id: UUID) -> ItemView:
    """An item of a library: its state, a film's progress."""
    return media.read_item(ctx, item_id)


@router.delete(
    "/media-items/{item_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, MediaNotFound, StillUsed),
)
def delete_item(ctx: Writing, item_id: UUID) -> Response:
    """Delete an item that no lesson shows."""
    media.forget(ctx, item_id)
    return Response(status_code=204)


@router.post(
    "/media-items/{item_id}/retry",
    response_model=ItemView,
    status_code=202,
    responses=errors(Unauthenticated, MediaNotFound, NotRetryable),
)
def retry(ctx: Writing, item_id: UUID) -> ItemView:
    """Make a video again that could not be made."""
    return media.retry(ctx, item_id)


@router.put(
    "/media-items/{item_id}/captions/{language}",
    response_model=CaptionView,
    responses=errors(Unauthenticated, MediaNotFound, CaptionRefused),
)
def put_captions(ctx: Writing, item_id: UUID, language: Language, file: UploadFile) -> CaptionView:
    """Give a video captions (WebVTT or SubRip) in a language, in place of those it had."""
    return media.caption(ctx, item_id, language=language, content=file.file.read(MAXIMUM_BYTES + 1))


@router.delete(
    "/media-items/{item_id}/captions/{language}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, MediaNotFound),
)
def delete_captions(ctx: Writing, item_id: UUID, language: Language) -> Response:
    """Take a video's captions in a language away."""
    media.drop_caption(ctx, item_id, language=language)
    return Response(status_code=204)


@router.get(
    "/courses/{course}/videos/{name}",
    response_model=Playback,
    responses=errors(Unauthenticated, CourseNotFound, MediaNotFound, FilmNotReady, LessonLocked),
)
def read_playback(ctx: Reading, course: CourseName, name: FilmName) -> Playback:
    """What plays a video, for those who read the course."""
    return media.playback(ctx, _open(ctx, course, name), name=name)


@router.get(
    "/courses/{course}/videos/{name}/captions/{language}",
    response_class=PlainTextResponse,
    response_model=None,
    responses={**VTT, **errors(Unauthenticated, CourseNotFound, MediaNotFound, LessonLocked)},
)
def read_captions(ctx: Reading, course: CourseName, name: FilmName, language: Language) -> Response:
    """A video's captions, for those who read the course."""
    card = _open(ctx, course, name)
    text = media.caption_file(ctx, card.id, name=name, language=language)
    return Response(text, media_type="text/vtt", headers={"Cache-Control": "private, no-cache"})


def _open(ctx: ReadCtx, course: str, name: str) -> CourseCard:
    """The course of a video, for who reads it; LessonLocked when only locked lessons show the video."""
    card = enrolments.access_reading(ctx, course)
    release.access_asset(ctx, card, path=f"video:{name}")
    return card
