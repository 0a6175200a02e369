"""Stored objects as answers: whole or one byte range (RFC 9110, 14), streamed, never held whole when large."""

import re
from dataclasses import dataclass

from starlette.responses import Response, StreamingResponse

from lms_core.kit.storage import Storage

AT_ONCE = 2 * 1024 * 1024  # up to here one read and one write are cheaper than a stream's hops between threads
ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` up to, not including, `end`."""

    start: int
    end: int


def span_of(header: str, size: int) -> Span | None:
    """The one range a `Range` header asks of `size` bytes.

    None: answer whole, as for several ranges or another unit (a server may ignore those).
    ValueError when no byte of it exists (416).
    """
    found = ONE_RANGE.fullmatch(header.strip())
    if found is None or found.group(1) == found.group(2) == "":
        return None
    first, last = found.groups()
    if first == "":
        span = Span(max(0, size - int(last)), size)
    else:
        span = Span(int(first), min(size, int(last) + 1) if last else size)
        if last and int(last) < int(first):
            return None  # 14.1.1: invalid, so ignored
    if span.start >= span.end:
        raise ValueError(header)
    return span


def answer(
    storage: Storage,
    key: str,
    *,
    size: int,
    media_type: str,
    asked: str = "",
    headers: dict[str, str] | None = None,
    at_once: bool = False,
) -> Response:
    """The object of `size` bytes, or what the `Range` header `asked` wants of it. NotFound when it is not stored.

    `at_once`: read up to AT_ONCE bytes now; for callers that hold neither a connection nor a reader's thread.
    """
    told = {"Accept-Ranges": "bytes", **(headers or {})}
    try:
        span = span_of(asked, size)
    except ValueError:
        return Response(status_code=416, headers={**told, "Content-Range": f"bytes */{size}"})
    status = 200 if span is None else 206
    if span is not None:
        told["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{size}"
    start, end = (span.start, span.end) if span is not None else (0, size)
    pieces = storage.stream(key, start=start, end=end) if end > start else iter([storage.get(key)])
    if at_once and end - start <= AT_ONCE:
        return Response(b"".join(pieces), status, told, media_type)
    told["Content-Length"] = str(end - start)
    return StreamingResponse(pieces, status, told, media_type)
