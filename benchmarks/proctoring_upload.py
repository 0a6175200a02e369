"""Measures taking snapshots in and looking at them: one embedded process, as on a laptop.

50 takers send a picture of 75 KB in the same moment, several times: the worst
that arrives at a door made for one per ten seconds each. Then the pictures that
queued are looked at, then 30 takers send one per ten seconds each, and the time
from upload to analysed is read from the rows. Load generator and server share
the machine's cores.
"""

import asyncio
import os
import random
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import httpx

from benchmarks import servers
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.schemas import Client
from lms_core.kit.clock import SystemClock
from lms_core.kit.context import Database, Resources, system_actor
from lms_core.kit.db import make_engine
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from lms_core.learning.assessments import service as assessments

Row = tuple[str, str, str]

TAKERS, ROUNDS, PAUSE = 50, 4, 3.0
WATCHED, INTERVAL, SECONDS = 30, 10.0, 40.0
UPLOAD_P95_MS = 200
PATIENCE = 150.0
BOUNDARY = "----snapshot"


@dataclass(frozen=True, slots=True)
class Taker:
    """A running session and the token of who sits it."""

    session_id: str
    token: str


def run() -> list[Row]:
    """p95 and losses of simultaneous uploads, pictures looked at a second, and how long one waits to be looked at."""
    with tempfile.TemporaryDirectory() as folder:
        port = servers.free_port()
        environment = {
            "MWALIMU_DATA_DIR": str(Path(folder) / "data"),
            "MWALIMU_LOG_LEVEL": "WARNING",
            "MWALIMU_PORT": str(port),
            "MWALIMU_ACCESS_TOKEN_MINUTES": "240",
        }
        if "MWALIMU_MODELS_DIR" in os.environ:
            environment["MWALIMU_MODELS_DIR"] = str(Path(os.environ["MWALIMU_MODELS_DIR"]).resolve())
        settings = Settings(
            _env_file=None, data_dir=Path(folder) / "data", log_level="WARNING", access_token_minutes=240
        )
        takers = _prepare(settings)
        with servers.serving(servers.mwalimu(), "serve", port=port, environment=environment) as process:
            return _measured(settings, takers, port, process.pid)


def _measured(settings: Settings, takers: list[Taker], port: int, pid: int) -> list[Row]:
    database = Database(make_engine(settings.effective_database_url), SystemClock(), Resources())
    pictures = [_picture(number) for number in range(20)]
    asyncio.run(_upload(port, takers[:2], pictures, first=1, rounds=2, pause=0.5))  # models load, connections open
    _wait_until_looked_at(database)
    cpu = servers.cpu_seconds(servers.family(pid))
    burst = asyncio.run(_upload(port, takers, pictures, first=10, rounds=ROUNDS, pause=PAUSE))
    upload_cpu = servers.cpu_seconds(servers.family(pid)) - cpu
    began, left = time.monotonic(), _count(database, waiting=True)
    _wait_until_looked_at(database)
    took = time.monotonic() - began
    usual = asyncio.run(_steady(port, takers, pictures, first=100, seconds=20.0))
    _wait_until_looked_at(database)
    since = datetime.now(UTC)
    steady = asyncio.run(_steady(port, takers[:WATCHED], pictures, first=200, seconds=SECONDS))
    _wait_until_looked_at(database)
    waits = _waits(database, since)
    stored = _count(database, waiting=False)
    sent = len(burst) + len(usual) + len(steady) + 4
    database.engine.dispose()
    size = f"{len(pictures[0]) // 1000} KB"
    return [
        (f"{TAKERS} takers at once, {size}: p95 ms", f"{_p95(burst):.0f}", f"below {UPLOAD_P95_MS}"),
        (f"{TAKERS} takers at once: median ms", f"{_median(burst):.0f}", ""),
        (f"{TAKERS} takers, one per {INTERVAL:.0f} s: p95 ms", f"{_p95(usual):.0f}", f"below {UPLOAD_P95_MS}"),
        (f"{WATCHED} takers, one per {INTERVAL:.0f} s: p95 ms", f"{_p95(steady):.0f}", f"below {UPLOAD_P95_MS}"),
        ("pictures lost", str(sent - stored), "0"),
        ("processor ms a picture while uploading, analysis included", f"{1000 * upload_cpu / len(burst):.0f}", ""),
        (f"looked at a second, of {left} that waited", f"{left / took:.1f}" if left else "none waited", ""),
        ("p95 s from upload to analysed", f"{_p95(waits):.2f}", ""),
        ("memory of the process, MB", f"{servers.resident_mb(servers.family(pid)):.0f}", ""),
    ]


def _prepare(settings: Settings) -> list[Taker]:
    """An exam and takers whose sessions run, through the product's own verbs."""
    from proctoring.policies import service as policies
    from proctoring.policies.schemas import PolicyIn
    from proctoring.sessions import service as sessions
    from proctoring.sessions.schemas import ChecksIn, StartIn
    from tests.factories.assessments import create_quiz, enrol
    from tests.factories.courses import create_course
    from tests.factories.people import actor_of, create_person
    from workers import runtime as runtimes

    runtime = runtimes.build(settings, run_jobs=False)
    database = runtime.database
    instructor = create_person(database, role=Role.INSTRUCTOR)
    quiz = create_quiz(database, instructor, create_course(database, instructor).id)
    with database.write(actor_of(database, instructor)) as ctx:
        policies.set_policy(ctx, quiz.id, rules=PolicyIn())
    takers = []
    for _ in range(TAKERS):
        person = enrol(database, create_person(database), quiz.course_id)
        with database.write(system_actor(person.tenant_id)) as ctx:
            tokens = auth.open_api_session(ctx, user_id=person.id, client=Client())
        with database.write(actor_of(database, person)) as ctx:
            attempt = assessments.start(ctx, quiz.id)
            card = sessions.start(ctx, StartIn(attempt_id=attempt.id, consent=True))
            sessions.check(ctx, card.id, ChecksIn(results={"camera": True}))
            sessions.begin(ctx, card.id)
        takers.append(Taker(str(card.id), tokens.access_token))
    runtime.stop()
    return takers


def _picture(number: int) -> bytes:
    """About 75 KB of JPEG at 640 x 480: a photograph that an installed package carries, shifted, with some noise."""
    import numpy as np
    import ultralytics
    from PIL import Image

    with Image.open(Path(ultralytics.__file__).parent / "assets" / "zidane.jpg") as photograph:
        scene = np.asarray(photograph.convert("RGB").resize((640, 480)), dtype=np.int16)
    noise = np.random.default_rng(number).integers(-9, 9, scene.shape, dtype=np.int16)
    written = BytesIO()
    Image.fromarray(np.clip(np.roll(scene, number, axis=1) + noise, 0, 255).astype(np.uint8)).save(
        written, "JPEG", quality=80
    )
    return written.getvalue()


def _request(client: httpx.AsyncClient, taker: Taker, sequence: int, picture: bytes) -> httpx.Request:
    """An upload with its form already written: the generator's own work is not the server's."""
    request = client.build_request(
        "POST",
        f"/api/v1/proctor-session/{taker.session_id}/snapshot",
        data={"sequence": str(sequence), "captured_at": datetime.now(UTC).isoformat()},
        files={"picture": ("snapshot.jpg", picture, "image/jpeg")},
        headers={"Authorization": f"Bearer {taker.token}"},
    )
    return httpx.Request(request.method, request.url, headers=request.headers, content=b"".join(request.stream))


async def _send(client: httpx.AsyncClient, request: httpx.Request) -> float:
    """Milliseconds of one upload. RuntimeError when it was refused."""
    began = time.perf_counter()
    answer = await client.send(request)
    if answer.status_code != 201:
        raise RuntimeError(f"refused: {answer.status_code} {answer.text[:200]}")
    return 1000 * (time.perf_counter() - began)


def _client(port: int) -> httpx.AsyncClient:
    # The server closes idle connections after five seconds; one that is just being closed would look like a loss.
    limits = httpx.Limits(max_connections=TAKERS, max_keepalive_connections=TAKERS, keepalive_expiry=2.0)
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits)


async def _upload(
    port: int, takers: list[Taker], pictures: list[bytes], *, first: int, rounds: int, pause: float
) -> list[float]:
    """All takers in the same moment, `rounds` times."""
    found: list[float] = []
    async with _client(port) as client:
        for turn in range(rounds):
            chosen = random.choices(pictures, k=len(takers))
            requests = [
                _request(client, taker, first + turn, shown) for taker, shown in zip(takers, chosen, strict=True)
            ]
            found += await asyncio.gather(*(_send(client, each) for each in requests))
            await asyncio.sleep(pause)
    return found


async def _steady(port: int, takers: list[Taker], pictures: list[bytes], *, first: int, seconds: float) -> list[float]:
    """Each taker on their own: a picture per interval, jittered."""

    async def sit(client: httpx.AsyncClient, taker: Taker) -> list[float]:
        own, until = [], time.monotonic() + seconds
        await asyncio.sleep(random.uniform(0, INTERVAL))
        while time.monotonic() < until:
            request = _request(client, taker, first + len(own), random.choice(pictures))
            own.append(await _send(client, request))
            await asyncio.sleep(INTERVAL * random.uniform(0.8, 1.2))
        return own

    async with _client(port) as client:
        return [each for own in await asyncio.gather(*(sit(client, taker) for taker in takers)) for each in own]


def _count(database: Database, *, waiting: bool) -> int:
    from sqlalchemy import func, select

    from proctoring.evidence.models import PictureState, Snapshot

    wanted = select(func.count()).select_from(Snapshot)
    with database.read(system_actor()) as ctx:
        return ctx.session.execute(
            wanted.where(Snapshot.state == PictureState.WAITING) if waiting else wanted
        ).scalar_one()


def _wait_until_looked_at(database: Database) -> None:
    deadline = time.monotonic() + PATIENCE
    while _count(database, waiting=True):
        if time.monotonic() > deadline:
            raise RuntimeError("pictures still wait to be looked at")
        time.sleep(0.05)


def _waits(database: Database, since: datetime) -> list[float]:
    """Seconds from the arrival of each picture after `since` to its analysis."""
    from sqlalchemy import select

    from proctoring.evidence.models import Snapshot
    from proctoring.watching.models import Analysis

    with database.read(system_actor()) as ctx:
        rows = ctx.session.execute(
            select(Snapshot.received_at, Analysis.analysed_at)
            .join(Analysis, Analysis.snapshot_id == Snapshot.id)
            .where(Snapshot.received_at >= since)
        ).all()
    return [(row.analysed_at - row.received_at).total_seconds() for row in rows]


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
