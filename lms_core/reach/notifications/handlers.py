"""The one reaction: whatever carries a notice is told to its recipients."""

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import WriteCtx
from lms_core.kit.events import Event
from lms_core.kit.jobs import on_notice
from lms_core.reach.notifications.jobs import DELIVER
from lms_core.reach.notifications.models import Notification, NotificationDelivery
from lms_core.reach.notifications.policies import channels


@on_notice()
def tell(ctx: WriteCtx, event: Event) -> None:
    """Keep a notification for each recipient, and ask for its deliveries. Whoever closed their account is left out."""
    notice = event.notice
    assert notice is not None, "only events with a notice come here"
    through = channels(notice.kind)
    known = {person.id for person in accounts.addressees(ctx, notice.recipients)}
    rows = [
        Notification(user_id=user_id, kind=notice.kind, variables=notice.variables, created_at=ctx.now)
        for user_id in sorted(known)
    ]
    deliveries = [
        NotificationDelivery(notification_id=row.id, channel=channel, updated_at=ctx.now)
        for row in rows
        for channel in through
    ]
    ctx.session.add_all(rows)
    ctx.session.flush()  # many rows are one statement
    ctx.session.add_all(deliveries)
    for delivery in deliveries:
        ctx.enqueue(DELIVER, delivery_id=str(delivery.id))
