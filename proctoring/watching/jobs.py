"""The job that looks at pictures, and the clock's work for what was left behind."""

import time
from datetime import timedelta

import structlog
from sqlalchemy import select

from lms_core.kit.context import Work, system_actor
from lms_core.kit.jobs import every, job
from proctoring.evidence import service as evidence
from proctoring.evidence.models import PictureKey, PictureKind, PictureState, Snapshot
from proctoring.policies import service as policies
from proctoring.sessions.models import Session
from proctoring.watching import looking, queue
from proctoring.watching.models import Analysis
from proctoring.watching.provider import DetectorProvider

LONGEST_TURN = 20.0  # seconds; then others in the lane have theirs

log = structlog.get_logger(__name__)


@job(queue.WATCH, queue=queue.QUEUE)
def watch(work: Work) -> None:
    """Look at the institution's waiting pictures, batch by batch, until none waits or the turn is over."""
    began = time.monotonic()
    while True:
        work.check_stop()
        with work.write() as ctx:
            rows = queue.claim(ctx, by=work.job.id)
            if not rows:
                return
            if len(rows) == queue.BATCH and queue.has_free(ctx):
                queue.wake(ctx)  # another worker may join; here it takes the next turn
        with work.read() as view:
            tasks = looking.tasks_of(view, rows)
        results = looking.look(work.resources, tasks)
        with work.write() as ctx:
            looking.store(ctx, results, by=work.job.id)
        if time.monotonic() - began > LONGEST_TURN:
            with work.write() as ctx:
                if queue.has_free(ctx):
                    queue.wake(ctx)
            return


@every(timedelta(seconds=15), "proctoring.wake_watchers")
def wake_watchers(work: Work) -> None:
    """Ask again for pictures that wait and that nobody claims any more."""
    with work.read() as view:
        free = Snapshot.claimed_until.is_(None) | (Snapshot.claimed_until < view.now)
        wanted = select(Snapshot.tenant_id).where(Snapshot.state == PictureState.WAITING, free).distinct()
        tenants = list(view.session.execute(wanted).scalars())
    for tenant_id in tenants:
        with work.database.write(system_actor(tenant_id)) as ctx:
            queue.wake(ctx)


@every(timedelta(minutes=5), "proctoring.retry_weights", queue=queue.QUEUE)
def retry_weights(work: Work) -> None:
    """When weights have come, let the pictures that waited for them be looked at again."""
    with work.read() as view:
        newest = view.session.execute(
            select(Snapshot, Session.policy_id, PictureKey.wrapped, Analysis.seen)
            .join(Session, Session.id == Snapshot.session_id)
            .join(PictureKey, PictureKey.session_id == Session.id)
            .join(Analysis, Analysis.snapshot_id == Snapshot.id)
            .where(Snapshot.state == PictureState.WAITING_FOR_WEIGHTS, Snapshot.kind == PictureKind.CAMERA)
            .order_by(Snapshot.id.desc())
            .limit(1)
        ).first()
        if newest is None:
            return
        checks = policies.version(view, newest.policy_id).rules.looking_for
    content = evidence.content_of(work.resources, newest.Snapshot.id, newest.Snapshot.storage_key, newest.wrapped)
    if content is None:
        return
    found = work.resources.get(DetectorProvider).get().analyse([content], checks=checks)[0]
    still_missing = {check.value for check in found.unavailable}
    if still_missing >= set(newest.seen["unavailable"]):
        return
    with work.write() as ctx:
        released = queue.release_for_weights(ctx)
    log.info("proctoring.weights_arrived", snapshots=released, still_missing=sorted(still_missing))
    wake_watchers(work)
