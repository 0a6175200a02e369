"""What subscriptions hold about a person."""

from lms_core.commerce.subscriptions.models import Subscription
from lms_core.commerce.subscriptions.service import leave_for_good
from lms_core.kit.personal import Stays, declare

declare(
    "subscriptions",
    Stays(
        Subscription.user_id,
        why="what was paid for and when belongs to the books; the number of the phone goes",
        blank=lambda now: {"phone_sealed": "", "method_id": None, "living": None},
        without=frozenset({"phone_sealed", "living", "look_at"}),
    ),
    first=leave_for_good,
)
