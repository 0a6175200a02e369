"""Scheduled work: every hour, and at a start in an hour that has none yet, each institution's books are checked."""

from datetime import timedelta

import structlog
from sqlalchemy import delete, select

from lms_core.commerce.ledger.events import LedgerBroken
from lms_core.commerce.ledger.models import LedgerAccount, LedgerCheck
from lms_core.commerce.ledger.schemas import CheckView
from lms_core.commerce.ledger.service.checking import CHECK, examine, last_check
from lms_core.identity.access import holders
from lms_core.kit.context import Work, WriteCtx, system_actor
from lms_core.kit.events import Notice
from lms_core.kit.jobs import every, job
from lms_core.kit.permissions import Permission

KEEP = timedelta(days=30)

log = structlog.get_logger(__name__)


@every(timedelta(hours=1), "ledger.check_all", queue="idle")
def check_all(work: Work) -> None:
    """Ask for a check of each institution that has books."""
    with work.read() as view:
        tenants = view.session.execute(select(LedgerAccount.tenant_id).distinct()).scalars().all()
    for tenant_id in sorted(tenants):
        with work.database.write(system_actor(tenant_id)) as ctx:
            ctx.enqueue(CHECK)


@job(CHECK, queue="idle")
def check(work: Work) -> None:
    """Check one institution's books, write down what was found, and tell who reads finance of what is new."""
    with work.read() as view:  # every entry is read: nobody waits for this with a lock
        found = examine(view)
    with work.write() as ctx:
        keep(ctx, found)
        work.finish(ctx)


def keep(ctx: WriteCtx, found: CheckView) -> None:
    """Store what a check found; LedgerBroken when it is something the last one did not say. Forget old sound checks."""
    before = last_check(ctx)
    known = set(before.breaches) if before is not None else set()
    ctx.add(
        LedgerCheck(
            at=found.at,
            transactions=found.transactions,
            entries=found.entries,
            sound=found.sound,
            breaches=[each.model_dump(mode="json") for each in found.breaches],
        )
    )
    if not found.sound:
        log.error("ledger.broken", tenant=str(ctx.tenant_id), breaches=[each.kind.value for each in found.breaches])
    if set(found.breaches) - known:
        ctx.emit(LedgerBroken(breaches=len(found.breaches), notice=_notice(ctx, len(found.breaches))))
    ctx.session.execute(delete(LedgerCheck).where(LedgerCheck.at < ctx.now - KEEP, LedgerCheck.sound.is_(True)))


def _notice(ctx: WriteCtx, count: int) -> Notice:
    readers = holders.of(ctx, Permission.FINANCE_READ)
    return Notice(recipients=readers, kind="ledger.broken", variables={"count": str(count)})
