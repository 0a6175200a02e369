"""Running jobs: claim a row, do the work, record how it ended.

The same `run_job` serves in-process threads, Celery workers and `drain` (which
runs everything due here and now, for tests and the command line).
"""

import traceback
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from lms_core.kit import jobs, leases
from lms_core.kit.context import Database, Interrupted, Work, system_actor
from lms_core.kit.db import EVERY_TENANT
from lms_core.kit.events import EVENTS

CLEARED_AT_ONCE = 1000
QUEUES = ("answer", "money", "fast", "io", "heavy", "media", "film", "watch", "idle")

log = structlog.get_logger(__name__)


def run_job(database: Database, job_id: UUID, *, worker: str) -> bool:
    """Run one job to its end. False when there was nothing to do (taken, done, not due)."""
    with database.write(system_actor()) as ctx:
        job = jobs.claim(ctx.session, job_id=job_id, by=worker, now=ctx.now)
    if job is None:
        return False
    structlog.contextvars.bind_contextvars(request_id=job.request_id, job=job.name)
    try:
        _perform(database, job)
    except jobs.LeaseLost:
        log.warning("job.lease_lost", job_id=str(job.id))
    except Interrupted:
        with database.write(system_actor()) as ctx:
            jobs.release(ctx.session, job=job, now=ctx.now)
    except Exception as error:
        _record_failure(database, job, error)
    finally:
        structlog.contextvars.unbind_contextvars("request_id", "job")
    return True


def _perform(database: Database, job: jobs.Job) -> None:
    definition = jobs.DEFINITIONS.get(job.name)
    if definition is None:
        raise LookupError(f"no job is called {job.name}: this worker runs an older or newer version")
    if definition.event is not None:
        event = EVENTS[job.payload["event"]].model_validate(job.payload["data"])
        with database.write(system_actor(job.tenant_id or EVERY_TENANT), request_id=job.request_id) as ctx:
            definition.run(ctx, event)
            if not jobs.finish(ctx.session, job=job, now=ctx.now):
                raise jobs.LeaseLost(job.name)
        return
    work = Work(database, job)
    with leases.kept(database, job):
        definition.run(work, **job.payload)
    if work.finished:
        return
    with database.write(system_actor()) as ctx:
        jobs.finish(ctx.session, job=job, now=ctx.now)


def _record_failure(database: Database, job: jobs.Job, error: Exception) -> None:
    trace = "".join(traceback.format_exception(error))[-4000:]
    with database.write(system_actor()) as ctx:
        state = jobs.fail(ctx.session, job=job, now=ctx.now, error=trace)
    log.warning("job.failed", job_id=str(job.id), attempt=job.attempts, state=state, error=repr(error))


def due_now(database: Database, *, queues: tuple[str, ...] = QUEUES, limit: int = 100) -> list[UUID]:
    """Ids of the jobs that could run now."""
    with database.read(system_actor()) as ctx:
        return jobs.due(ctx.session, queues=queues, now=ctx.now, limit=limit)


def drain(database: Database, *, worker: str = "drain", limit: int = 10_000) -> int:
    """Run due jobs, and those they cause, until none is due. Returns how many ran."""
    ran = 0
    while ran < limit:
        ids = due_now(database)
        if not ids:
            return ran
        ran += sum(run_job(database, job_id, worker=worker) for job_id in ids)
    raise RuntimeError(f"jobs keep causing jobs: stopped after {limit}")


def bury_abandoned(database: Database) -> int:
    """Fail jobs that keep ending their process. Returns how many."""
    with database.write(system_actor()) as ctx:
        buried = jobs.bury_abandoned(ctx.session, now=ctx.now)
    if buried:
        log.error("job.abandoned", jobs=buried)
    return buried


@jobs.every(timedelta(hours=1), "kit.clear_finished_jobs", queue="idle")
def clear_finished(work: Work) -> None:
    """Delete the rows of jobs that ended long ago, a short transaction for each thousand."""
    cleared = CLEARED_AT_ONCE
    while cleared == CLEARED_AT_ONCE:
        work.check_stop()
        with work.write() as ctx:
            cleared = jobs.clear_finished(ctx.session, now=ctx.now, limit=CLEARED_AT_ONCE)


def plan_scheduled(database: Database) -> int:
    """Write the rows of scheduled work whose time slot has come; safe from any number of processes."""
    planned = 0
    for definition in list(jobs.DEFINITIONS.values()):
        if definition.every is None:
            continue
        now = database.clock.now()
        slot = int(now.timestamp() // definition.every.total_seconds())
        planned += _plan(database, definition.name, f"{definition.name}:{slot}", now)
    return planned


def _plan(database: Database, name: str, key: str, now: datetime) -> bool:
    with database.read(system_actor()) as view:
        if view.session.query(jobs.Job.id).filter(jobs.Job.dedupe_key == key).first():
            return False
    try:
        with database.write(system_actor()) as ctx:
            row = jobs.new_job(name, {}, tenant_id=None, now=now, dedupe_key=key)
            ctx.session.add(row)
            ctx.enqueued.append((row.id, row.queue))
    except IntegrityError:  # another process planned this slot
        return False
    return True
