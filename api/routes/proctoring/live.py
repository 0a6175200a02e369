"""What happens now: the wall of running sessions for reviewers, and hints on light and camera for a taker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api import sse
from api.deps import RuntimeDep, signed_in, visitor_reading
from api.errors import errors
from lms_core.kit.clock import Clock
from lms_core.kit.errors import Forbidden, Unauthenticated
from lms_core.kit.realtime import Streams
from proctoring.anomalies import live, reasons
from proctoring.review import service as review
from proctoring.sessions import service as sessions
from proctoring.sessions.errors import SessionNotFound
from workers.runtime import Runtime

router = APIRouter(tags=["proctoring review"])

STREAM = {200: {"content": {"text/event-stream": {}}, "description": "Events as they come"}}
SOONEST_SECONDS = 0.3  # between two looks: when fifty pictures are told at once, one look does
FRESH_SECONDS = 10.0  # rows are sent anew at least so often: silence too is news
LONGEST_SECONDS = 600.0  # then the browser connects again, and its rights are checked anew
TAKER_SECONDS = 6 * 3600.0

_in_view = contextmanager(visitor_reading)


@router.get("/instructor/proctoring/live", responses={**errors(Forbidden, Unauthenticated), **STREAM})
async def wall(
    request: Request,
    runtime: RuntimeDep,
    quiz_id: UUID | None = None,
    seconds: Annotated[float, Query(ge=0, le=LONGEST_SECONDS)] = LONGEST_SECONDS,
) -> Response:
    """Every running session you may review, those with incidents first: `rows` events, sent anew when one changes."""
    first = await run_in_threadpool(_rows, request, runtime, quiz_id)

    async def look() -> dict[str, Any]:
        return await run_in_threadpool(_rows, request, runtime, quiz_id)

    streams = runtime.resources.get(Streams)  # type: ignore[type-abstract]
    return sse.response(follow_wall(streams, runtime.clock, first, look, gone=request.is_disconnected, seconds=seconds))


async def follow_wall(
    streams: Streams,
    clock: Clock,
    first: dict[str, Any],
    look: Callable[[], Awaitable[dict[str, Any]]],
    *,
    gone: Callable[[], Awaitable[bool]],
    seconds: float,
) -> AsyncIterator[bytes]:
    """`rows` events: `first`, then what `look` gives whenever something is told about a course on the wall.

    It sleeps until then, `FRESH_SECONDS` at most.
    """
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    started = loop.time()
    position, rows, known = 1, first, list[str]()
    listening = ExitStack()
    try:
        yield sse.encode("rows", rows, position)
        while (left := started + seconds - loop.time()) > 0 and not await gone():
            names = _wall_names(rows, clock.now())
            if names != known:
                later = _listening(streams, names, news)  # before the old ones stop, so that nothing falls between
                listening.close()
                listening, known = later, names
            if await _told(news, min(FRESH_SECONDS, left)):
                await asyncio.sleep(SOONEST_SECONDS)
            news.clear()
            rows = await look()
            position += 1
            yield sse.encode("rows", rows, position)
    finally:
        listening.close()


def _wall_names(rows: dict[str, Any], now: datetime) -> list[str]:
    """The streams of the courses on the wall, in this minute and the next: the name changes while one listens."""
    courses = sorted({row["course_id"] for row in rows["rows"]})
    return [live.wall_stream(UUID(each), at) for each in courses for at in (now, now + timedelta(minutes=1))]


def _listening(streams: Streams, names: Iterable[str], news: asyncio.Event) -> ExitStack:
    """While it is open, `news` is set whenever one of these streams grows, from whatever thread."""
    loop, opened = asyncio.get_running_loop(), ExitStack()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop ended while a job still talks
            loop.call_soon_threadsafe(news.set)

    for name in names:
        opened.enter_context(streams.listening(name, wake))
    return opened


async def _told(news: asyncio.Event, seconds: float) -> bool:
    """Whether something was told within so long."""
    with suppress(TimeoutError):
        await asyncio.wait_for(news.wait(), timeout=seconds)
    return news.is_set()


def _rows(request: Request, runtime: Runtime, quiz_id: UUID | None) -> dict[str, Any]:
    with _in_view(request, runtime) as visitor:
        ctx = signed_in(visitor)
        rows = review.live_rows(ctx, quiz_id=quiz_id)
        return {"at": ctx.now.isoformat(), "rows": [row.model_dump(mode="json") for row in rows]}


@router.get("/proctor-session/{session_id}/advice", responses={**errors(SessionNotFound), **STREAM})
async def advice(request: Request, session_id: UUID, runtime: RuntimeDep, seconds: float = TAKER_SECONDS) -> Response:
    """Hints for the taker while the exam runs: what would help the camera see them. They count against nobody."""
    language = await run_in_threadpool(_own_language, request, runtime, session_id)
    streams = runtime.resources.get(Streams)  # type: ignore[type-abstract]
    return sse.response(_follow_advice(request, streams, live.advice_stream(session_id), language, seconds))


def _own_language(request: Request, runtime: Runtime, session_id: UUID) -> str:
    with _in_view(request, runtime) as visitor:
        ctx = signed_in(visitor)
        sessions.access_own(ctx, session_id)
        return ctx.actor.language


async def _follow_advice(
    request: Request, streams: Streams, name: str, language: str, seconds: float
) -> AsyncIterator[bytes]:
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    started = quiet_since = loop.time()
    position = 0
    with _listening(streams, [name], news):
        while True:
            news.clear()
            for message in streams.read(name, after=position, wait=0):
                position += 1
                keys = message["data"].get("advice", [])
                told = [{"key": key, "text": reasons.advice(key, language=language)} for key in keys]
                yield sse.encode(message["event"], {"advice": told}, position)
                if message["event"] in sse.LAST_EVENTS:
                    return
                quiet_since = loop.time()
            if loop.time() - started >= seconds or await request.is_disconnected():
                return
            if loop.time() - quiet_since > sse.PING_SECONDS:
                yield b": waiting\n\n"
                quiet_since = loop.time()
            await _told(news, min(sse.LOOK_SECONDS, seconds))
