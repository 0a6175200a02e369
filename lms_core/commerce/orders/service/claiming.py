"""Taking a gift."""

from lms_core.commerce.orders.schemas import GiftShown
from lms_core.commerce.orders.service import fulfilling, gifting, reading
from lms_core.kit.context import WriteCtx
from lms_core.learning.enrolments.service import learner_of


def claim(ctx: WriteCtx, *, token: str) -> GiftShown:
    """Open a gift for the actor; again: what it opened. Unauthenticated, GiftNotFound, GiftClaimed."""
    user_id = learner_of(ctx)
    gift = gifting.claimable(ctx, token=token, user_id=user_id)
    line = fulfilling.gift_of(ctx, gift, user_id=user_id)
    if gift.claimed_at is None:
        gift.claimed_by, gift.claimed_at = user_id, ctx.now
        ctx.session.flush()
    seen = gifting.shown(ctx, token=token)
    return seen.model_copy(update={"opened": reading.opened_by(ctx, [line])})
