"""Jobs: leases, attempts, a stopping process, schedules."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms_core.kit import jobs, leases, running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Database, Work, system_actor
from lms_core.kit.jobs import Job, JobState
from tests.factories.people import default_tenant
from workers.runner import Runner
from workers.runtime import Runtime

LONG = "test.kit.long"
SHORT = "test.kit.short"
ran: list[str] = []
started = threading.Event()


def long_job(work: Work, *, seconds: float) -> None:
    """Works in small steps, and looks up after each."""
    started.set()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        work.check_stop()
        time.sleep(0.01)
    ran.append("long")


def short_job(work: Work, *, word: str) -> None:
    """Says its word."""
    ran.append(word)


if LONG not in jobs.DEFINITIONS:  # test modules may be imported twice under two names
    jobs.job(LONG, queue="heavy", attempts=3)(long_job)
    jobs.job(SHORT, attempts=3)(short_job)


@pytest.fixture
def database(runtime: Runtime) -> Iterator[Database]:
    ran.clear()
    started.clear()
    default_tenant(runtime.database)
    running.drain(runtime.database)
    yield runtime.database


def enqueue(database: Database, name: str, *, delay: timedelta = timedelta(0), **payload: object) -> UUID:
    with database.write(system_actor(default_tenant(database))) as ctx:
        return ctx.enqueue(name, delay=delay, **payload)


def row(database: Database, job_id: UUID) -> Job:
    with database.read(system_actor()) as view:
        return view.session.execute(select(Job).where(Job.id == job_id)).scalar_one()


def test_stopping_ends_a_long_job_early_and_queues_it_again_untried(database: Database) -> None:
    job_id = enqueue(database, LONG, seconds=60)
    runner = Runner(database, threads=1)
    runner.start()
    assert started.wait(60)
    began = time.monotonic()
    runner.stop()
    assert time.monotonic() - began < 50
    assert ran == []
    left = row(database, job_id)
    assert (left.state, left.attempts, left.lease_until) == (JobState.QUEUED, 0, None)

    database.stopping.clear()
    with database.write(system_actor()) as ctx:
        ctx.session.execute(update(Job).where(Job.id == job_id).values(payload={"seconds": 0}))
    running.drain(database)
    assert ran == ["long"]
    assert row(database, job_id).state == JobState.DONE


def test_a_job_that_kills_its_process_is_given_up_after_its_attempts(database: Database, clock: MovingClock) -> None:
    job_id = enqueue(database, SHORT, word="never")
    for attempt in range(1, 4):
        with database.write(system_actor()) as ctx:
            taken = jobs.claim(ctx.session, job_id=job_id, by="killed", now=ctx.now)
        assert taken is not None
        assert taken.attempts == attempt
        clock.move(jobs.LEASE + timedelta(seconds=1))  # nobody renews: the process is gone
    assert running.due_now(database) == []
    assert running.run_job(database, job_id, worker="next") is False
    assert running.bury_abandoned(database) == 1
    buried = row(database, job_id)
    assert buried.state == JobState.FAILED
    assert buried.error == jobs.ABANDONED
    assert buried.finished_at is not None
    assert ran == []


def test_a_start_after_a_kill_queues_again_and_gives_up_in_the_end(database: Database) -> None:
    fresh, worn = enqueue(database, SHORT, word="fresh"), enqueue(database, SHORT, word="worn")
    with database.write(system_actor()) as ctx:
        for job_id in (fresh, worn):
            jobs.claim(ctx.session, job_id=job_id, by="killed", now=ctx.now)
        ctx.session.execute(update(Job).where(Job.id == worn).values(attempts=3))
    with database.write(system_actor()) as ctx:
        assert jobs.requeue_running(ctx.session, now=ctx.now) == 1
    assert row(database, worn).state == JobState.FAILED
    running.drain(database)
    assert ran == ["fresh"]


def test_a_live_lease_keeps_others_away_and_an_old_one_does_not(database: Database, clock: MovingClock) -> None:
    job_id = enqueue(database, SHORT, word="once")
    with database.write(system_actor()) as ctx:
        first = jobs.claim(ctx.session, job_id=job_id, by="one", now=ctx.now)
    assert first is not None
    assert running.run_job(database, job_id, worker="two") is False
    with database.write(system_actor()) as ctx:
        clock.move(timedelta(seconds=60))
        assert jobs.renew(ctx.session, job_id=job_id, attempt=1, now=clock.now())
    clock.move(timedelta(seconds=60))
    assert running.run_job(database, job_id, worker="two") is False
    clock.move(timedelta(seconds=60))
    assert running.run_job(database, job_id, worker="two") is True
    with database.write(system_actor()) as ctx:
        assert jobs.finish(ctx.session, job=first, now=ctx.now) is False, "the first run lost its lease"
        assert jobs.renew(ctx.session, job_id=job_id, attempt=1, now=ctx.now) is False
    assert ran == ["once"]


def test_leases_of_running_jobs_are_renewed_together(
    database: Database, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.05)
    others = _keepers()
    claimed = [enqueue(database, SHORT, word=word) for word in ("one", "two")]
    with database.write(system_actor()) as ctx:
        held = [jobs.claim(ctx.session, job_id=job_id, by="worker", now=ctx.now) for job_id in claimed]
    first, second = (job for job in held if job is not None)
    with leases.kept(database, first):
        with leases.kept(database, second):
            clock.move(timedelta(seconds=60))
            expected = clock.now() + jobs.LEASE
            _until(lambda: [row(database, job_id).lease_until for job_id in claimed] == [expected, expected])
        clock.move(timedelta(seconds=60))
        _until(lambda: row(database, first.id).lease_until == clock.now() + jobs.LEASE)
    assert row(database, second.id).lease_until == expected, "a job that ended is not kept"
    _until(lambda: not _keepers() - others)  # the thread ends when nothing is in hand


def _keepers() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "leases"}


def _until(holds: Callable[[], bool], *, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


def test_a_delayed_job_waits_and_a_rolled_back_one_never_was(database: Database, clock: MovingClock) -> None:
    later = enqueue(database, SHORT, delay=timedelta(minutes=5), word="later")
    with pytest.raises(ZeroDivisionError), database.write(system_actor(default_tenant(database))) as ctx:
        ctx.enqueue(SHORT, word="ghost")
        raise ZeroDivisionError
    assert running.run_job(database, later, worker="w") is False
    running.drain(database)
    assert ran == []
    clock.move(timedelta(minutes=5))
    running.drain(database)
    assert ran == ["later"]


def test_a_scheduled_slot_is_planned_once_by_however_many_processes(database: Database, clock: MovingClock) -> None:
    running.plan_scheduled(database)
    assert running.plan_scheduled(database) == 0
    clock.move(timedelta(hours=24))
    scheduled = [each for each in jobs.DEFINITIONS.values() if each.every is not None]
    assert running.plan_scheduled(database) == len(scheduled) > 0


def test_an_unknown_job_fails_with_a_reason(database: Database) -> None:
    job_id = enqueue(database, SHORT, word="x")
    with database.write(system_actor()) as ctx:
        ctx.session.execute(update(Job).where(Job.id == job_id).values(name="test.kit.gone"))
    running.run_job(database, job_id, worker="w")
    assert "test.kit.gone" in (row(database, job_id).error or "")


def test_two_jobs_of_one_name_are_refused() -> None:
    def other(work: Work) -> None: ...

    with pytest.raises(ValueError, match=SHORT):
        jobs.job(SHORT)(other)
