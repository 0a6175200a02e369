"""What products hold about a person: coupons they used, whose link they came by, and that they send buyers."""

from lms_core.commerce.products.models import Affiliate, Attribution, CouponUse
from lms_core.kit.personal import Act, Mine, declare

declare(
    "products",
    Act(CouponUse.user_id, only=("id", "coupon_id", "at")),
    Act(Affiliate.user_id, only=("id", "code", "share_bp", "window_days", "active", "visits", "created_at")),
    Mine(Attribution.user_id),
)
