"""Answers without end, too large, packed to burst, or that send elsewhere: none holds a worker or reaches inside."""

import gzip
from collections.abc import Callable, Iterator

import httpx
import pytest

from lms_core.commerce.payments.gateways.port import GatewayError, Uncertain
from lms_core.commerce.payments.gateways.wire import LARGEST_ANSWER, LONGEST_CALL, TRIES, Wire, refuse_strange_host
from lms_core.kit.cache import MemoryCache
from lms_core.kit.crypto import Keys

URL = "https://api.provider.example/v1/charges"


class Dripping(httpx.SyncByteStream):
    """A byte now and then, and never an end."""

    def __init__(self, waited: list[float]) -> None:
        self.waited = waited

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.waited[0] += 7
            yield b" "


def wire_to(answer: Callable[[httpx.Request], httpx.Response], waited: list[float] | None = None) -> Wire:
    """A wire whose provider answers so; `waited` is the time that went by."""
    waited = waited or [0.0]
    wire = Wire(cache=MemoryCache(), keys=Keys("k"), pause=lambda seconds: None, elapsed=lambda: waited[0])
    wire.close()
    wire._client = httpx.Client(transport=httpx.MockTransport(answer), headers=wire._client.headers)
    return wire


def test_an_answer_without_end_is_given_up() -> None:
    waited = [0.0]
    wire = wire_to(lambda request: httpx.Response(200, stream=Dripping(waited)), waited)
    with pytest.raises(Uncertain):
        wire.call("POST", URL, body={}, moves_money=True)
    assert LONGEST_CALL < waited[0] < LONGEST_CALL + 15
    with pytest.raises(GatewayError) as refused:
        wire.call("GET", URL)
    assert refused.value.retryable and waited[0] < (LONGEST_CALL + 15) * (1 + TRIES)


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_that_is_too_large_is_refused(packed: bool) -> None:
    content = b" " * (LARGEST_ANSWER + 1)
    headers = {"content-encoding": "gzip"} if packed else {}
    sent = gzip.compress(content, mtime=0) if packed else content
    wire = wire_to(lambda request: httpx.Response(200, headers=headers, stream=httpx.ByteStream(sent)))
    with pytest.raises(Uncertain):
        wire.call("POST", URL, body={}, moves_money=True)
    with pytest.raises(GatewayError):
        wire.call("GET", URL)


def test_a_packed_answer_is_read() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "gzip"
        stream = httpx.ByteStream(gzip.compress(b'{"amount": 1.50}', mtime=0))
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=stream)

    assert str(wire_to(answer).call("GET", URL).found["amount"]) == "1.50"


@pytest.mark.parametrize(
    ("encoding", "content"), [("br", b"x"), ("gzip", b"no gzip"), ("gzip", gzip.compress(b"{}", mtime=0)[:-4])]
)
def test_what_cannot_be_unpacked_is_no_answer(encoding: str, content: bytes) -> None:
    headers = {"content-encoding": encoding}
    wire = wire_to(lambda request: httpx.Response(200, headers=headers, stream=httpx.ByteStream(content)))
    with pytest.raises(Uncertain):
        wire.call("POST", URL, body={}, moves_money=True)


def test_no_redirect_is_followed() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        headers = {"location": "http://169.254.169.254/latest/meta-data"}
        return httpx.Response(302, headers=headers, stream=httpx.ByteStream(b""))

    assert wire_to(answer).call("GET", URL).status == 302
    assert asked == [URL]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8000", "http://169.254.169.254", "http://[::1]/", "http://10.0.0.7", "https://localhost",
        "https://api.provider.example@evil.example", "https://user:word@listed.example", "file:///etc/passwd",
        "gopher://listed.example", "https://listed.example.evil.example", "https://2130706433", "", "listed.example",
        "https://listed.example:8443@evil.example",
    ],
)  # fmt: skip
def test_only_hosts_on_the_operators_list_are_spoken_to(address: str) -> None:
    with pytest.raises(GatewayError, match="MWALIMU_PAYMENT_HOSTS"):
        refuse_strange_host(address, ["listed.example", "127.0.0.1:9999"])
    refuse_strange_host("https://listed.example/v3", ["listed.example"])
    refuse_strange_host("http://127.0.0.1:9999", ["127.0.0.1:9999"])
