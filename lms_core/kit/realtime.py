"""Event logs that can be followed: what a job tells those who watch it.

A stream is an append-only list of small JSON messages under a name. A reader
asks for what came after a position and may wait; so a reload, or a second
device, takes up where it was. Streams are forgotten after `KEEP_SECONDS`; what
matters is also in the database.
"""

import json
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, cast

import redis
import structlog

KEEP_SECONDS = 900
MAXIMUM_STREAMS = 5_000

RECONNECT_SECONDS = 1.0

Message = dict[str, Any]
Wake = Callable[[], None]

log = structlog.get_logger(__name__)


class Streams(Protocol):
    """Append to, and follow, named logs. Positions count from 0."""

    def append(self, stream: str, message: Message) -> None: ...

    def read(self, stream: str, *, after: int, wait: float) -> list[Message]: ...

    def exists(self, stream: str) -> bool: ...

    def listening(self, stream: str, wake: Wake) -> AbstractContextManager[None]: ...


class _Listeners:
    """Who wants to be woken for which stream, by threads of this process."""

    def __init__(self) -> None:
        self._wakes: defaultdict[str, list[Wake]] = defaultdict(list)
        self._lock = threading.Lock()

    @contextmanager
    def added(self, stream: str, wake: Wake) -> Iterator[None]:
        with self._lock:
            self._wakes[stream].append(wake)
        try:
            yield
        finally:
            with self._lock:
                self._wakes[stream].remove(wake)
                if not self._wakes[stream]:
                    del self._wakes[stream]

    def tell(self, stream: str) -> None:
        with self._lock:
            wakes = list(self._wakes.get(stream, ()))
        for wake in wakes:
            wake()


class MemoryStreams:
    """Streams of a single process."""

    def __init__(self) -> None:
        self._logs: OrderedDict[str, tuple[float, list[Message]]] = OrderedDict()
        self._changed = threading.Condition()
        self._listeners = _Listeners()

    def append(self, stream: str, message: Message) -> None:
        """Add a message and wake who waits for it."""
        with self._changed:
            _, log = self._logs.get(stream, (0.0, []))
            log.append(message)
            self._logs[stream] = (time.monotonic() + KEEP_SECONDS, log)
            self._logs.move_to_end(stream)
            self._forget_old()
            self._changed.notify_all()
        self._listeners.tell(stream)

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

    def listening(self, stream: str, wake: Wake) -> AbstractContextManager[None]:
        """While the block runs, `wake` is called after each append, from whatever thread; it must not block."""
        return self._listeners.added(stream, wake)

    def _forget_old(self) -> None:
        now = time.monotonic()
        while self._logs:
            name, (until, _) = next(iter(self._logs.items()))
            if until > now and len(self._logs) <= MAXIMUM_STREAMS:
                return
            del self._logs[name]


class RedisStreams:
    """Streams that several processes share: a Redis list each, and a channel each that says when it grew."""

    POLL_SECONDS = 0.02

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client
        self._listeners = _Listeners()
        self._ear: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def append(self, stream: str, message: Message) -> None:
        """Add a message."""
        key = f"stream:{stream}"
        pipeline = self._client.pipeline(transaction=False)
        pipeline.rpush(key, json.dumps(message, separators=(",", ":")))
        pipeline.expire(key, KEEP_SECONDS)
        pipeline.publish(key, b"")
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

    def listening(self, stream: str, wake: Wake) -> AbstractContextManager[None]:
        """As in memory; a process that loses Redis for a moment may miss a call, so look now and then as well."""
        with self._lock:
            if self._ear is None:
                self._ear = threading.Thread(target=self._hear, name="streams", daemon=True)
                self._ear.start()
        return self._listeners.added(stream, wake)

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()

    def _hear(self) -> None:
        """One subscription serves every follower of this process."""
        while not self._closed.is_set():
            try:
                with self._client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
                    channel.psubscribe("stream:*")
                    while not self._closed.is_set():
                        said = channel.get_message(timeout=RECONNECT_SECONDS)
                        if said is not None:
                            self._listeners.tell(said["channel"].decode().removeprefix("stream:"))
            except (redis.RedisError, OSError, ValueError) as error:  # ValueError: the client was closed under us
                if not self._closed.wait(RECONNECT_SECONDS):
                    log.warning("streams.not_listening", error=repr(error))
