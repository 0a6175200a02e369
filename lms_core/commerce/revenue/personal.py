"""What revenue holds about a person. What they earned and were paid outlives an account: the books are made of it."""

from uuid import UUID

from sqlalchemy import update

from lms_core.commerce.revenue.models import (
    Earning,
    PayoutBatch,
    PayoutDetails,
    PayoutHold,
    PayoutItem,
    RevenueShare,
)
from lms_core.kit.context import WriteCtx
from lms_core.kit.personal import Act, Mine, Stays, declare


def _end_shares(ctx: WriteCtx, user_id: UUID) -> None:
    """Nobody earns after their account is gone, and where they were paid out is forgotten once it has arrived."""
    apart = {"synchronize_session": False}
    open_ones = update(RevenueShare).where(RevenueShare.user_id == user_id, RevenueShare.ends_at.is_(None))
    ctx.session.execute(open_ones.values(ends_at=ctx.now), execution_options=apart)
    ended = update(PayoutItem).where(PayoutItem.user_id == user_id, PayoutItem.ended_at.is_not(None))
    ctx.session.execute(ended.values(sealed=""), execution_options=apart)


ACTED = "who looks after the finances signs for it; what they signed is about the institution's money"

declare(
    "revenue",
    Stays(Earning.user_id, why="the books say who earned what, for as long as tax law wants them kept"),
    Stays(
        PayoutItem.user_id,
        why="the books say who was paid what; where to is deleted once it arrived",
        without=frozenset({"sealed"}),
    ),
    Stays(RevenueShare.user_id, why="every earning can be told from the share of its day; an open share ends"),
    Mine(PayoutDetails.user_id, without=frozenset({"sealed"})),
    Mine(PayoutHold.user_id),
    Act(RevenueShare.set_by, why=ACTED),
    Act(PayoutBatch.made_by, why=ACTED),
    Act(PayoutBatch.first_by, why=ACTED),
    Act(PayoutBatch.second_by, why=ACTED),
    Act(PayoutHold.placed_by, why=ACTED),
    Act(PayoutHold.lifted_by, why=ACTED),
    first=_end_shares,
)
