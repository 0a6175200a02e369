"""Jobs: work that outlives a request, kept as rows.

A row is written in the transaction that wants the work. `run_job(id)` (in
`lms_core.kit.running`) is the one way a job runs, whoever carries the id: an
in-process thread or a Celery worker. States: queued -> running -> done, or back
to queued with a growing delay, or failed after `attempts_allowed`; cancelled
from queued. A running row whose lease ran out may be taken again, and is failed once
it has used up its attempts, so that work which kills its process ends some day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import JSON, CursorResult, Index, Text, UniqueConstraint, delete, or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel

from lms_core.kit.db import UtcDateTime
from lms_core.kit.events import SUBSCRIBERS, Event, Notice
from lms_core.kit.ids import first_id_at, new_id

LEASE = timedelta(seconds=90)
FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(minutes=15)
KEEP_DONE = timedelta(days=7)
KEEP_FAILED = timedelta(days=30)  # somebody may still want to know why
ABANDONED = "The process ended while this job ran, in every attempt it was allowed."


class LeaseLost(RuntimeError):
    """Another run took the job over; this one must leave no trace."""


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(SQLModel, table=True):
    """One piece of work. Global: the runner serves every tenant."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        Index("ix_job_due", "state", "queue", "run_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=120)
    queue: str = Field(max_length=20)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    tenant_id: UUID | None = None
    state: JobState = Field(default=JobState.QUEUED, max_length=12, sa_type=Text)
    attempts: int = 0
    attempts_allowed: int = 5
    run_at: datetime = Field(sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_by: str | None = Field(default=None, max_length=80)
    dispatched_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, sa_type=Text)
    dedupe_key: str | None = Field(default=None, max_length=200)
    request_id: str = Field(default="", max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


@dataclass(frozen=True, slots=True)
class JobDefinition:
    """How a named job runs.

    `event` set: `run(ctx, event)` inside one write transaction that also marks
    the row done. Else `run(work, **payload)`, which opens its own short
    transactions and must be safe to repeat.
    """

    name: str
    run: Callable[..., None]
    queue: str
    attempts_allowed: int
    event: type[Event] | None = None
    every: timedelta | None = None


DEFINITIONS: dict[str, JobDefinition] = {}


def _register(definition: JobDefinition) -> None:
    known = DEFINITIONS.get(definition.name)
    if known is not None and known.run.__qualname__ != definition.run.__qualname__:
        raise ValueError(f"two jobs are called {definition.name}")
    DEFINITIONS[definition.name] = definition


Function = Callable[..., None]


def job(name: str, *, queue: str = "fast", attempts: int = 5) -> Callable[[Function], Function]:
    """Declare a job. Queues by cost: answer (someone waits), money (asks payment providers), fast, io, heavy (imports,
    indexing), media (uploads), film (encoding), watch (pictures), idle.
    """

    def declare(function: Function) -> Function:
        _register(JobDefinition(name, function, queue, attempts))
        return function

    return declare


def on(event: type[Event], *, queue: str = "fast") -> Callable[[Function], Function]:
    """Declare a reaction to `event`: `handler(ctx: WriteCtx, event)`."""
    return partial(_subscribe, to=event, event=event, queue=queue)


def on_notice(*, queue: str = "fast") -> Callable[[Function], Function]:
    """Declare a reaction to every event that carries a notice: `handler(ctx: WriteCtx, event)`."""
    return partial(_subscribe, to=Notice, event=Event, queue=queue)


def _subscribe(function: Function, *, to: type[BaseModel], event: type[Event], queue: str) -> Function:
    name = f"{function.__module__}.{function.__name__}"
    _register(JobDefinition(name, function, queue, 8, event=event))
    if name not in SUBSCRIBERS[to]:
        SUBSCRIBERS[to].append(name)
    return function


def every(interval: timedelta, name: str, *, queue: str = "fast") -> Callable[[Function], Function]:
    """Declare scheduled work: `function(work)` once per `interval`, whoever keeps the schedule."""

    def declare(function: Function) -> Function:
        _register(JobDefinition(name, function, queue, 1, every=interval))
        return function

    return declare


def new_job(
    name: str,
    payload: dict[str, Any],
    *,
    tenant_id: UUID | None,
    now: datetime,
    request_id: str = "",
    dedupe_key: str | None = None,
    delay: timedelta = timedelta(0),
) -> Job:
    """A row for the declared job `name`; the caller adds it to its transaction."""
    definition = DEFINITIONS[name]
    return Job(
        name=name,
        queue=definition.queue,
        payload=payload,
        tenant_id=tenant_id,
        attempts_allowed=definition.attempts_allowed,
        run_at=now + delay,
        created_at=now,
        request_id=request_id,
        dedupe_key=dedupe_key,
    )


def job_rows(
    name: str, payloads: Sequence[tuple[UUID, dict[str, Any]]], *, now: datetime, request_id: str = ""
) -> list[dict[str, Any]]:
    """The same as values of a bulk insert, for jobs that are handed over at once: (tenant, payload) for each."""
    definition = DEFINITIONS[name]
    alike = {
        "name": name, "queue": definition.queue, "state": JobState.QUEUED, "attempts": 0,
        "attempts_allowed": definition.attempts_allowed, "run_at": now, "created_at": now, "dispatched_at": now,
        "request_id": request_id,
    }  # fmt: skip
    return [{"id": new_id(), "tenant_id": tenant_id, "payload": payload, **alike} for tenant_id, payload in payloads]


def claim(session: Session, *, job_id: UUID, by: str, now: datetime) -> Job | None:
    """Take a queued job that is due, or a running one whose lease ran out. None: somebody else has it."""
    return session.execute(
        update(Job)
        .where(Job.id == job_id, _takeable(now))
        .values(
            state=JobState.RUNNING, claimed_by=by, lease_until=now + LEASE, attempts=Job.attempts + 1, dispatched_at=now
        )
        .returning(Job)
    ).scalar_one_or_none()


def due(session: Session, *, queues: tuple[str, ...], now: datetime, limit: int) -> list[UUID]:
    """Ids of jobs that could run now, oldest first."""
    rows = session.execute(
        select(Job.id).where(_takeable(now), Job.queue.in_(queues)).order_by(Job.run_at).limit(limit)
    )
    return list(rows.scalars())


def _takeable(now: datetime) -> Any:
    queued = (Job.state == JobState.QUEUED) & (Job.run_at <= now)
    return or_(queued, _abandoned(now) & (Job.attempts < Job.attempts_allowed))


def _abandoned(now: datetime) -> Any:
    return (Job.state == JobState.RUNNING) & (Job.lease_until < now)


def take_to_dispatch(session: Session, *, now: datetime, again_after: timedelta, limit: int) -> list[tuple[UUID, str]]:
    """Mark due jobs as handed to the carrier and give their (id, queue).

    A job whose message was lost is handed over again after `again_after`;
    a message delivered twice is harmless, since `claim` lets one win.
    """
    lost = or_(Job.dispatched_at.is_(None), Job.dispatched_at < now - again_after)
    chosen = (
        select(Job.id).where(_takeable(now), lost).order_by(Job.run_at).limit(limit).with_for_update(skip_locked=True)
    )
    rows = session.execute(update(Job).where(Job.id.in_(chosen)).values(dispatched_at=now).returning(Job.id, Job.queue))
    return [(row[0], row[1]) for row in rows]


def finish(session: Session, *, job: Job, now: datetime) -> bool:
    """Mark done. False: the lease was lost meanwhile and another run owns the job."""
    result = session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.RUNNING, Job.attempts == job.attempts)
        .values(state=JobState.DONE, finished_at=now, lease_until=None, error=None)
        .execution_options(synchronize_session=False)
    )
    return _changed(result) == 1


def fail(session: Session, *, job: Job, now: datetime, error: str) -> JobState:
    """Queue again with exponential delay, or give up after the allowed attempts. Returns the new state."""
    again = job.attempts < job.attempts_allowed
    delay = min(FIRST_DELAY * 2 ** (job.attempts - 1), LONGEST_DELAY)
    state = JobState.QUEUED if again else JobState.FAILED
    session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.RUNNING, Job.attempts == job.attempts)
        .values(
            state=state,
            run_at=now + delay,
            lease_until=None,
            dispatched_at=None,
            error=error[:4000],
            finished_at=None if again else now,
        )
    )
    return state


def release(session: Session, *, job: Job, now: datetime) -> None:
    """Give a claimed job back as if it had not been tried: the process is stopping."""
    session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.RUNNING, Job.attempts == job.attempts)
        .values(state=JobState.QUEUED, attempts=Job.attempts - 1, run_at=now, lease_until=None, dispatched_at=None)
    )


def bury_abandoned(session: Session, *, now: datetime) -> int:
    """Fail the jobs whose process ended without a word in their last allowed attempt. Returns how many."""
    return _bury(session, _abandoned(now), now=now)


def _bury(session: Session, abandoned: Any, *, now: datetime) -> int:
    result = session.execute(
        update(Job)
        .where(abandoned, Job.attempts >= Job.attempts_allowed)
        .values(state=JobState.FAILED, lease_until=None, finished_at=now, error=ABANDONED)
    )
    return _changed(result)


def clear_finished(session: Session, *, now: datetime, limit: int) -> int:
    """Delete rows of work that ended long ago (`KEEP_DONE`, `KEEP_FAILED`), `limit` at most. Returns how many."""
    done = Job.state.in_([JobState.DONE, JobState.CANCELLED]) & (Job.finished_at < now - KEEP_DONE)
    failed = (Job.state == JobState.FAILED) & (Job.finished_at < now - KEEP_FAILED)
    # Ids begin with the time they were made: the oldest rows are found without looking at the young ones.
    old = Job.id < first_id_at(now - KEEP_DONE)
    chosen = select(Job.id).where(old, or_(done, failed)).order_by(Job.id).limit(limit)
    return _changed(session.execute(delete(Job).where(Job.id.in_(chosen)).execution_options(synchronize_session=False)))


def renew(session: Session, *, job_id: UUID, attempt: int, now: datetime) -> bool:
    """Extend the lease of a job that is still being worked on."""
    result = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == JobState.RUNNING, Job.attempts == attempt)
        .values(lease_until=now + LEASE)
    )
    return _changed(result) == 1


def requeue_running(session: Session, *, now: datetime) -> int:
    """Queue every running job again: right only where one process owns them all, at its start.

    Those that used up their attempts are failed instead. Returns how many were queued.
    """
    _bury(session, Job.state == JobState.RUNNING, now=now)
    result = session.execute(
        update(Job)
        .where(Job.state == JobState.RUNNING)
        .values(state=JobState.QUEUED, run_at=now, lease_until=None, dispatched_at=None)
    )
    return _changed(result)


def _changed(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
