"""Background work: the clock's part, one subscription a transaction; and plans whose courses change."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.commerce.subscriptions import opening, queries, renewing
from lms_core.commerce.subscriptions.models import Subscription
from lms_core.commerce.subscriptions.service.plans import FOLLOW
from lms_core.commerce.subscriptions.transitions import OPEN
from lms_core.kit.context import Work, system_actor
from lms_core.kit.jobs import every, job

AT_ONCE = 500
BATCH = 50
LATER = timedelta(hours=1)

log = structlog.get_logger(__name__)


@every(timedelta(minutes=5), "subscriptions.look")
def look(work: Work) -> None:
    """Do what is due in every institution, oldest first; what is left over waits for the next time."""
    with work.read() as view:
        due = view.session.execute(
            select(Subscription.id, Subscription.tenant_id)
            .where(Subscription.look_at <= view.now)
            .order_by(Subscription.look_at)
            .limit(AT_ONCE)
        ).all()
    for row in due:
        work.check_stop()
        try:
            with work.database.write(system_actor(row.tenant_id)) as ctx:
                if (held := queries.held(ctx, row.id)) is not None:
                    renewing.look(ctx, held)
        except Exception:  # one that cannot go on must not hold up those behind it
            log.exception("subscriptions.stuck", subscription_id=str(row.id))
            with work.database.write(system_actor(row.tenant_id)) as ctx:
                if (held := queries.held(ctx, row.id)) is not None:
                    held.look_at = ctx.now + LATER


@job(FOLLOW, queue="idle")
def follow_plan(work: Work, *, plan_id: str) -> None:
    """Open and close courses for everybody who has the plan, batch by batch; safe to repeat."""
    after: UUID | None = None
    while True:
        work.check_stop()
        with work.write() as ctx:
            ids = queries.open_of_plan(ctx, UUID(plan_id), OPEN, after=after, limit=BATCH)
            for subscription_id in ids:
                held = queries.held(ctx, subscription_id)
                if held is not None and held.state in OPEN:
                    opening.follow_plan(ctx, held)
        if not ids:
            return
        after = ids[-1]
