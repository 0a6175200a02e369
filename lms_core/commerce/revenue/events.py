"""Facts about revenue. Those a person should hear of carry a Notice."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event
from lms_core.kit.money import Currency


class RevenueShared(Event):
    """People earned of a sale, or a refund took back of it; `amount` is their sum, negative for a refund."""

    name: ClassVar[str] = "revenue.shared"
    sale_id: UUID
    amount: int
    currency: Currency


class PayoutBatchHandedIn(Event):
    """A batch waits for its approval. Notice to all who may approve: number, amount, batch_id."""

    name: ClassVar[str] = "revenue.payout_batch_handed_in"
    batch_id: UUID


class PayoutApproved(Event):
    """A batch is approved by everybody who has to."""

    name: ClassVar[str] = "revenue.payout_approved"
    batch_id: UUID


class PayoutPaid(Event):
    """A payout reached its person. Notice: amount."""

    name: ClassVar[str] = "revenue.payout_paid"
    item_id: UUID
    user_id: UUID


class PayoutReturned(Event):
    """A payout failed; what it held is due again. Notice: amount."""

    name: ClassVar[str] = "revenue.payout_returned"
    item_id: UUID
    user_id: UUID


class PayoutDetailsChanged(Event):
    """Somebody is paid out elsewhere from now on. Notice to them: shown."""

    name: ClassVar[str] = "revenue.payout_details_changed"
    user_id: UUID
