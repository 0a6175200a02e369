"""Event logs that can be followed: what a job tells those who watch it.

A stream is an append-only list of small JSON messages under a name. A reader
asks for what came after a position and may wait; so a reload, or a second
device, takes up where it was. Streams are forgotten after `KEEP_SECONDS`; what
matters is also in the database.
"""

import json
import threading
import time
from collections import OrderedDict
from typing import Any, Protocol, cast

import redis

KEEP_SECONDS = 900
MAXIMUM_STREAMS = 5_000

Message = dict[str, Any]


class Streams(Protocol):
    """Append to, and follow, named logs. Positions count from 0."""

    def append(self, stream: str, message: Message) -> None: ...

    def read(self, stream: str, *, after: int, wait: float) -> list[Message]: ...

    def exists(self, stream: str) -> bool: ...


class MemoryStreams:
    """Streams of a single process."""

    def __init__(self) -> None:
        self._logs: OrderedDict[str, tuple[float, list[Message]]] = OrderedDict()
        self._changed = threading.Condition()

    def append(self, stream: str, message: Message) -> None:
        """Add a message and wake who waits for it."""
        with self._changed:
            _, log = self._logs.get(stream, (0.0, []))
            log.append(message)
            self._logs[stream] = (time.monotonic() + KEEP_SECONDS, log)
            self._logs.move_to_end(stream)
            self._forget_old()
            self._changed.notify_all()

    def read(self, stream: str, *, after: int, wait: float) -> list[Message]:
        """Messages from position `after` on; waits up to `wait` seconds for the first."""
        deadline = time.monotonic() + wait
        with self._changed:
            while True:
                log = self._logs.get(stream, (0.0, []))[1]
                remaining = deadline - time.monotonic()
                if len(log) > after or remaining <= 0:
                    return log[after:]
                self._changed.wait(remaining)

    def exists(self, stream: str) -> bool:
        """Whether anything was appended that is still kept."""
        return stream in self._logs

    def _forget_old(self) -> None:
        now = time.monotonic()
        while self._logs:
            name, (until, _) = next(iter(self._logs.items()))
            if until > now and len(self._logs) <= MAXIMUM_STREAMS:
                return
            del self._logs[name]


class RedisStreams:
    """Streams that several processes share: a Redis list each, with a blocking poll of its length."""

    POLL_SECONDS = 0.02

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client

    def append(self, stream: str, message: Message) -> None:
        """Add a message."""
        key = f"stream:{stream}"
        pipeline = self._client.pipeline(transaction=False)
        pipeline.rpush(key, json.dumps(message, separators=(",", ":")))
        pipeline.expire(key, KEEP_SECONDS)
        pipeline.execute()

    def read(self, stream: str, *, after: int, wait: float) -> list[Message]:
        """Messages from position `after` on; waits up to `wait` seconds for the first."""
        deadline = time.monotonic() + wait
        while True:
            found = cast(list[bytes], self._client.lrange(f"stream:{stream}", after, -1))
            if found or time.monotonic() >= deadline:
                return [json.loads(message) for message in found]
            time.sleep(self.POLL_SECONDS)

    def exists(self, stream: str) -> bool:
        """Whether anything was appended that is still kept."""
        return bool(self._client.exists(f"stream:{stream}"))
