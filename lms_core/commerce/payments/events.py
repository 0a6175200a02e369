"""Facts about money that moved. Amounts are minor units of `currency`, and positive."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event
from lms_core.kit.money import Currency


class PurposeFact(Event):
    """What every fact about a payment tells: which, and what for (`purpose_kind`, `purpose_id`, e.g. ("order", id))."""

    intent_id: UUID
    payment_id: UUID
    purpose_kind: str
    purpose_id: UUID
    amount: int
    currency: Currency
    at: datetime


class PaymentSettled(PurposeFact):
    """The money for an intent is here, for the first and only time. `late`: the intent had expired or was cancelled."""

    name: ClassVar[str] = "payments.settled"
    late: bool = False


class PaymentFailed(PurposeFact):
    """An attempt failed; another may follow. `reason` is one of `port.REASONS`."""

    name: ClassVar[str] = "payments.failed"
    reason: str


class PaymentReversed(PurposeFact):
    """The provider or the payer's bank took back what was left of a payment."""

    name: ClassVar[str] = "payments.reversed"


class PaymentDisputed(PurposeFact):
    """The payer's bank disputes a payment."""

    name: ClassVar[str] = "payments.disputed"
    dispute_id: UUID


class DisputeWon(PurposeFact):
    """A dispute ended for us: the money stays."""

    name: ClassVar[str] = "payments.dispute_won"
    dispute_id: UUID


class RefundSettled(PurposeFact):
    """Money went back. `purpose_kind` is "surplus" for money that was paid a second time."""

    name: ClassVar[str] = "payments.refund_settled"
    refund_id: UUID


class RefundFailed(PurposeFact):
    """Money did not go back."""

    name: ClassVar[str] = "payments.refund_failed"
    refund_id: UUID


class IntentExpired(Event):
    """An intent was not paid in time; its open attempts ended."""

    name: ClassVar[str] = "payments.intent_expired"
    intent_id: UUID
    purpose_kind: str
    purpose_id: UUID
    at: datetime


class PayoutFact(Event):
    """What every fact about a payout tells."""

    payout_id: UUID
    purpose_kind: str
    purpose_id: UUID
    amount: int
    currency: Currency
    at: datetime


class PayoutSettled(PayoutFact):
    """Money reached a phone."""

    name: ClassVar[str] = "payments.payout_settled"
    receipt: str = ""


class PayoutFailed(PayoutFact):
    """Money did not leave."""

    name: ClassVar[str] = "payments.payout_failed"
    reason: str = ""


class MethodSaved(Event):
    """A person let a provider keep a way to pay. `purpose`: what they paid then."""

    name: ClassVar[str] = "payments.method_saved"
    user_id: UUID
    method_id: UUID
    purpose_kind: str
    purpose_id: UUID


class DepositArrived(Event):
    """Money arrived that no purpose could be found for."""

    name: ClassVar[str] = "payments.deposit_arrived"
    deposit_id: UUID
    amount: int
    currency: Currency
    at: datetime


class MismatchFound(Event):
    """Ours and a provider's word differ. Carries a Notice to finance."""

    name: ClassVar[str] = "payments.mismatch_found"
    mismatch_id: UUID


class ManualPaymentHandedIn(Event):
    """Somebody handed in a slip. Carries a Notice to finance."""

    name: ClassVar[str] = "payments.slip_handed_in"
    manual_id: UUID


class ManualPaymentRejected(Event):
    """Finance found no money for a slip. Carries a Notice to whoever handed it in."""

    name: ClassVar[str] = "payments.slip_rejected"
    manual_id: UUID
    purpose_kind: str
    purpose_id: UUID
