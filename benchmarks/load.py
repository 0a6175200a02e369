"""A load generator: keep-alive HTTP/1.1 readers, each asking again as soon as it was answered.

It runs in a process of its own (`python -m benchmarks.load`), so that its work
is not the server's; the raw protocol keeps that work small. A plan comes in as
JSON on standard input, the result leaves as JSON on standard output.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    """What the readers saw: requests answered (200, with the marker), others, seconds, latencies in milliseconds."""

    answered: int
    refused: int
    seconds: float
    p50_ms: float
    p95_ms: float
    bytes_each: int

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return self.answered / self.seconds


class Reader(asyncio.Protocol):
    """One connection. `requests` are sent in turn, from place `start` on, until `until` (monotonic seconds).

    `once`: no request a second time; the connection ends with the last.

    A request's latency ends with its response, or with the first `marker` in it. `think` seconds lie
    between a response and the next request.
    """

    def __init__(
        self,
        requests: Sequence[bytes],
        start: int,
        until: float,
        marker: bytes = b"",
        think: float = 0.0,
        *,
        once: bool = False,
    ) -> None:
        self._requests, self._next, self._until, self._marker = requests, start, until, marker
        self._think = think
        self._last = start + len(requests) if once else sys.maxsize
        self._marked = 0.0
        self._buffer = bytearray()
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self.refused = 0
        self.received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class, which does not inherit from it
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        self._sent = time.perf_counter()
        if self._sent >= self._until or self._next >= self._last:
            self._transport.close()
            return
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1

    def data_received(self, data: bytes) -> None:
        """Collect a response; when it is whole, note it and ask again."""
        self._buffer += data
        if self._marker and not self._marked and self._marker in self._buffer:
            self._marked = time.perf_counter()
        if not self._whole():
            return
        ended = self._marked if self._marker else time.perf_counter()
        if ended and self._buffer.startswith(b"HTTP/1.1 200"):
            self.latencies.append(ended - self._sent)
        else:
            self.refused += 1
        self.received += len(self._buffer)
        self._marked = 0.0
        self._buffer.clear()
        if self._think:
            asyncio.get_running_loop().call_later(self._think, self._ask)
        else:
            self._ask()

    def _whole(self) -> bool:
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return False
        length = LENGTH.search(self._buffer, 0, head + 2)
        if length is None:
            return self._buffer.endswith(LAST_CHUNK)
        return len(self._buffer) >= head + 4 + int(length.group(1))

    def connection_lost(self, error: Exception | None) -> None:
        """The connection ended, by us or by the server."""
        if not self.done.done():
            self.done.set_result(None)


async def _drive(
    port: int, requests: Sequence[bytes], readers: int, seconds: float, marker: bytes, think: float
) -> Load:
    begun = time.perf_counter()
    made = []
    for number in range(readers):
        reader = Reader(requests, number, begun + seconds, marker, think)
        if think:  # else all would ask in the same instant again and again
            await asyncio.sleep(think / readers)
        await _connect(port, reader)
        made.append(reader)
    return await _seen(made, begun, seconds)


async def _drive_each(port: int, requests: Sequence[Sequence[bytes]], seconds: float) -> Load:
    begun = time.perf_counter()
    made = [Reader(own, 0, begun + seconds, once=True) for own in requests]
    await asyncio.gather(*(_connect(port, reader) for reader in made))
    return await _seen(made, begun, seconds)


async def _connect(port: int, reader: Reader) -> None:
    await asyncio.get_running_loop().create_connection(lambda: reader, "127.0.0.1", port)


async def _seen(made: Sequence[Reader], begun: float, seconds: float) -> Load:
    """Wait for the readers, and sum up."""
    await asyncio.wait_for(asyncio.gather(*(reader.done for reader in made)), timeout=seconds + 60)
    took = time.perf_counter() - begun
    latencies = sorted(each * 1000 for reader in made for each in reader.latencies)
    refused = sum(reader.refused for reader in made)
    if not latencies:
        raise RuntimeError("no request was answered")
    return Load(
        answered=len(latencies),
        refused=refused,
        seconds=took,
        p50_ms=latencies[len(latencies) // 2],
        p95_ms=latencies[int(len(latencies) * 0.95)],
        bytes_each=sum(reader.received for reader in made) // (len(latencies) + refused),
    )


def get(path: str, headers: dict[str, str]) -> str:
    """The text of a GET request."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines) + "\r\n\r\n"


def post(path: str, headers: dict[str, str], body: object) -> str:
    """The text of a POST request with a JSON body."""
    content = json.dumps(body)
    sent = {**headers, "Content-Type": "application/json", "Content-Length": str(len(content))}
    return get(path, sent).replace("GET", "POST", 1) + content


def measure(
    port: int, requests: Sequence[str], *, readers: int, seconds: float, marker: str = "", think: float = 0.0
) -> Load:
    """Let `readers` send `requests` in turn for so many seconds, each after `think` seconds, from another process."""
    plan = {"port": port, "requests": list(requests), "readers": readers, "seconds": seconds}
    return _carried_out(plan | {"marker": marker, "think": think})


def measure_each(port: int, requests: Sequence[Sequence[str]], *, seconds: float) -> Load:
    """Let one reader for each list send its requests once, as fast as they are answered, from another process."""
    return _carried_out({"port": port, "requests": [list(own) for own in requests], "seconds": seconds})


def _carried_out(plan: dict[str, Any]) -> Load:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        timeout=plan["seconds"] + 90,
    )
    if done.returncode:
        raise RuntimeError(f"the load generator failed: {done.stderr[-500:]}")
    return Load(**json.loads(done.stdout))


def main() -> None:
    """Carry out the plan on standard input."""
    import uvloop

    plan = json.load(sys.stdin)
    if "readers" in plan:
        requests = [each.encode() for each in plan["requests"]]
        marker = plan["marker"].encode()
        load = uvloop.run(_drive(plan["port"], requests, plan["readers"], plan["seconds"], marker, plan["think"]))
    else:
        own = [[each.encode() for each in those] for those in plan["requests"]]
        load = uvloop.run(_drive_each(plan["port"], own, plan["seconds"]))
    json.dump(asdict(load), sys.stdout)


if __name__ == "__main__":
    main()
