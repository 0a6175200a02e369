"""Celery as the carrier of job ids: it says which row to run, the row says what.

A lost message costs a few seconds (the relay hands the job over again), a
message delivered twice costs nothing (one claim wins).
"""

import os
import socket
from collections.abc import Callable
from uuid import UUID

import structlog
from celery import Celery
from celery.signals import worker_shutting_down
from kombu.exceptions import OperationalError

from lms_core.kit import running
from lms_core.kit.context import Database

TASK = "mwalimu.run_job"
EXPIRES_SECONDS = 300

log = structlog.get_logger(__name__)


def make_app(broker_url: str) -> Celery:
    """The Celery application on a broker; results are rows, so none are kept here."""
    app = Celery("mwalimu", broker=broker_url)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": 3600},
        task_create_missing_queues=True,
        task_default_queue="fast",
    )
    return app


def dispatcher(broker_url: str) -> Callable[[list[tuple[UUID, str]]], None]:
    """What to call with the (id, queue) of jobs just committed: sends each to the workers at once."""
    app = make_app(broker_url)

    def send(stored: list[tuple[UUID, str]]) -> None:
        try:
            for job_id, queue in stored:
                app.send_task(TASK, args=[str(job_id)], queue=queue, expires=EXPIRES_SECONDS, retry=False)
        except OperationalError as error:
            log.warning("celery.unreachable", error=repr(error), left_to="relay")

    return send


def worker_app(database: Database, broker_url: str) -> Celery:
    """The application of a worker: it knows the one task there is."""
    app = make_app(broker_url)
    worker = f"celery-{socket.gethostname()}-{os.getpid()}"

    @app.task(name=TASK, shared=False)
    def run(job_id: str) -> None:
        running.run_job(database, UUID(job_id), worker=worker)

    return app


def serve(database: Database, broker_url: str, *, queues: tuple[str, ...], threads: int) -> None:
    """Run a worker process until it is told to stop.

    Threads, not forks: the model, the index client and the connection pool are
    shared, and none of them survives a fork. Leases replace Celery's time limits.
    """
    app = worker_app(database, broker_url)

    @worker_shutting_down.connect(weak=False)
    def stop_long_jobs(**_: object) -> None:
        database.stopping.set()

    options = {
        "--pool": "threads",
        "--concurrency": str(threads),
        "--queues": ",".join(queues),
        "--loglevel": "WARNING",
    }
    app.worker_main(["worker", *(part for option in options.items() for part in option)])
