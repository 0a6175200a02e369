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

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """What the readers saw: requests answered 200, others, seconds, and latencies in milliseconds."""

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
    """One connection. `requests` are sent in turn, from place `start` on, until `until` (monotonic seconds)."""

    def __init__(self, requests: Sequence[bytes], start: int, until: float) -> None:
        self._requests, self._next, self._until = requests, start, until
        self._buffer = bytearray()
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self.refused = 0
        self.received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        self._sent = time.perf_counter()
        if self._sent >= self._until:
            self._transport.close()
            return
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1

    def data_received(self, data: bytes) -> None:
        """Collect a response; when it is whole, note it and ask again."""
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = LENGTH.search(self._buffer, 0, head + 2)
        if length is None or len(self._buffer) < head + 4 + int(length.group(1)):
            return
        self.latencies.append(time.perf_counter() - self._sent)
        self.refused += not self._buffer.startswith(b"HTTP/1.1 200")
        self.received += len(self._buffer)
        self._buffer.clear()
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """The connection ended, by us or by the server."""
        if not self.done.done():
            self.done.set_result(None)


async def _drive(host: str, port: int, requests: Sequence[bytes], readers: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    made = []
    for number in range(readers):
        _, reader = await loop.create_connection(lambda n=number: Reader(requests, n, begun + seconds), host, port)  # type: ignore[misc]
        made.append(reader)
    await asyncio.wait_for(asyncio.gather(*(reader.done for reader in made)), timeout=seconds + 60)
    took = time.perf_counter() - begun
    latencies = sorted(each * 1000 for reader in made for each in reader.latencies)
    refused = sum(reader.refused for reader in made)
    if not latencies:
        raise RuntimeError("no request was answered")
    return Load(
        answered=len(latencies) - refused,
        refused=refused,
        seconds=took,
        p50_ms=latencies[len(latencies) // 2],
        p95_ms=latencies[int(len(latencies) * 0.95)],
        bytes_each=sum(reader.received for reader in made) // len(latencies),
    )


def get(path: str, headers: dict[str, str]) -> str:
    """The text of a GET request."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines) + "\r\n\r\n"


def measure(port: int, requests: Sequence[str], *, readers: int, seconds: float) -> Load:
    """Let `readers` read `requests` in turn for so many seconds, from another process."""
    plan = {"port": port, "requests": list(requests), "readers": readers, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        timeout=seconds + 90,
    )
    if done.returncode:
        raise RuntimeError(f"the load generator failed: {done.stderr[-500:]}")
    return Load(**json.loads(done.stdout))


def main() -> None:
    """Carry out the plan on standard input."""
    import uvloop

    plan = json.load(sys.stdin)
    requests = [each.encode() for each in plan["requests"]]
    load = uvloop.run(_drive("127.0.0.1", plan["port"], requests, plan["readers"], plan["seconds"]))
    json.dump(asdict(load), sys.stdout)


if __name__ == "__main__":
    main()
