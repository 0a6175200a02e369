"""The in-process runner: threads that take due jobs, for installations of one process.

Answers have threads of their own, so that a learner never waits behind an
import; heavy work has one, so that two imports do not fight for two cores; what
nobody waits for has another, so that an edit is indexed at once.
"""

import os
import threading
import time
from uuid import UUID

import structlog

from lms_core.kit import jobs, running
from lms_core.kit.context import Database, system_actor

POLL_SECONDS = 1.0
SCHEDULE_SECONDS = 15.0
STOP_SECONDS = 60.0  # a job looks up every few seconds; the rest is patience on a crowded machine

log = structlog.get_logger(__name__)


class Runner:
    """Runs jobs on threads until stopped. `wake` tells it of jobs just stored."""

    def __init__(self, database: Database, *, threads: int) -> None:
        self._database = database
        self._name = f"runner-{os.getpid()}"
        self._stop = threading.Event()
        self._lanes = [("answer",)] * threads + [("fast", "io"), ("heavy",), ("idle",)]
        self._signals = [threading.Event() for _ in self._lanes]
        self._threads: list[threading.Thread] = []
        self._in_hand: set[UUID] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Queue again what a killed process left running, then begin."""
        with self._database.write(system_actor()) as ctx:
            left = jobs.requeue_running(ctx.session, now=ctx.now)
        if left:
            log.info("runner.resumed", jobs=left)
        for lane, signal in zip(self._lanes, self._signals, strict=True):
            self._begin(self._serve, lane, signal)
        self._begin(self._keep_schedule)

    def _begin(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="runner", daemon=True)  # type: ignore[arg-type]
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
        """Look for due jobs now instead of at the next poll, in the lanes of what was stored; in all for nothing."""
        queues = {queue for _, queue in stored}
        for lane, signal in zip(self._lanes, self._signals, strict=True):
            if not queues or queues.intersection(lane):
                signal.set()

    def _serve(self, queues: tuple[str, ...], signal: threading.Event) -> None:
        while not self._stop.is_set():
            signal.clear()
            ran = False
            for job_id in self._due(queues):
                if self._stop.is_set():
                    return
                ran |= self._run(job_id)
            if not ran:
                signal.wait(POLL_SECONDS)

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
            running.run_job(self._database, job_id, worker=self._name)
        except Exception:
            log.exception("runner.job_not_recorded", job_id=str(job_id))
            self._stop.wait(POLL_SECONDS)
        finally:
            with self._lock:
                self._in_hand.discard(job_id)
        return True

    def _keep_schedule(self) -> None:
        while not self._stop.is_set():
            try:
                running.bury_abandoned(self._database)
                if running.plan_scheduled(self._database):
                    self.wake([])
            except Exception:
                log.exception("runner.schedule_failed")
            self._stop.wait(SCHEDULE_SECONDS)
