"""What every request passes through: its id, security headers, a size limit, one log line, metrics."""

import logging
import re
import time
from functools import cache

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lms_core.kit.ids import new_id

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=()",
}
SMALL_BODY = 2 * 1024 * 1024
# Anybody may knock where payment providers call back, and what they send is short.
CALLBACKS, CALLBACK_BODY = "/api/v1/webhook/", 64 * 1024
# Bodies that are written away as they come, by the type a client must send them with.
STREAMED_TYPES = ("application/offset+octet-stream", "application/octet-stream")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUEST_ID = re.compile(r"[\w.-]{8,64}")

REQUESTS = Counter("mwalimu_requests_total", "Requests", ["method", "route", "status"])
SECONDS = Histogram("mwalimu_request_seconds", "Time to the end of the response", ["method", "route"])

REQUEST_LOG = logging.getLogger("mwalimu.request")
log = structlog.get_logger(REQUEST_LOG.name)


class BodyTooLarge(HTTPException):
    """More bytes arrived than the route takes."""

    def __init__(self, limit: int) -> None:
        megabytes = limit // (1024 * 1024)
        told = f"This takes at most {megabytes} MB. Send less, or split it."
        if not megabytes:
            told = f"This takes at most {limit // 1024} kB. Send less, or split it."
        super().__init__(413, told)


class Compression:
    """gzip for what shrinks: not for byte ranges, whose numbers count the bytes as they are stored, nor for film."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._packed = GZipMiddleware(app, minimum_size=1000, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        as_stored = scope["type"] == "http" and ("range" in Headers(scope=scope) or scope["path"].endswith(".mp4"))
        await (self._plain if as_stored else self._packed)(scope, receive, send)


class RequestScope:
    """Pure ASGI, since streams pass through it."""

    def __init__(self, app: ASGIApp, *, upload_limit: int, media_limit: int, secure: bool) -> None:
        self._app, self._upload_limit, self._media_limit = app, upload_limit, media_limit
        headers = SECURITY_HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})
        self._security_headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else str(new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status = time.perf_counter(), 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(message, request_id)
            await send(message)

        try:
            await self._app(scope, self._limited(receive, headers, scope["path"]), send_with_headers)
        finally:
            self._record(scope, status, time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("request_id")

    def _limited(self, receive: Receive, headers: Headers, path: str) -> Receive:
        kind, limit = headers.get("content-type", ""), SMALL_BODY
        if path.startswith(CALLBACKS):
            limit = CALLBACK_BODY
        elif kind.startswith("multipart/form-data"):
            limit = self._upload_limit
        elif kind.startswith(STREAMED_TYPES):
            limit = self._media_limit
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise BodyTooLarge(limit)
            return message

        return limited

    def _add_headers(self, start: Message, request_id: str) -> None:
        sent = list(start.get("headers", ()))
        own = {name for name, _ in sent}
        sent += [header for header in self._security_headers if header[0] not in own]
        sent.append((b"x-request-id", request_id.encode()))
        start["headers"] = sent

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = getattr(scope.get("route"), "path", "other")
        counted, timed = _series(method, route, status)
        counted.inc()
        timed.observe(seconds)
        if REQUEST_LOG.isEnabledFor(logging.DEBUG):  # the line is dear to make, and most often nobody wants it
            log.debug("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


@cache
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The counter and the histogram of one kind of request; routes are patterns, so there are few."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(method, route)
