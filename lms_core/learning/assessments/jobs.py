"""The clock's work: attempts whose time is over are handed in, whoever is still looking at them.

Each attempt asks for its own job when it begins; the sweep finds those whose job was lost, or whose deadline moved.
"""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.kit.context import Interrupted, Work, system_actor
from lms_core.kit.jobs import every, job
from lms_core.learning.assessments import service
from lms_core.learning.assessments.models import AnswerFile, Attempt, AttemptStatus, Quiz
from lms_core.learning.assessments.service.attempts import DUE_JOB

SWEEP_AT_ONCE = 500

log = structlog.get_logger(__name__)


@job(DUE_JOB)
def submit_when_due(work: Work, *, attempt_id: str) -> None:
    """Hand one attempt in, unless it is done or was given more time."""
    with work.write() as ctx:
        service.submit_when_due(ctx, UUID(attempt_id))


@job(service.REGRADE_JOB, queue="heavy", attempts=3)
def regrade(work: Work, *, regrade_id: str) -> None:
    """Carry a regrade out, some attempts in each transaction; a second run goes on where the first one ended."""
    more = True
    try:
        while more:
            work.check_stop()
            with work.write() as ctx:
                more = service.carry_on(ctx, UUID(regrade_id))
    except Interrupted:
        raise
    except Exception:
        if work.job.attempts >= work.job.attempts_allowed:  # nobody would ever end the regrade otherwise
            with work.write() as ctx:
                service.give_up(ctx, UUID(regrade_id))
        raise


@every(timedelta(minutes=1), "assessments.sweep")
def sweep(work: Work) -> None:
    """Hand in every attempt that is due, and end those that waited until their quiz closed; each in a transaction."""
    with work.read() as view:
        due = view.session.execute(
            select(Attempt.id, Attempt.tenant_id)
            .where(Attempt.status == AttemptStatus.OPEN, Attempt.deadline_at <= view.now - service.GRACE)
            .order_by(Attempt.deadline_at)
            .limit(SWEEP_AT_ONCE)
        ).all()
        stale = view.session.execute(
            select(Attempt.id, Attempt.tenant_id)
            .join(Quiz, Quiz.id == Attempt.quiz_id)
            .where(Attempt.status == AttemptStatus.WAITING, Quiz.closes_at <= view.now)
            .limit(SWEEP_AT_ONCE)
        ).all()
    for row in due:
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            service.submit_when_due(ctx, row.id)
    for row in stale:
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            service.expire(ctx, row.id)
    if due or stale:
        log.info("assessments.swept", submitted=len(due), expired=len(stale))


@every(timedelta(hours=6), "assessments.erase_files")
def erase_files(work: Work) -> None:
    """Erase files whose attempt was deleted with its person or course."""
    with work.read() as view:
        orphaned = select(AnswerFile.tenant_id).where(AnswerFile.attempt_id.is_(None)).distinct()
        tenants = list(view.session.execute(orphaned).scalars())
    for tenant_id in tenants:
        erased = True
        while erased:
            with work.database.write(system_actor(tenant_id)) as ctx:
                erased = service.erase_orphans(ctx) > 0
