"""Killing the process in the middle of jobs: none lost, none doubled in effect."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lms_core.identity.audit.models import AuditEntry
from lms_core.kit import jobs, running
from lms_core.kit.clock import MovingClock, SystemClock
from lms_core.kit.context import Database, Resources, system_actor
from lms_core.kit.db import make_engine
from lms_core.kit.settings import Settings
from tests.flows.killed_process import HANDLED, WORKED, Happened
from workers import runtime as runtimes
from workers import schedule

JOBS = 120
KILLS = 3
PATIENCE_SECONDS = 240


def start(kind: str, settings: Settings) -> "subprocess.Popen[str]":
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MWALIMU_")},
        "MWALIMU_MODE": settings.mode,
        "MWALIMU_DATA_DIR": str(settings.data_dir),
        "MWALIMU_DATABASE_URL": settings.database_url,
        "MWALIMU_REDIS_URL": settings.redis_url,
        "MWALIMU_QDRANT_URL": settings.qdrant_url,
        "MWALIMU_SECRET_KEY": settings.secret_key.get_secret_value(),
        "MWALIMU_LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", f"from tests.flows.killed_process import main; main({kind!r})"],
        cwd=Path(__file__).resolve().parents[2],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def ask_for_work(database: Database, tenant_id: object) -> None:
    for number in range(JOBS):
        with database.write(system_actor(tenant_id)) as ctx:  # type: ignore[arg-type]
            ctx.emit(Happened(number=number))
            ctx.enqueue("test.work", number=number)


def done(database: Database) -> int:
    with database.read(system_actor()) as ctx:
        finished = select(func.count()).where(jobs.Job.state == jobs.JobState.DONE, jobs.Job.name.like("test%"))
        return ctx.session.execute(finished).scalar_one()


def effects(database: Database) -> dict[str, Counter[int]]:
    with database.read(system_actor()) as ctx:
        rows = ctx.session.execute(select(AuditEntry.action, AuditEntry.object_id)).all()
    found: dict[str, Counter[int]] = {HANDLED: Counter(), WORKED: Counter()}
    for action, object_id in rows:
        if action in found:
            found[action][object_id.int] += 1
    return found


def kill_again_and_again(begin: Callable[[], "subprocess.Popen[str]"], database: Database) -> None:
    """Kill -9 after some progress, several times; then let the last one finish."""
    for kill in range(KILLS + 1):
        process = begin()
        goal = JOBS * 2 if kill == KILLS else (kill + 1) * JOBS // 3
        deadline = time.monotonic() + PATIENCE_SECONDS
        while done(database) < goal:
            assert time.monotonic() < deadline, f"only {done(database)} of {goal} jobs done"
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()


def everything_once() -> Counter[int]:
    return Counter(range(JOBS))


def test_embedded_process_killed_in_the_middle_of_jobs(settings: Settings) -> None:
    runtime = runtimes.build(settings, run_jobs=False)
    assert runtime.console is not None
    tenant_id = runtime.console.tenant_id
    ask_for_work(runtime.database, tenant_id)
    runtime.stop()
    database = Database(make_engine(settings.effective_database_url), SystemClock(), Resources())

    kill_again_and_again(lambda: start("embedded", settings), database)

    assert effects(database) == {HANDLED: everything_once(), WORKED: everything_once()}


@pytest.mark.scaled
def test_celery_worker_killed_in_the_middle_of_jobs(scaled_settings: Settings) -> None:
    runtime = runtimes.build(scaled_settings)
    assert runtime.console is not None
    ask_for_work(runtime.database, runtime.console.tenant_id)

    def begin() -> "subprocess.Popen[str]":
        expire_leases(runtime.database)
        process = start("celery", scaled_settings)
        schedule.relay_once(runtime)
        return process

    kill_again_and_again(begin, runtime.database)

    assert effects(runtime.database) == {HANDLED: everything_once(), WORKED: everything_once()}
    runtime.stop()


def expire_leases(database: Database) -> None:
    """What ninety seconds of waiting would do: a killed worker's leases run out."""
    with database.write(system_actor()) as ctx:
        for row in ctx.session.execute(select(jobs.Job).where(jobs.Job.state == jobs.JobState.RUNNING)).scalars():
            row.lease_until = ctx.now - timedelta(seconds=1)
        for row in ctx.session.execute(select(jobs.Job).where(jobs.Job.state != jobs.JobState.DONE)).scalars():
            row.dispatched_at = None


def test_a_job_that_fails_is_tried_again_later_and_then_given_up(settings: Settings, clock: MovingClock) -> None:
    runtime = runtimes.build(settings, clock=clock, run_jobs=False)
    assert runtime.console is not None
    with runtime.database.write(system_actor(runtime.console.tenant_id)) as ctx:
        job_id = ctx.enqueue("test.work", number="not a number")
    for _ in range(5):
        running.drain(runtime.database)
        clock.move(timedelta(minutes=20))
    with runtime.database.read(system_actor()) as view:
        row = view.session.get(jobs.Job, job_id)
        assert row is not None
        assert (row.state, row.attempts) == (jobs.JobState.FAILED, 5)
        assert "TypeError" in (row.error or "")
    runtime.stop()
