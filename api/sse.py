"""Server-sent events (WHATWG HTML, 9.2) from a stream of the realtime port."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import StreamingResponse

from lms_core.kit.realtime import Message, Streams

POLL_SECONDS = 0.012
SLOW_POLL_SECONDS = 0.1
SLOW_AFTER_SECONDS = 5.0
PING_SECONDS = 15.0
LAST_EVENTS = frozenset({"done", "error"})


def encode(event: str, data: Any, position: int) -> bytes:
    """One event; its id is where to resume after it."""
    return f"id: {position}\nevent: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


async def follow(streams: Streams, name: str, *, after: int = 0, limit_seconds: float = 180.0) -> AsyncIterator[bytes]:
    """The stream's messages from `after` on, until its last event; comments keep idle connections open."""
    loop = asyncio.get_running_loop()
    started = quiet_since = loop.time()
    position = after
    while loop.time() - started < limit_seconds:
        messages: list[Message] = streams.read(name, after=position, wait=0)
        for message in messages:
            position += 1
            yield encode(message["event"], message["data"], position)
            if message["event"] in LAST_EVENTS:
                return
        if not messages and loop.time() - quiet_since > PING_SECONDS:
            yield b": waiting\n\n"
            quiet_since = loop.time()
        slow = loop.time() - started > SLOW_AFTER_SECONDS
        await asyncio.sleep(SLOW_POLL_SECONDS if slow else POLL_SECONDS)


def response(events: AsyncIterator[bytes]) -> StreamingResponse:
    """A streaming response that nothing on the way buffers."""
    return StreamingResponse(
        events,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
