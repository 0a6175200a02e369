"""A process to be killed: works on jobs of an installation until then.

Imported, never run as a script: a reaction is known by its module's name.
"""

import time
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from lms_core.identity.audit import service as audit
from lms_core.identity.audit.models import AuditEntry
from lms_core.kit.context import Work, WriteCtx
from lms_core.kit.events import Event
from lms_core.kit.jobs import job, on
from lms_core.kit.settings import Settings
from workers import celery_app
from workers import runtime as runtimes

HANDLED = "test.handled"
WORKED = "test.worked"


class Happened(Event):
    """A fact of the test; `number` tells one from another."""

    name: ClassVar[str] = "test.happened"
    number: int


@on(Happened)
def count(ctx: WriteCtx, event: Happened) -> None:
    """Not idempotent on purpose: only the transaction shared with the job row keeps it to one."""
    audit.record(ctx, action=HANDLED, object=("test", UUID(int=event.number)))
    time.sleep(0.005)


@job("test.work")
def work(work: Work, *, number: int) -> None:
    """Slow outside its transaction, then one effect that repeating must not double."""
    time.sleep(0.005)
    with work.write() as ctx:
        wanted = select(AuditEntry.id).where(AuditEntry.action == WORKED, AuditEntry.object_id == UUID(int=number))
        if ctx.session.execute(wanted).first() is None:
            audit.record(ctx, action=WORKED, object=("test", UUID(int=number)))


def main(kind: str) -> None:
    """Work until killed."""
    runtime = runtimes.build(Settings())
    print("ready", flush=True)
    if kind == "celery":
        celery_app.serve(runtime.database, runtime.settings.redis_url, queues=("fast",), threads=2)
    else:
        runtime.start()
        time.sleep(600)
