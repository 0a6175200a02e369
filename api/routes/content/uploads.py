"""Resumable uploads: tus 1.0 (https://tus.io/protocols/resumable-upload).

With its extensions creation, expiration, checksum and termination. A PATCH may carry
everything that is left or any part of it; what arrived before a connection broke is kept.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import AsyncIterator, Iterator
from email.utils import format_datetime
from typing import Annotated, BinaryIO
from uuid import UUID

from fastapi import APIRouter, Header, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing, signed_in, visitor_reading
from api.errors import errors
from api.routes.content.courses import CourseName
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.media import service as media
from lms_core.content.media.errors import (
    ChecksumMismatch,
    FileTooLarge,
    NotReceiving,
    QuotaExceeded,
    UploadNotFound,
    WrongOffset,
)
from lms_core.content.media.schemas import DirectUpload, UploadIn, UploadView
from lms_core.kit.context import Actor
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.settings import Settings
from lms_core.kit.storage import Storage
from workers.runtime import Runtime

router = APIRouter(tags=["media"])

TUS = {"Tus-Resumable": "1.0.0"}
EXTENSIONS = "creation,expiration,checksum,termination"
CHECKSUMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
PIECE = 4 * 1024 * 1024  # kept in memory until it goes to storage
OFFSETS = "application/offset+octet-stream"

Count = Annotated[int, Header(ge=0, le=2**62)]


class NotTus(Invalid):
    """A request that is not as tus 1.0 wants it."""

    status = 400
    code = "not_tus"
    title = "This is not a request of tus 1.0"


@router.options("/uploads", status_code=204, response_model=None)
def describe(runtime: RuntimeDep) -> Response:
    """What this tus server can do."""
    limit = runtime.resources.get(Settings).media_limit_mb * 2**20
    told = {
        "Tus-Version": "1.0.0",
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(limit),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }
    return Response(status_code=204, headers={**TUS, **told})


@router.post(
    "/courses/{course}/uploads",
    status_code=201,
    response_model=UploadView,
    responses=errors(Unauthenticated, CourseNotFound, Forbidden, NotTus, FileTooLarge, QuotaExceeded),
)
def create(
    ctx: Writing,
    response: Response,
    course: CourseName,
    upload_length: Count,
    upload_metadata: Annotated[str, Header(max_length=4000, description="`filename <base64>`")] = "",
) -> UploadView:
    """Begin an upload of `Upload-Length` bytes; `Location` is where they go."""
    name = _metadata(upload_metadata).get("filename", "") or "file"
    if upload_length == 0:
        raise NotTus("The file is empty. Check that it was saved whole.")
    begun = media.begin(ctx, course, upload=UploadIn(name=name[:200], size=upload_length))
    response.headers.update(_headers(begun) | {"Location": f"/api/v1/uploads/{begun.id}"})
    return begun


@router.head("/uploads/{upload_id}", response_model=None, status_code=204, responses=errors(UploadNotFound))
def offset(ctx: Reading, upload_id: UUID) -> Response:
    """Where to go on, in `Upload-Offset`."""
    found = media.access_upload(ctx, upload_id)
    return Response(status_code=200, headers={**_headers(found), "Cache-Control": "no-store"})


@router.get("/uploads/{upload_id}", response_model=UploadView, responses=errors(Unauthenticated, UploadNotFound))
def read(ctx: Reading, upload_id: UUID) -> UploadView:
    """What became of an upload."""
    return media.access_upload(ctx, upload_id)


@router.delete(
    "/uploads/{upload_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, UploadNotFound, NotReceiving),
)
def cancel(ctx: Writing, upload_id: UUID) -> Response:
    """Give an upload up."""
    media.cancel(ctx, upload_id)
    return Response(status_code=204, headers=TUS)


@router.patch(
    "/uploads/{upload_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, UploadNotFound, NotTus, WrongOffset, NotReceiving, ChecksumMismatch),
)
async def receive(
    request: Request,
    runtime: RuntimeDep,
    upload_id: UUID,
    upload_offset: Count,
    content_type: Annotated[str, Header(max_length=200)] = "",
    upload_checksum: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """Take the next bytes. With `Upload-Checksum` they are one piece of at most 4 MB, kept whole or not at all."""
    if content_type != OFFSETS:
        raise NotTus(f"Send the bytes as {OFFSETS}.")
    actor, upload = await run_in_threadpool(_admit, request, runtime, upload_id)
    if upload.received != upload_offset:
        raise WrongOffset(upload.received)
    async for piece in _pieces(request):
        if upload.received + len(piece) > upload.size:
            raise NotTus("More bytes came than Upload-Length said.")
        if upload_checksum:
            _verify(piece, upload_checksum, whole=len(piece) <= PIECE)
        upload = await run_in_threadpool(store_piece, runtime, actor, upload, piece)
    return Response(status_code=204, headers=_headers(upload))


@router.post(
    "/courses/{course}/uploads/direct",
    status_code=201,
    response_model=DirectUpload,
    responses=errors(Unauthenticated, CourseNotFound, Forbidden, FileTooLarge, QuotaExceeded),
)
def create_direct(ctx: Writing, course: CourseName, upload: UploadIn) -> DirectUpload:
    """Begin an upload whose bytes a program puts straight into storage; then finish it."""
    return media.begin_direct(ctx, course, upload=upload)


@router.post(
    "/uploads/{upload_id}/finish",
    status_code=202,
    response_model=UploadView,
    responses=errors(Unauthenticated, UploadNotFound, NotFound, NotReceiving, WrongOffset),
)
def finish_direct(request: Request, runtime: RuntimeDep, upload_id: UUID) -> UploadView:
    """Say that the bytes of a direct upload are stored."""
    for reading in visitor_reading(request, runtime):
        key, actor = media.direct_key(signed_in(reading), upload_id), reading.actor
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    stored = storage.size(key)  # asked of a bucket, so before the transaction
    with runtime.database.write(actor, request_id=request.state.request_id) as ctx:
        return media.finish_direct(ctx, upload_id, stored=stored)


def _admit(request: Request, runtime: Runtime, upload_id: UUID) -> tuple[Actor, UploadView]:
    for ctx in visitor_reading(request, runtime):
        return signed_in(ctx).actor, media.access_upload(ctx, upload_id)
    raise AssertionError("a context was opened")


def store_piece(runtime: Runtime, actor: Actor, upload: UploadView, piece: bytes) -> UploadView:
    """Put a piece to storage, then write down that it is there; one that came too late leaves nothing."""
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    with runtime.database.read(actor) as ctx:
        key = media.new_piece_key(ctx, upload)
    storage.put(key, piece)
    try:
        with runtime.database.write(actor) as ctx:
            return media.note_piece(ctx, upload.id, start=upload.received, size=len(piece), key=key)
    except (WrongOffset, NotReceiving, UploadNotFound):
        storage.delete(key)
        raise


def streamed(file: BinaryIO) -> Iterator[bytes]:
    """A file's bytes in pieces."""
    while piece := file.read(PIECE):
        yield piece


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces of at least PIECE bytes but for the last; what came before a connection broke included."""
    held = bytearray()
    try:
        async for arrived in request.stream():
            held += arrived
            if len(held) >= PIECE:
                yield bytes(held)
                held.clear()
    except ClientDisconnect:
        pass  # the sender asks for the offset and goes on from there
    if held:
        yield bytes(held)


def _verify(piece: bytes, header: str, *, whole: bool) -> None:
    algorithm, _, given = header.partition(" ")
    if algorithm not in CHECKSUMS or not whole:
        raise NotTus(f"Checksums are {' or '.join(CHECKSUMS)}, of pieces of at most {PIECE} bytes.")
    right = base64.b64encode(CHECKSUMS[algorithm](piece).digest())
    if not hmac.compare_digest(right, given.strip().encode()):
        raise ChecksumMismatch()


def _metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: comma-separated keys with base64 values."""
    found = {}
    for pair in filter(None, (each.strip() for each in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise NotTus("Upload-Metadata holds a value that is no base64 of UTF-8.") from error
    if any(not char.isprintable() for char in found.get("filename", "")):
        raise NotTus("The file's name holds control characters.")
    return found


def _headers(upload: UploadView) -> dict[str, str]:
    return {
        **TUS,
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.size),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
    }
