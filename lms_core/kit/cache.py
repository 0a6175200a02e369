"""Cache, rate limits: in this process, or in Redis when several processes serve.

A cache may forget at any time; nothing is kept only here.
"""

import threading
import time
from collections import OrderedDict
from typing import Protocol

import redis
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from lms_core.kit.errors import TooManyRequests

MAXIMUM_ENTRIES = 20_000


class Cache(Protocol):
    """Bytes by key, each with a time to live in seconds."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, value: bytes, *, seconds: int) -> None: ...

    def delete(self, key: str) -> None: ...


class MemoryCache:
    """The cache of a single process: least recently used entries go first."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """The value, unless it expired or was pushed out."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry[0] < time.monotonic():
                self._entries.pop(key, None)
                return None
            self._entries.move_to_end(key)
            return entry[1]

    def put(self, key: str, value: bytes, *, seconds: int) -> None:
        """Remember `value` for `seconds`."""
        with self._lock:
            self._entries[key] = (time.monotonic() + seconds, value)
            self._entries.move_to_end(key)
            while len(self._entries) > MAXIMUM_ENTRIES:
                self._entries.popitem(last=False)

    def delete(self, key: str) -> None:
        """Forget."""
        with self._lock:
            self._entries.pop(key, None)


class RedisCache:
    """The cache that several processes share."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client

    def get(self, key: str) -> bytes | None:
        """The value, unless it expired."""
        value = self._client.get(f"cache:{key}")
        return value if isinstance(value, bytes) else None

    def put(self, key: str, value: bytes, *, seconds: int) -> None:
        """Remember `value` for `seconds`."""
        self._client.set(f"cache:{key}", value, ex=seconds)

    def delete(self, key: str) -> None:
        """Forget."""
        self._client.delete(f"cache:{key}")


class RateLimiter:
    """Counts attempts in a sliding minute, per key."""

    def __init__(self, storage_url: str = "memory://") -> None:
        self._limiter = SlidingWindowCounterRateLimiter(storage_from_string(storage_url))

    def check(self, key: str, *, per_minute: int) -> None:
        """Count one attempt; TooManyRequests (with the seconds to wait) when there were too many."""
        limit = RateLimitItemPerMinute(per_minute)
        if self._limiter.hit(limit, key):
            return
        reset = self._limiter.get_window_stats(limit, key).reset_time
        raise TooManyRequests(retry_after=max(1, int(reset - time.time()) + 1))
