"""The history of a review: rows that are only added."""

from uuid import UUID

from lms_core.kit.context import WriteCtx
from proctoring.review.models import Act, ReviewStep


def add(
    ctx: WriteCtx, session_id: UUID, act: Act, *, text: str = "", anomaly_id: UUID | None = None, **detail: str
) -> None:
    """Write down what the actor did."""
    row = ReviewStep(
        session_id=session_id,
        anomaly_id=anomaly_id,
        act=act,
        text=text,
        by=ctx.actor.user_id,
        at=ctx.now,
        detail=dict(detail),
    )
    ctx.session.add(row)
    ctx.session.flush([row])
