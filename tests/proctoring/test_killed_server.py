"""Server and workers under kill -9 while pictures arrive: none lost, each stored and looked at once."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.kit import jobs
from lms_core.kit.clock import SystemClock
from lms_core.kit.context import Database, Resources, system_actor
from lms_core.kit.db import make_engine
from lms_core.kit.settings import Settings
from proctoring.evidence.models import PictureState, Snapshot
from proctoring.watching.models import Analysis
from tests.factories.proctoring import Sitting, begin, make_exam, painted, upload
from tests.flows.conftest import scaled_settings as scaled_settings  # the fixture
from tests.services import free_port
from tests.serving import app_of
from workers import runtime as runtimes

ROOT = Path(__file__).parents[2]
MANY = 500
KILLED_AFTER = (120, 310)  # pictures that were answered
PATIENCE_SECONDS = 240
WORKED = 96


def environment(settings: Settings) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("MWALIMU_")},
        "MWALIMU_MODE": settings.mode,
        "MWALIMU_DATA_DIR": str(settings.data_dir),
        "MWALIMU_DATABASE_URL": settings.database_url,
        "MWALIMU_REDIS_URL": settings.redis_url,
        "MWALIMU_QDRANT_URL": settings.qdrant_url,
        "MWALIMU_SECRET_KEY": settings.secret_key.get_secret_value(),
        "MWALIMU_ACCESS_TOKEN_MINUTES": "240",
        "MWALIMU_LOG_LEVEL": "WARNING",
    }


def wait_until(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


class Server:
    """A server process that is started again whenever it was killed."""

    def __init__(self, settings: Settings) -> None:
        self.port, self._environment, self.kills = free_port(), environment(settings), 0
        self._process = self._begin()

    def _begin(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.proctoring.killed_server", str(self.port)], cwd=ROOT, env=self._environment
        )
        wait_until(self._answers, "the server did not start")
        return process

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """kill -9, whatever it is doing."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.kills += 1

    def restart(self) -> None:
        """Serve the same folder again."""
        self._process = self._begin()


def prepared(settings: Settings) -> Sitting:
    """A running sitting in the installation of `settings`, which nobody owns afterwards."""
    runtime = runtimes.build(settings.model_copy(update={"access_token_minutes": 240}), run_jobs=False)
    try:
        with TestClient(app_of(runtime)) as client:
            return begin(client, make_exam(runtime, client))
    finally:
        runtime.stop()


def send(client: httpx.Client, sitting: Sitting, sequence: int) -> int:
    """Send one picture; the status of the answer."""
    answer = client.post(
        sitting.path("snapshot"),
        data={"sequence": str(sequence), "captured_at": SystemClock().now().isoformat()},
        files={"picture": ("snapshot.jpg", painted("green", sequence), "image/jpeg")},
        headers=dict(sitting.headers),
    )
    return answer.status_code


def send_all(server: Server, sitting: Sitting) -> Counter[int]:
    """Send as the page does: in order, again under the same number until it is answered. Kills come from aside."""
    answered, statuses = 0, Counter[int]()
    done = threading.Event()

    def kill_in_the_middle() -> None:
        for goal in KILLED_AFTER:
            while answered < goal and not done.is_set():
                time.sleep(0.001)
            server.kill()
            server.restart()

    killer = threading.Thread(target=kill_in_the_middle)
    killer.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=30) as client:
        deadline = time.monotonic() + 2 * PATIENCE_SECONDS
        while answered < MANY:
            assert time.monotonic() < deadline, f"only {answered} were taken"
            try:
                statuses[send(client, sitting, answered + 1)] += 1
                answered += 1
            except httpx.TransportError:
                time.sleep(0.05)
    done.set()
    killer.join()
    return statuses


def seen(database: Database) -> tuple[list[int], set[str], Counter[UUID], Counter[str]]:
    """Sequence numbers stored, their states, analyses by picture, and how often each was told of."""
    with database.read(system_actor()) as ctx:
        rows = ctx.session.execute(select(Snapshot.sequence, Snapshot.state).order_by(Snapshot.sequence)).all()
        analyses = Counter(ctx.session.execute(select(Analysis.snapshot_id)).scalars())
        # One row per subscriber and fact: those of one subscriber say how often each picture was told of.
        told = ctx.session.execute(
            select(jobs.Job.payload).where(jobs.Job.name == "proctoring.anomalies.handlers.assess_pictures")
        ).scalars()
        once = Counter(each for payload in told for each in payload["data"]["snapshot_ids"])
    return [row.sequence for row in rows], {str(row.state) for row in rows}, analyses, once


def all_looked_at(database: Database) -> bool:
    with database.read(system_actor()) as ctx:
        waits = select(Snapshot.id).where(Snapshot.state == PictureState.WAITING).limit(1)
        return ctx.session.execute(waits).first() is None


def test_a_server_killed_while_500_pictures_arrive(settings: Settings) -> None:
    sitting = prepared(settings)
    server = Server(settings)
    try:
        statuses = send_all(server, sitting)
        database = Database(make_engine(settings.effective_database_url), SystemClock(), Resources())
        wait_until(lambda: all_looked_at(database), "pictures still wait")
    finally:
        server.kill()
    assert statuses.total() == MANY and set(statuses) <= {200, 201}
    assert server.kills == len(KILLED_AFTER) + 1
    stored, states, analyses, told = seen(database)
    assert stored == list(range(1, MANY + 1))
    assert states == {"analysed"}
    assert len(analyses) == len(told) == MANY
    assert set(analyses.values()) == set(told.values()) == {1}
    kept = [each for each in (settings.data_dir / "files").rglob("*") if each.is_file()]
    assert MANY <= len(kept) <= MANY + len(KILLED_AFTER)  # a kill may leave one sealed file that no row names
    database.engine.dispose()


@pytest.mark.scaled
def test_two_workers_never_look_at_the_same_picture(scaled_settings: Settings) -> None:
    runtime = runtimes.build(scaled_settings)
    workers = []
    try:
        with TestClient(app_of(runtime)) as client:
            sitting = begin(client, make_exam(runtime, client))
            for sequence in range(1, WORKED + 1):
                assert upload(client, sitting, sequence, runtime.clock.now()).status_code == 201
        for _ in range(2):
            process = subprocess.Popen(
                [sys.executable, "-c", "from tests.proctoring.killed_server import work; work()"],
                cwd=ROOT,
                env=environment(scaled_settings),
                stdout=subprocess.PIPE,
                text=True,
            )
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
            workers.append(process)
        for _ in range(4):  # several watchers at once, of both workers
            with runtime.database.write(system_actor(institution(runtime))) as ctx:
                ctx.enqueue("proctoring.watch")
        wait_until(lambda: all_looked_at(runtime.database), "pictures still wait")
        stored, states, analyses, told = seen(runtime.database)
    finally:
        for process in workers:
            process.kill()
            process.wait()
        runtime.stop()
    assert (len(stored), states) == (WORKED, {"analysed"})
    assert len(analyses) == len(told) == WORKED
    assert set(told.values()) == {1}


def institution(runtime: runtimes.Runtime) -> UUID:
    """The institution of the installation."""
    assert runtime.console is not None
    return runtime.console.tenant_id
