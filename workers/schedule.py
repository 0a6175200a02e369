"""The scheduler of a scaled installation: plans scheduled work and hands due jobs to Celery.

Any number may run at once. It is also the safety net for messages that were
lost between a commit and the broker.
"""

import time
from datetime import timedelta

import structlog
from kombu.exceptions import OperationalError

from lms_core.kit import jobs, running
from lms_core.kit.context import system_actor
from workers.celery_app import EXPIRES_SECONDS, TASK, make_app
from workers.runtime import Runtime

TICK_SECONDS = 2.0
AGAIN_AFTER = timedelta(seconds=30)

log = structlog.get_logger(__name__)


def relay_once(runtime: Runtime) -> int:
    """Hand every due job that is not on its way to the workers. Returns how many."""
    app = make_app(runtime.settings.redis_url)
    with runtime.database.write(system_actor()) as ctx:
        taken = jobs.take_to_dispatch(ctx.session, now=ctx.now, again_after=AGAIN_AFTER, limit=500)
    for job_id, queue in taken:
        app.send_task(TASK, args=[str(job_id)], queue=queue, expires=EXPIRES_SECONDS)
    return len(taken)


def serve(runtime: Runtime) -> None:
    """Tick until the process is told to stop."""
    while True:
        try:
            running.bury_abandoned(runtime.database)
            running.plan_scheduled(runtime.database)
            relay_once(runtime)
        except OperationalError as error:
            log.warning("schedule.broker_unreachable", error=repr(error))
        time.sleep(TICK_SECONDS)
