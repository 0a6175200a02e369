"""The one place where a subscription's state changes: the table is asked, and the courses open or close with it."""

from lms_core.commerce.subscriptions import opening, seating
from lms_core.commerce.subscriptions.errors import SubscriptionState
from lms_core.commerce.subscriptions.models import Subscription
from lms_core.commerce.subscriptions.transitions import OVER, Cause, after
from lms_core.kit.context import WriteCtx


def move(ctx: WriteCtx, row: Subscription, cause: Cause) -> None:
    """Go on to the state that follows; the caller holds the row. SubscriptionState when the table has no such step."""
    following = after(row.state, cause)
    if following is None:
        raise SubscriptionState()
    row.state = following
    if following in OVER:
        row.living, row.look_at, row.next_price_id, row.phone_sealed = None, None, None, ""
        row.ended_at = ctx.now
        seating.end(ctx, row)
    ctx.session.flush()
    opening.settle(ctx, row)
