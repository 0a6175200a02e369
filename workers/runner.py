"""The in-process runner: threads that take due jobs, for installations of one process.

Answers have threads of their own, so that a learner never waits behind an
import, and so has money, so that a course opens seconds after it was paid;
heavy work has one, so that two imports do not fight for two cores; pictures
have one, so that an exam does not hold up an edit, nor an import the live wall;
films have one, so that encoding a lecture holds up neither an import nor an upload;
what nobody waits for has another, so that an edit is indexed at once.
"""

import os
import queue
import threading
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from lms_core.kit import jobs, memory, running
from lms_core.kit.calm import Calm
from lms_core.kit.context import Database, system_actor

POLL_SECONDS = 1.0
LOOK_SECONDS = 5.0  # a lane with plenty of new jobs looks this often for retries that are due
SCHEDULE_SECONDS = 15.0
MONEY_THREADS = 4  # they wait for providers nearly all their time
STOP_SECONDS = 60.0  # a job looks up every few seconds; the rest is patience on a crowded machine

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Lane:
    """Threads that serve the same queues. `inbox`: ids of jobs just stored; None is a call to look for due ones.

    The jobs of a hungry lane take much memory for a while; those of a yielding one step aside for what is urgent.
    """

    queues: tuple[str, ...]
    threads: int
    hungry: bool = False
    yielding: bool = False
    inbox: "queue.SimpleQueue[UUID | None]" = field(default_factory=queue.SimpleQueue)


class Runner:
    """Runs jobs on threads until stopped. `wake` tells it of jobs just stored."""

    def __init__(self, database: Database, *, threads: int, calm: Calm | None = None) -> None:
        self._database = database
        self._name = f"runner-{os.getpid()}"
        self._calm = calm or Calm()
        self._stop = threading.Event()
        self._lanes = [
            _Lane(("answer",), threads),
            _Lane(("money",), MONEY_THREADS, yielding=True),
            _Lane(("fast", "io"), 1),
            _Lane(("heavy",), 1, hungry=True),
            _Lane(("media",), 1, hungry=True),
            _Lane(("film",), 1, hungry=True),
            _Lane(("watch",), 1, hungry=True),
            _Lane(("idle",), 1, hungry=True),
        ]
        self._threads: list[threading.Thread] = []
        self._in_hand: set[UUID] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Queue again what a killed process left running, then begin."""
        with self._database.write(system_actor()) as ctx:
            left = jobs.requeue_running(ctx.session, now=ctx.now)
        if left:
            log.info("runner.resumed", jobs=left)
        for lane in self._lanes:
            for _ in range(lane.threads):
                self._begin(self._serve, lane)
        self._begin(self._keep_schedule)

    def _begin(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="runner", daemon=True)
        thread.start()
        self._threads.append(thread)

    def stop(self) -> None:
        """Let each thread finish the job in hand; long ones end early and are queued again."""
        self._stop.set()
        self._database.stopping.set()
        self.wake([])
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0.1, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            log.warning("runner.job_left_running", seconds=STOP_SECONDS)

    def wake(self, stored: list[tuple[UUID, str]]) -> None:
        """Run these (id, queue) now; for nothing, every lane looks for what is due."""
        for job_id, name in stored:
            for lane in self._lanes:
                if name in lane.queues:
                    lane.inbox.put(job_id)
        if not stored:
            for lane in self._lanes:
                for _ in range(lane.threads):
                    lane.inbox.put(None)

    def _serve(self, lane: "_Lane") -> None:
        """Run what is handed over as it comes; look for what else is due when nothing comes, and now and then."""
        look_at = 0.0
        while not self._stop.is_set():
            job_id = None
            if time.monotonic() < look_at:
                with suppress(queue.Empty):
                    job_id = lane.inbox.get(timeout=POLL_SECONDS)
            if job_id is not None:
                with self._moment(lane):
                    self._run(job_id)
                if lane.hungry and lane.inbox.empty():
                    memory.give_back()
                continue
            ran = []
            with self._moment(lane):
                due = self._due(lane.queues)
            for job_id in due:
                if not self._stop.is_set():
                    with self._moment(lane):
                        ran.append(self._run(job_id))
            look_at = 0.0 if any(ran) else time.monotonic() + LOOK_SECONDS
            if lane.hungry and any(ran):
                memory.give_back()

    def _moment(self, lane: "_Lane") -> AbstractContextManager[None]:
        """When a job of the lane may begin."""
        return self._calm.in_quiet() if lane.yielding else nullcontext()

    def _due(self, queues: tuple[str, ...]) -> list[UUID]:
        try:
            return running.due_now(self._database, queues=queues, limit=8)
        except Exception:
            log.exception("runner.poll_failed")
            self._stop.wait(POLL_SECONDS)
            return []

    def _run(self, job_id: UUID) -> bool:
        """Run one job; False when another thread of the lane has it, which asking the database would cost a write."""
        with self._lock:
            if job_id in self._in_hand:
                return False
            self._in_hand.add(job_id)
        try:
            return running.run_job(self._database, job_id, worker=self._name)
        except Exception:
            log.exception("runner.job_not_recorded", job_id=str(job_id))
            self._stop.wait(POLL_SECONDS)
            return True
        finally:
            with self._lock:
                self._in_hand.discard(job_id)

    def _keep_schedule(self) -> None:
        while not self._stop.is_set():
            try:
                running.bury_abandoned(self._database)
                if running.plan_scheduled(self._database):
                    self.wake([])
            except Exception:
                log.exception("runner.schedule_failed")
            self._stop.wait(SCHEDULE_SECONDS)
