"""One conformance suite for streams: in memory, and on a real Redis."""

import threading
import time
from collections.abc import Iterator

import pytest
import redis

from lms_core.kit import realtime
from lms_core.kit.realtime import MemoryStreams, RedisStreams, Streams
from tests import services


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with services.redis() as url:
        yield url


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.scaled)])
def streams(request: pytest.FixtureRequest) -> Iterator[Streams]:
    if request.param == "memory":
        yield MemoryStreams()
        return
    client = redis.Redis.from_url(request.getfixturevalue("redis_url"))
    client.flushdb()
    following = RedisStreams(client)
    yield following
    following.close()
    client.close()


def test_messages_are_read_in_order_from_any_position(streams: Streams) -> None:
    for number in range(5):
        streams.append("s", {"event": "token", "data": {"text": f"neno {number} “é”"}})
    everything = streams.read("s", after=0, wait=0)
    assert [each["data"]["text"] for each in everything] == [f"neno {number} “é”" for number in range(5)]
    assert streams.read("s", after=3, wait=0) == everything[3:]
    assert streams.read("s", after=5, wait=0) == []
    assert streams.read("s", after=500, wait=0) == []


def test_streams_are_apart_and_exist_once_written(streams: Streams) -> None:
    assert not streams.exists("s")
    assert streams.read("s", after=0, wait=0) == []
    assert not streams.exists("s"), "looking does not make one"
    streams.append("s", {"n": 1})
    assert streams.exists("s")
    assert streams.read("other", after=0, wait=0) == []


def test_a_reader_waits_for_the_next_message(streams: Streams) -> None:
    streams.append("s", {"n": 1})
    threading.Timer(0.2, streams.append, args=("s", {"n": 2})).start()
    began = time.monotonic()
    assert streams.read("s", after=1, wait=10) == [{"n": 2}]
    assert 0.1 < time.monotonic() - began < 8


def test_a_reader_gives_up_in_time(streams: Streams) -> None:
    began = time.monotonic()
    assert streams.read("s", after=0, wait=0.2) == []
    assert time.monotonic() - began >= 0.19


def test_many_writers_lose_nothing(streams: Streams) -> None:
    threads = [
        threading.Thread(target=lambda me=me: [streams.append("s", {"by": me}) for _ in range(50)]) for me in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(streams.read("s", after=0, wait=0)) == 200


def test_a_listener_is_woken_by_its_stream_alone_and_only_while_it_listens(streams: Streams) -> None:
    woken = threading.Event()
    calls: list[str] = []
    with streams.listening("mine", woken.set), streams.listening("other", lambda: calls.append("other")):
        deadline = time.monotonic() + 10  # Redis: until the subscription stands, a call may be missed
        while not woken.is_set() and time.monotonic() < deadline:
            streams.append("mine", {"n": 1})
            woken.wait(0.1)
        assert woken.is_set()
        assert calls == []
    woken.clear()
    with streams.listening("mine", lambda: calls.append("second")):
        streams.append("mine", {"n": 2})
        deadline = time.monotonic() + 10
        while not calls and time.monotonic() < deadline:
            time.sleep(0.02)
    assert "second" in calls and not woken.is_set()


def test_memory_forgets_the_streams_unused_for_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime, "MAXIMUM_STREAMS", 2)
    streams = MemoryStreams()
    for name in ("old", "busy", "busy", "old", "new"):
        streams.append(name, {"n": 1})
    assert [streams.exists(name) for name in ("busy", "old", "new")] == [False, True, True]


def test_memory_forgets_what_is_past_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime, "KEEP_SECONDS", 0)
    streams = MemoryStreams()
    streams.append("old", {"n": 1})
    time.sleep(0.01)
    monkeypatch.setattr(realtime, "KEEP_SECONDS", 900)
    streams.append("new", {"n": 1})
    assert not streams.exists("old")
    assert streams.exists("new")
