"""Keeping the leases of running jobs, all of a database's by one thread.

A thread for each job would cost every short job more than its own bookkeeping.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy.exc import SQLAlchemyError

from lms_core.kit import jobs
from lms_core.kit.context import Database, system_actor

RENEW_SECONDS = jobs.LEASE.total_seconds() / 3

log = structlog.get_logger(__name__)


@contextmanager
def kept(database: Database, job: jobs.Job) -> Iterator[None]:
    """Renew the job's lease while the block runs."""
    with _lock:
        keeper = _keepers.get(database)
        if keeper is None:
            keeper = _keepers[database] = _Keeper()
    keeper.take(database, job)
    try:
        yield
    finally:
        keeper.leave(job)


class _Keeper:
    """One database's jobs in hand; its thread ends when it finds none."""

    def __init__(self) -> None:
        self._in_hand: dict[UUID, int] = {}  # job id -> attempt
        self._lock = threading.Lock()
        self._running = False

    def take(self, database: Database, job: jobs.Job) -> None:
        with self._lock:
            self._in_hand[job.id] = job.attempts
            if self._running:
                return
            self._running = True
        threading.Thread(target=self._keep, args=(database,), name="leases", daemon=True).start()

    def leave(self, job: jobs.Job) -> None:
        with self._lock:
            self._in_hand.pop(job.id, None)

    def _keep(self, database: Database) -> None:
        pause = threading.Event()
        while True:
            pause.wait(RENEW_SECONDS)
            with self._lock:
                in_hand = list(self._in_hand.items())
                if not in_hand:
                    self._running = False
                    return
            _renew(database, in_hand)


def _renew(database: Database, in_hand: list[tuple[UUID, int]]) -> None:
    try:
        with database.write(system_actor()) as ctx:
            for job_id, attempt in in_hand:
                jobs.renew(ctx.session, job_id=job_id, attempt=attempt, now=ctx.now)
    except SQLAlchemyError as error:  # two more chances before a lease runs out
        log.warning("job.leases_not_renewed", jobs=len(in_hand), error=repr(error))


_keepers: "WeakKeyDictionary[Database, _Keeper]" = WeakKeyDictionary()
_lock = threading.Lock()
