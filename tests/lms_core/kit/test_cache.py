"""One conformance suite for the cache, and one for rate limits: in memory, and on a real Redis."""

import time
from collections.abc import Iterator

import pytest
import redis

from lms_core.kit import cache as caches
from lms_core.kit.cache import Cache, MemoryCache, RateLimiter, RedisCache
from lms_core.kit.errors import TooManyRequests
from tests import services

BOTH = ["memory", pytest.param("redis", marks=pytest.mark.scaled)]


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with services.redis() as url:
        yield url


@pytest.fixture(params=BOTH)
def cache(request: pytest.FixtureRequest) -> Iterator[Cache]:
    if request.param == "memory":
        yield MemoryCache()
        return
    client = redis.Redis.from_url(request.getfixturevalue("redis_url"))
    client.flushdb()
    yield RedisCache(client)
    client.close()


@pytest.fixture(params=BOTH)
def limiter(request: pytest.FixtureRequest) -> RateLimiter:
    return RateLimiter() if request.param == "memory" else RateLimiter(request.getfixturevalue("redis_url"))


def test_what_was_put_is_found_until_it_expires(cache: Cache) -> None:
    cache.put("a", b"one\x00\xff", seconds=1)
    assert cache.get("a") == b"one\x00\xff"
    assert cache.get("b") is None
    time.sleep(1.1)
    assert cache.get("a") is None


def test_putting_again_replaces_and_deleting_forgets(cache: Cache) -> None:
    cache.put("a", b"1", seconds=60)
    cache.put("a", b"2", seconds=60)
    assert cache.get("a") == b"2"
    cache.delete("a")
    cache.delete("a")
    assert cache.get("a") is None


def test_an_empty_value_is_a_value(cache: Cache) -> None:
    cache.put("a", b"", seconds=60)
    assert cache.get("a") == b""


def test_memory_lets_the_least_used_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches, "MAXIMUM_ENTRIES", 2)
    cache = MemoryCache()
    cache.put("a", b"1", seconds=60)
    cache.put("b", b"2", seconds=60)
    cache.get("a")
    cache.put("c", b"3", seconds=60)
    assert [cache.get(key) for key in "abc"] == [b"1", None, b"3"]


def test_a_limit_is_per_key_and_says_when_to_come_back(limiter: RateLimiter) -> None:
    for _ in range(3):
        limiter.check("one", per_minute=3)
    with pytest.raises(TooManyRequests) as refused:
        limiter.check("one", per_minute=3)
    assert 1 <= refused.value.retry_after <= 61
    assert refused.value.extra["retry_after"] == refused.value.retry_after
    limiter.check("two", per_minute=3)
