"""Measures how fast payment callbacks are answered: 200 a second for 20 s, at a served embedded installation.

Every callback is signed, about one of our payments, and a fact of its own, so that each is verified, written down,
answered, and worked on by a job that asks the provider. They are sent at their moments whether or not the ones before
were answered, and a latency begins at that moment: a slow answer does not slow the senders down.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select

from benchmarks import servers
from lms_core.commerce.payments.gateways.sandbox import SIGNATURE, sign
from lms_core.commerce.payments.models import CallbackRecord
from lms_core.kit.clock import SystemClock
from lms_core.kit.context import Database, Resources, system_actor
from lms_core.kit.db import make_engine
from lms_core.kit.settings import Settings

Row = tuple[str, str, str]

PER_SECOND, SECONDS = 200, 20
PAYMENTS = 100  # each is told of so often that all callbacks together are PER_SECOND * SECONDS
CONNECTIONS = 100
P95_MS = 50
LONGEST_SECONDS = 240.0  # until the last callback was worked on
Charges = list[tuple[str, str]]  # id and reference


def run() -> list[Row]:
    """Latency of the answers, how many were lost, and how long the work on them took beside and after."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder), log_level="ERROR")
        path, secret, charges = _prepare(settings)
        port = servers.free_port()
        environment = {
            "MWALIMU_DATA_DIR": folder,
            "MWALIMU_PORT": str(port),
            "MWALIMU_LOG_LEVEL": "ERROR",
            "MWALIMU_MODELS_DIR": "",
        }
        with servers.serving(servers.mwalimu(), "serve", port=port, environment=environment) as process:
            servers.settle(servers.family(process.pid), longest=60)
            database = Database(make_engine(settings.effective_database_url), SystemClock(), Resources())
            seen = _carried_out({"port": port, "requests": _requests(path, secret, charges)})
            ended = time.monotonic()
            written, open_then = _records(database)
            while _records(database)[1] and time.monotonic() - ended < LONGEST_SECONDS:
                time.sleep(0.25)
            worked = time.monotonic() - ended
            left = _records(database)[1]
            database.engine.dispose()
    return _rows(seen, written=written, open_then=open_then, worked=worked, left=left)


def _rows(seen: dict[str, Any], *, written: int, open_then: int, worked: float, left: int) -> list[Row]:
    sent = PER_SECOND * SECONDS
    return [
        (f"{PER_SECOND} callbacks a second: p95 ms of the answer", f"{seen['p95_ms']:.0f}", f"< {P95_MS}"),
        ("  the same, p50 and longest", f"{seen['p50_ms']:.0f}, {seen['longest_ms']:.0f}", ""),
        (f"callbacks not answered with 200, of {sent}", str(sent - seen["answered"]), "0"),
        ("callbacks answered and not written down", str(seen["answered"] - written), "0"),
        ("answered before they were worked on", f"{open_then} still open as the last was answered", "> 0"),
        ("all worked on, s after the last", f"{worked:.0f}" if not left else f"{left} left after {worked:.0f}", ""),
    ]


def _prepare(settings: Settings) -> tuple[str, str, Charges]:
    """An account at the provider in the house with open payments: its address's path, its secret, its charges."""
    from tests.lms_core.commerce.paying import SECRET, open_shop
    from workers import runtime as runtimes

    runtime = runtimes.build(settings, run_jobs=False)
    try:
        shop = open_shop(runtime.database)
        charges = []
        for _ in range(PAYMENTS):
            paid = shop.pay(shop.intent())
            charge = shop.bank.bank.by_token(shop.token_of(paid))
            charges.append((str(charge.id), charge.reference))
        return urlsplit(shop.account.callback_url).path, SECRET, charges
    finally:
        runtime.stop()


def _requests(path: str, secret: str, charges: Charges) -> list[str]:
    """The callbacks, as they go over the wire; signed now."""
    now = int(time.time())
    made = []
    for version in range(1, PER_SECOND * SECONDS // len(charges) + 1):
        for charge, reference in charges:
            body = json.dumps({"charge": charge, "version": version, "reference": reference, "state": "open"})
            signed = sign(secret, now, body.encode())
            lines = [
                f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json",
                f"{SIGNATURE}: {signed}", f"Content-Length: {len(body)}",
            ]  # fmt: skip
            made.append("\r\n".join(lines) + "\r\n\r\n" + body)
    return made


def _records(database: Database) -> tuple[int, int]:
    """How many callbacks are written down, and how many of them nobody has worked on yet."""
    count = select(func.count()).select_from(CallbackRecord)
    with database.read(system_actor()) as ctx:
        whole = ctx.session.execute(count).scalar_one()
        return int(whole), int(ctx.session.execute(count.where(CallbackRecord.processed_at.is_(None))).scalar_one())


def _carried_out(plan: dict[str, Any]) -> dict[str, Any]:
    """Send from another process, whose work is not the server's."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.payments_webhook"],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        timeout=SECONDS + 180,
    )
    if done.returncode:
        raise RuntimeError(f"the senders failed: {done.stderr[-500:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def _send(port: int, requests: Sequence[str]) -> dict[str, float]:
    """All requests at their moments, over CONNECTIONS connections in turn."""
    begun = time.perf_counter() + 0.5
    parts = [range(place, len(requests), CONNECTIONS) for place in range(CONNECTIONS)]
    found = await asyncio.gather(*(_connection(port, requests, places, begun) for places in parts))
    latencies = sorted(1000 * each for part in found for each in part)
    if not latencies:
        raise RuntimeError("no callback was answered")
    return {
        "answered": len(latencies),
        "p50_ms": latencies[len(latencies) // 2],
        "p95_ms": latencies[int(len(latencies) * 0.95)],
        "longest_ms": latencies[-1],
    }


async def _connection(port: int, requests: Sequence[str], places: range, begun: float) -> list[float]:
    """Seconds from each request's moment to its answer with 200."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies = []
    for place in places:
        moment = begun + place / PER_SECOND
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        writer.write(requests[place].encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
        )
        await reader.readexactly(length)
        if head.startswith(b"HTTP/1.1 200"):
            latencies.append(time.perf_counter() - moment)
    writer.close()
    return latencies


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    print(json.dumps(asyncio.run(_send(asked["port"], asked["requests"]))))
