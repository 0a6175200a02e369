"""Who an affiliate is, and what they earn: asked of products, which keeps them."""

from dataclasses import dataclass
from uuid import UUID

from lms_core.commerce.products import service as products
from lms_core.kit.context import ReadCtx


@dataclass(frozen=True, slots=True)
class Affiliate:
    """An affiliate as revenue needs them."""

    id: UUID
    user_id: UUID
    basis_points: int


def affiliate(ctx: ReadCtx, affiliate_id: UUID) -> Affiliate | None:
    """The affiliate a sale is owed to; None when they are no more, or closed."""
    found = products.affiliate_of(ctx, affiliate_id)
    if found is None or found.user_id is None or not found.active:
        return None
    return Affiliate(id=found.id, user_id=found.user_id, basis_points=found.share_bp)
