"""Computing a session's findings again, and telling those who watch."""

from datetime import timedelta
from uuid import UUID

from lms_core.kit.context import Work
from lms_core.kit.jobs import job
from proctoring.anomalies import live, service
from proctoring.anomalies.findings import Findings, assess
from proctoring.anomalies.gathering import Gathered, gather

TRIES = 5
# A transaction may commit what a reading has missed up to so long after it was opened, which is what a job's age says.
SETTLED = timedelta(seconds=30)


@job("proctoring.assess")
def assess_session(work: Work, session_id: str) -> None:
    """Read, compute without a transaction, store. In a backlog, one reading does for all the jobs it came after."""
    own = UUID(session_id)
    for _ in range(TRIES):
        with work.read() as view:
            version, read_at = service.standing(view, own)
            if read_at is not None and read_at > work.job.created_at + SETTLED:
                return
            gathered = gather(view, own)
        findings = assess(gathered.material)
        if _store(work, gathered, findings, version):
            live.tell(work.resources, gathered.card, findings, now=gathered.read_at)
            return
    raise RuntimeError(f"session {own} changes faster than it can be assessed")


def _store(work: Work, gathered: Gathered, findings: Findings, version: int) -> bool:
    last = max(gathered.material.pictures, key=lambda picture: (picture.at, picture.sequence), default=None)
    with work.write() as ctx:
        return service.record(
            ctx,
            gathered.card.id,
            findings=findings,
            table=gathered.material.table,
            version=version,
            read_at=gathered.read_at,
            last_snapshot_id=last.id if last is not None else None,
        )
