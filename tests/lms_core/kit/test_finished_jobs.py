"""Rows of finished jobs are cleared after their time, failed ones later, others never."""

from datetime import timedelta

from sqlalchemy import select

from lms_core.kit import jobs, running
from lms_core.kit.context import Database, system_actor
from lms_core.kit.ids import first_id_at, new_id
from lms_core.kit.jobs import Job, JobState
from workers.runtime import Runtime

NAME = "kit.clear_finished_jobs"


def add(database: Database, state: JobState, *, days: float) -> None:
    """A row that ended so many days ago (or, unfinished, was made then)."""
    then = database.clock.now() - timedelta(days=days)
    ended = None if state in (JobState.QUEUED, JobState.RUNNING) else then
    with database.write(system_actor()) as ctx:
        row = Job(
            id=first_id_at(then),
            name=NAME,
            queue="idle",
            state=state,
            run_at=database.clock.now() + timedelta(days=1),
            created_at=then,
            finished_at=ended,
            error=f"{state} {days:g}",
        )
        ctx.session.add(row)


def left(database: Database) -> set[str]:
    """What is still there, the clearing itself left out."""
    with database.read(system_actor()) as ctx:
        return {each for each in ctx.session.execute(select(Job.error)).scalars() if each}


def test_done_after_a_week_failed_after_a_month_and_others_never(runtime: Runtime) -> None:
    database = runtime.database
    for state, ages in {
        JobState.DONE: (6.9, 7.1, 400),
        JobState.CANCELLED: (6.8, 7.2),
        JobState.FAILED: (8, 29, 31),
        JobState.QUEUED: (401,),
        JobState.RUNNING: (402,),
    }.items():
        for days in ages:
            add(database, state, days=days)
    running.plan_scheduled(database)
    running.drain(database)
    assert left(database) == {"done 6.9", "cancelled 6.8", "failed 8", "failed 29", "queued 401", "running 402"}


def test_it_goes_in_short_transactions_until_nothing_is_left(runtime: Runtime) -> None:
    database = runtime.database
    for number in range(7):
        add(database, JobState.DONE, days=10 + number)
    with database.write(system_actor()) as ctx:
        assert jobs.clear_finished(ctx.session, now=ctx.now, limit=5) == 5
        assert jobs.clear_finished(ctx.session, now=ctx.now, limit=5) == 2


def test_ids_are_ordered_by_the_moment_they_are_from(runtime: Runtime) -> None:
    moment = runtime.clock.now()
    assert first_id_at(moment) < first_id_at(moment + timedelta(milliseconds=1)) < new_id()
    assert first_id_at(moment).version == 7
