"""Contexts: what a verb needs to know about who asks, where, when, and its transaction.

`Database.read(...)` gives a `ReadCtx`, `Database.write(...)` a `WriteCtx`; only
leaving `write` commits. Services take a context first and everything else by
keyword.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, insert
from sqlmodel import SQLModel

from lms_core.kit import jobs
from lms_core.kit.clock import Clock
from lms_core.kit.db import EVERY_TENANT, TenantSession
from lms_core.kit.events import Event, subscribers
from lms_core.kit.permissions import Permission, Role, allows

Row = TypeVar("Row", bound=SQLModel)
Port = TypeVar("Port")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `user_id` None is a visitor, or the system itself when `is_system`."""

    tenant_id: UUID
    user_id: UUID | None = None
    roles: frozenset[Role] = frozenset()
    course_roles: Mapping[UUID, frozenset[Role]] = field(default_factory=dict)
    session_id: UUID | None = None
    language: str = "en"
    is_system: bool = False
    granted: frozenset[Permission] = frozenset()  # by the institution's own roles
    course_granted: Mapping[UUID, frozenset[Permission]] = field(default_factory=dict)
    scopes: frozenset[Permission] | None = None  # of the API key this actor came with: nothing beyond them is allowed
    impersonator_id: UUID | None = None  # the administrator who acts as this person
    noted_at: datetime | None = None  # when the use of its session or key was last written down
    proved_at: datetime | None = None  # when the holder of its session last showed who they are

    def may(self, permission: Permission, *, course_id: UUID | None = None) -> bool:
        """Whether this actor holds `permission` in the tenant, or in the given course."""
        if self.is_system:
            return True
        if self.scopes is not None and permission not in self.scopes:
            return False
        if permission in self.granted or allows(permission, roles=self.roles):
            return True
        if course_id is None:
            return False
        in_course = self.course_roles.get(course_id, frozenset())
        granted = self.course_granted.get(course_id, frozenset())
        return permission in granted or allows(permission, roles=(), course_roles=in_course)

    def courses_where(self, permission: Permission) -> list[UUID]:
        """The courses in which this actor holds `permission` by a role there; in the whole tenant is `may`'s to say."""
        return [each for each in {**self.course_roles, **self.course_granted} if self.may(permission, course_id=each)]

    def courses_with_any(self, permissions: Iterable[Permission]) -> list[UUID]:
        """The courses in which this actor holds one of `permissions` by a role there."""
        return list(dict.fromkeys(each for wanted in permissions for each in self.courses_where(wanted)))

    def with_course_role(self, course_id: UUID, role: Role) -> "Actor":
        """The same actor, who was just given `role` in a course."""
        held = self.course_roles.get(course_id, frozenset())
        return replace(self, course_roles={**self.course_roles, course_id: held | {role}})


def system_actor(tenant_id: UUID = EVERY_TENANT) -> Actor:
    """The platform itself, in one tenant or in all of them."""
    return Actor(tenant_id=tenant_id, is_system=True)


class Resources:
    """The ports of this process, by their type: storage, mail, cache, embedder, index."""

    def __init__(self) -> None:
        self._ports: dict[Any, Any] = {}

    def put(self, port: type[Port], implementation: Port) -> None:
        """Offer `implementation` as `port`."""
        self._ports[port] = implementation

    def get(self, port: type[Port]) -> Port:
        """The implementation of `port` in this process."""
        implementation: Port = self._ports[port]
        return implementation


@dataclass(slots=True)
class ReadCtx:
    """A view of the database for one actor. Nothing is written through it.

    `address` is the caller's, as the server's settings on proxies derive it; "" where nobody calls over a network.
    """

    session: TenantSession
    actor: Actor
    now: datetime
    request_id: str
    resources: Resources
    address: str = field(default="", kw_only=True)

    @property
    def tenant_id(self) -> UUID:
        """The institution this context is in."""
        return self.actor.tenant_id


@dataclass(slots=True)
class WriteCtx(ReadCtx):
    """One transaction. What it adds, emits and enqueues is stored together or not at all."""

    enqueued: list[tuple[UUID, str]] = field(default_factory=list)  # job id and queue, due at once

    def add(self, row: Row) -> Row:
        """Write `row` now (so database constraints speak here) and return it."""
        self.session.add(row)
        self.session.flush([row])
        return row

    def emit(self, event: Event) -> None:
        """Record a fact: one job per subscriber, in this transaction."""
        for name in subscribers(event):
            self._store(
                jobs.new_job(
                    name,
                    {"event": event.name, "data": event.model_dump(mode="json")},
                    tenant_id=self.tenant_id,
                    now=self.now,
                    request_id=self.request_id,
                )
            )

    def enqueue(self, name: str, *, delay: timedelta = timedelta(0), **payload: Any) -> UUID:
        """Ask for the declared job `name` after this transaction; returns the job's id."""
        return self._store(
            jobs.new_job(name, payload, tenant_id=self.tenant_id, now=self.now, request_id=self.request_id, delay=delay)
        )

    def enqueue_all(self, name: str, payloads: Sequence[tuple[UUID, dict[str, Any]]]) -> None:
        """Ask for the job `name` many times, in one statement: (tenant, payload) for each."""
        rows = jobs.job_rows(name, payloads, now=self.now, request_id=self.request_id)
        self.session.execute(insert(jobs.Job), rows)
        self.enqueued += [(row["id"], row["queue"]) for row in rows]

    def _store(self, row: jobs.Job) -> UUID:
        self.session.add(row)
        if row.run_at <= self.now:
            row.dispatched_at = self.now  # `on_commit` hands it over; the relay only looks after lost ones
            self.enqueued.append((row.id, row.queue))
        return row.id


class Interrupted(Exception):
    """The process is stopping: the job in hand ends early and is queued again, this try not counted."""


OnCommit = Callable[[list[tuple[UUID, str]]], None]


class Database:
    """Opens contexts on one engine. `on_commit` hears the (id, queue) of jobs just stored.

    `stopping` is set when this process is about to end; long jobs look at it (`Work.check_stop`).
    """

    def __init__(self, engine: Engine, clock: Clock, resources: Resources) -> None:
        self.engine = engine
        self.clock = clock
        self.resources = resources
        self.on_commit: OnCommit | None = None
        self.stopping = threading.Event()
        self._writer = engine.execution_options(immediate=True)
        # PostgreSQL's read-committed transactions show each statement what is committed by then, as no transaction
        # does; without one a reader saves two round trips. SQLite has its snapshot for nothing.
        self._reader = (
            engine.execution_options(isolation_level="AUTOCOMMIT") if engine.dialect.name == "postgresql" else engine
        )

    @contextmanager
    def read(self, actor: Actor, *, request_id: str = "") -> Iterator[ReadCtx]:
        """A read-only view: what would write raises WriteRefused."""
        with self._reader.connect() as connection, self._session(connection, actor, reading=True) as session:
            yield ReadCtx(session, actor, self.clock.now(), request_id, self.resources)

    @contextmanager
    def write(self, actor: Actor, *, request_id: str = "") -> Iterator[WriteCtx]:
        """One transaction: committed on leaving, rolled back on any error."""
        with self._session(self._writer, actor, reading=False) as session:
            ctx = WriteCtx(session, actor, self.clock.now(), request_id, self.resources)
            yield ctx
            session.commit()
        if ctx.enqueued and self.on_commit is not None:
            self.on_commit(ctx.enqueued)

    @contextmanager
    def _session(self, bind: Engine | Connection, actor: Actor, *, reading: bool) -> Iterator[TenantSession]:
        info = {"tenant_id": actor.tenant_id, "reading": reading}
        with TenantSession(bind, expire_on_commit=False, info=info) as session:
            yield session


@dataclass(slots=True)
class Work:
    """What a job is given: short transactions in its tenant, the ports, and its own row."""

    database: Database
    job: jobs.Job
    finished: bool = False

    @property
    def actor(self) -> Actor:
        """The system, in the job's tenant."""
        return system_actor(self.job.tenant_id or EVERY_TENANT)

    @property
    def resources(self) -> Resources:
        """The ports of this process."""
        return self.database.resources

    def finish(self, ctx: WriteCtx) -> None:
        """Mark the job done in the transaction of its last write: one commit less, and nothing to repeat after it.

        jobs.LeaseLost, which undoes that transaction, when another run owns the job by now.
        """
        if not jobs.finish(ctx.session, job=self.job, now=ctx.now):
            raise jobs.LeaseLost(self.job.name)
        self.finished = True

    def check_stop(self) -> None:
        """Raise Interrupted when the process is stopping. Long jobs call this every few seconds of work."""
        if self.database.stopping.is_set():
            raise Interrupted(self.job.name)

    @contextmanager
    def read(self) -> Iterator[ReadCtx]:
        """A view in the job's tenant."""
        with self.database.read(self.actor, request_id=self.job.request_id) as ctx:
            yield ctx

    @contextmanager
    def write(self) -> Iterator[WriteCtx]:
        """A transaction in the job's tenant; keep it short: never across inference, mail or network."""
        with self.database.write(self.actor, request_id=self.job.request_id) as ctx:
            yield ctx
