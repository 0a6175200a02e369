"""Imports over HTTP: upload files or a folder, follow the progress, cancel, try again."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import sse
from api.deps import Reading, RuntimeDep, Writing, signed_in, visitor_reading, visitor_writing
from api.errors import errors
from ingestion.imports import service as imports
from ingestion.imports.errors import BadPath, ImportNotFound, NothingUploaded, NotRetryable, NotRunning
from ingestion.imports.schemas import ImportOptions, ImportView
from ingestion.imports.service import Upload
from lms_core.content.courses import service as courses
from lms_core.kit.errors import Forbidden, NotFound, TooLarge, Unauthenticated
from lms_core.kit.permissions import Permission
from workers.runtime import Runtime


class FolderForm(Request):
    """A request whose form may hold a whole folder: Starlette stops at 1,000 files unless told otherwise."""

    def form(self, **_limits: Any) -> Any:
        """The form, with as many files as an import takes, and a path for each."""
        return super().form(max_files=imports.MAXIMUM_FILES, max_fields=imports.MAXIMUM_FILES + 100)


class FolderRoute(APIRoute):
    """A route that reads its form as `FolderForm` does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, given the larger form."""
        handle = super().get_route_handler()

        async def with_larger_form(request: Request) -> Response:
            return await handle(FolderForm(request.scope, request.receive))

        return with_larger_form


router = APIRouter(tags=["imports"], route_class=FolderRoute)

POLL_SECONDS = 0.25
ENDED = ("done", "failed", "cancelled")

_in_transaction = contextmanager(visitor_writing)
_in_view = contextmanager(visitor_reading)


class EarlierCourse(BaseModel):
    """The course that files of this name became before; both None when there is none."""

    slug: str | None = None
    title: str | None = None


class ImportList(BaseModel):
    """The last imports of a course."""

    items: list[ImportView]
    next_cursor: None = None


Files = Annotated[list[UploadFile], File(description="The files")]
Paths = Annotated[list[str], Form(description="Path of each file inside the course, when a folder is uploaded")]
UPLOAD_ERRORS = errors(Forbidden, NotFound, TooLarge, NothingUploaded, BadPath)


@router.post("/imports", status_code=202, response_model=ImportView, responses=UPLOAD_ERRORS)
def import_course(
    request: Request,
    runtime: RuntimeDep,
    files: Files,
    paths: Paths = [],  # noqa: B006 - FastAPI copies defaults
    title: Annotated[str, Form(max_length=200)] = "",
    slug: Annotated[str, Form(max_length=80)] = "",
    language: Annotated[str, Form(max_length=3)] = "",
    publish: Annotated[bool, Form()] = False,
    new: Annotated[bool, Form(description="Make a course of its own, even where the files name one")] = False,
) -> ImportView:
    """Make a course out of uploaded files: a folder, a zip, or a single document.

    With the slug of a course that is there, or files that name one, that course is updated.
    """
    try:
        options = ImportOptions(title=title, slug=slug, language=language, publish=publish, new=new)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    return _begin(request, runtime, files, paths, options, course=None)


@router.post("/courses/{course}/imports", status_code=202, response_model=ImportView, responses=UPLOAD_ERRORS)
def import_into(
    request: Request,
    course: str,
    runtime: RuntimeDep,
    files: Files,
    paths: Paths = [],  # noqa: B006 - FastAPI copies defaults
) -> ImportView:
    """Add uploaded files to a course as lessons."""
    return _begin(request, runtime, files, paths, ImportOptions(), course=course)


def _begin(
    request: Request,
    runtime: Runtime,
    files: list[UploadFile],
    paths: list[str],
    options: ImportOptions,
    *,
    course: str | None,
) -> ImportView:
    _check_allowed(request, runtime, course)
    with tempfile.TemporaryDirectory(prefix="mwalimu-upload-") as folder:
        uploads = _spool(files, paths, Path(folder))
        with _in_view(request, runtime) as ctx:
            tenant_id = ctx.tenant_id
        import_id, kept = imports.keep_files(runtime.resources, tenant_id=tenant_id, uploads=uploads)
    with _in_transaction(request, runtime) as visitor:
        return imports.begin(signed_in(visitor), import_id=import_id, files=kept, options=options, course=course)


def _check_allowed(request: Request, runtime: Runtime, course: str | None) -> None:
    """Refuse before hundreds of megabytes are stored."""
    with _in_transaction(request, runtime) as visitor:
        ctx = signed_in(visitor)
        if course is not None:
            courses.access_course(ctx, course, Permission.COURSE_EDIT)
        elif not ctx.actor.may(Permission.COURSE_CREATE):
            raise Forbidden("Making courses is for instructors. Ask an administrator for the role.")


def _spool(files: list[UploadFile], paths: list[str], folder: Path) -> list[Upload]:
    uploads = []
    for number, file in enumerate(files[: imports.MAXIMUM_FILES]):
        given = paths[number] if number < len(paths) and paths[number] else file.filename or ""
        if not given:
            continue
        target = folder / str(number)
        with target.open("wb") as copy:
            shutil.copyfileobj(file.file, copy)
        uploads.append(Upload(path=given, file=target))
    return uploads


@router.get("/courses/{course}/imports", response_model=ImportList, responses=errors(NotFound))
def of_course(course: str, ctx: Reading) -> ImportList:
    """The last imports into a course."""
    return ImportList(items=imports.of_course(ctx, course=course))


@router.get("/imports/earlier", response_model=EarlierCourse, responses=errors(Unauthenticated))
def earlier(
    ctx: Reading,
    name: Annotated[str, Query(min_length=1, max_length=300, description="Name of the folder, archive or file")],
    title: Annotated[str, Query(max_length=200)] = "",
) -> EarlierCourse:
    """Which course of the caller came from the same files; importing with its slug updates it."""
    card = imports.earlier(signed_in(ctx), name=name, title=title)
    return EarlierCourse() if card is None else EarlierCourse(slug=card.slug, title=card.title)


@router.get("/imports/{import_id}", response_model=ImportView, responses=errors(ImportNotFound))
def get_import(import_id: UUID, ctx: Reading) -> ImportView:
    """How an import stands."""
    return imports.view(ctx, import_id=import_id)


@router.get(
    "/imports/{import_id}/events",
    responses={**errors(ImportNotFound), 200: {"content": {"text/event-stream": {}}}},
)
async def follow(request: Request, import_id: UUID, runtime: RuntimeDep) -> Response:
    """The import's progress as server-sent events `progress`, then `done`."""
    first = await run_in_threadpool(_look, request, runtime, import_id)
    return sse.response(_progress(request, runtime, first))


def _look(request: Request, runtime: Runtime, import_id: UUID) -> ImportView:
    with _in_view(request, runtime) as ctx:
        return imports.view(ctx, import_id=import_id)


async def _progress(request: Request, runtime: Runtime, view: ImportView) -> AsyncIterator[bytes]:
    shown, position = None, 0
    while True:
        state = view.model_dump(mode="json", exclude={"seconds"})
        if state != shown:
            shown, position = state, position + 1
            event = "done" if view.status in ENDED else "progress"
            yield sse.encode(event, view.model_dump(mode="json"), position)
        if view.status in ENDED:
            return
        await asyncio.sleep(POLL_SECONDS)
        view = await run_in_threadpool(_look, request, runtime, view.id)


@router.post("/imports/{import_id}/cancel", response_model=ImportView, responses=errors(ImportNotFound, NotRunning))
def cancel(import_id: UUID, ctx: Writing) -> ImportView:
    """Stop an import while its files are being read."""
    return imports.cancel(ctx, import_id=import_id)


@router.post("/imports/{import_id}/retry", response_model=ImportView, responses=errors(ImportNotFound, NotRetryable))
def retry(import_id: UUID, ctx: Writing) -> ImportView:
    """Read the same files again."""
    return imports.retry(ctx, import_id=import_id)
