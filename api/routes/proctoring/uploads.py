"""Pictures over HTTP: small forms, refused early when they are not; and every refusal counted."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from fastapi import File, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from prometheus_client import Counter
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Message

from lms_core.kit.context import Actor
from lms_core.kit.errors import DomainError
from proctoring.evidence.errors import NotAPicture
from proctoring.evidence.service import MAXIMUM_BYTES
from proctoring.sessions import service as sessions
from proctoring.sessions.errors import SessionNotFound
from proctoring.sessions.service.recording import REFUSED
from workers.runtime import Runtime

MAXIMUM_FORM = MAXIMUM_BYTES + 64 * 1024  # the picture, and the fields beside it
TOO_LARGE = f"A snapshot has at most {MAXIMUM_BYTES // 1024 // 1024} MB. Send a JPEG of about 640 pixels."

REPEATED = Counter("mwalimu_proctor_repeated_total", "Pictures that came again under a number that is stored")

Picture = Annotated[UploadFile | None, File(description="One JPEG")]


# When a class looks up at once, more threads would only fight for the interpreter, and for the database's one writer:
# of fifty pictures at once the slowest took 0.47 s with two threads and 0.62 s with four.
UPLOADING_THREADS = 2
_uploading: RunVar[CapacityLimiter] = RunVar("uploading_threads")


def uploading_threads() -> CapacityLimiter:
    """The threads for pictures of this event loop."""
    try:
        return _uploading.get()
    except LookupError:
        limiter = CapacityLimiter(UPLOADING_THREADS)
        _uploading.set(limiter)
        return limiter


class PictureRoute(APIRoute):
    """A route that stops reading a form once it is larger than a snapshot can be, and counts what it refuses."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind the limit."""
        handle = super().get_route_handler()

        async def limited(request: Request) -> Response:
            try:
                declared = request.headers.get("content-length", "")
                if declared.isdigit() and int(declared) > MAXIMUM_FORM:
                    raise HTTPException(413, TOO_LARGE)
                return await handle(Request(request.scope, _counted(request)))
            except HTTPException as error:
                REFUSED.labels("too_large" if error.status_code == 413 else "malformed").inc()
                raise
            except RequestValidationError:
                REFUSED.labels("malformed").inc()
                raise

        return limited


def _counted(request: Request) -> Callable[[], Coroutine[Any, Any, Message]]:
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > MAXIMUM_FORM:
            # No error of our own: FastAPI makes a 400 of whatever else is raised while it reads a form.
            raise HTTPException(413, TOO_LARGE)
        return message

    return receive


def content_of(*files: UploadFile | None) -> bytes:
    """The bytes of the one file that was sent, under whichever name. NotAPicture when there is none."""
    for file in files:
        if file is not None:
            return file.file.read()
    raise NotAPicture("The form has no file. Send the JPEG as `picture`.")


@contextmanager
def refusals_counted(runtime: Runtime, session_id: UUID, who: list[Actor]) -> Iterator[None]:
    """Count refusals inside: in the metrics, and on the session where it is the caller's own.

    `who` holds the caller once they are known.
    """
    try:
        yield
    except DomainError as error:
        REFUSED.labels(error.code).inc()
        if who and not isinstance(error, SessionNotFound):
            with runtime.database.write(who[0]) as ctx:
                sessions.count_refused(ctx, session_id, code=error.code)
        raise
