"""Server-sent events (WHATWG HTML, 9.2) from a stream of the realtime port."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from starlette.responses import StreamingResponse

from lms_core.kit.realtime import Message, Streams

LOOK_SECONDS = 1.0  # a follower looks this often without being woken
PING_SECONDS = 15.0
LAST_EVENTS = frozenset({"done", "error"})


def encode(event: str, data: Any, position: int) -> bytes:
    """One event; its id is where to resume after it."""
    return f"id: {position}\nevent: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


async def follow(streams: Streams, name: str, *, after: int = 0, limit_seconds: float = 180.0) -> AsyncIterator[bytes]:
    """The stream's messages from `after` on, until its last event; comments keep idle connections open."""
    loop = asyncio.get_running_loop()
    grown = asyncio.Event()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop ended while a job still talks
            loop.call_soon_threadsafe(grown.set)

    started = quiet_since = loop.time()
    position = after
    with streams.listening(name, wake):
        while loop.time() - started < limit_seconds:
            grown.clear()
            messages: list[Message] = streams.read(name, after=position, wait=0)
            for message in messages:
                position += 1
                yield encode(message["event"], message["data"], position)
                if message["event"] in LAST_EVENTS:
                    return
            if messages:
                quiet_since = loop.time()
                continue
            if loop.time() - quiet_since > PING_SECONDS:
                yield b": waiting\n\n"
                quiet_since = loop.time()
            with suppress(TimeoutError):
                await asyncio.wait_for(grown.wait(), timeout=LOOK_SECONDS)


def response(events: AsyncIterator[bytes]) -> StreamingResponse:
    """A streaming response that nothing on the way buffers."""
    return StreamingResponse(
        events,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
