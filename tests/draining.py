"""Due jobs run here and now, but for the calibration of refusals, which asks hundreds of questions."""

from sqlalchemy import delete

from lms_core.kit import running
from lms_core.kit.context import Database, system_actor
from lms_core.kit.jobs import Job

CALIBRATION = "ingestion.calibrate"


def drain(database: Database) -> int:
    """Run due jobs, and those they cause, until none is due. Returns how many ran."""
    ran = 0
    while True:
        with database.write(system_actor()) as ctx:
            ctx.session.execute(delete(Job).where(Job.name == CALIBRATION))
        due = running.due_now(database, queues=running.QUEUES)
        if not due:
            return ran
        ran += sum(running.run_job(database, job_id, worker="test") for job_id in due)
