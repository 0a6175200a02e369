"""What subscriptions hold about a person."""

from lms_core.commerce.subscriptions.models import SubscribedCourse, Subscription, SubscriptionSeat, Usage
from lms_core.commerce.subscriptions.service import leave_for_good
from lms_core.kit.personal import Act, Mine, Stays, declare

declare(
    "subscriptions",
    Stays(
        Subscription.user_id,
        why="what was paid for and when belongs to the books; the number of the phone goes",
        blank=lambda now: {"phone_sealed": "", "method_id": None, "living": None},
        without=frozenset({"phone_sealed", "living", "look_at"}),
    ),
    Mine(SubscriptionSeat.user_id, without=frozenset({"token_hash"})),
    Mine(SubscribedCourse.user_id),
    # The bill of whoever pays for the seat outlives who used it, unnamed.
    Act(Usage.user_id, only=("id", "metric", "quantity", "term_from", "at")),
    first=leave_for_good,
)
