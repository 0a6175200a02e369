"""What payments hold about a person. Money that moved is kept as the books need it; numbers and names are not."""

from lms_core.commerce.payments.models import (
    Deposit,
    ManualPayment,
    Mismatch,
    Payment,
    PaymentIntent,
    Payout,
    ReconciliationRun,
    Refund,
    SavedMethod,
)
from lms_core.kit.personal import Act, Mine, Stays, declare

BOOKS = "what was paid is kept for as long as books have to be kept; phone numbers and names in it are emptied"
DONE = "finance's own acts: what was decided stays, without who did"

declare(
    "payments",
    Stays(
        PaymentIntent.payer_id,
        BOOKS,
        blank=lambda now: {"sealed_payer": ""},
        without=frozenset({"sealed_payer", "key", "fingerprint"}),
    ),
    Stays(
        Payment.intent_id,
        BOOKS,
        blank=lambda now: {"sealed_phone": "", "phone_hint": "", "message": "", "url": ""},
        without=frozenset({"sealed_phone", "key", "fingerprint", "url", "account_id", "method_id"}),
        via=PaymentIntent.payer_id,
    ),
    Stays(
        ManualPayment.user_id,
        BOOKS,
        blank=lambda now: {"note": ""},
        without=frozenset({"key", "storage_key", "decided_by"}),
    ),
    Mine(SavedMethod.user_id, without=frozenset({"sealed_token", "token_hash"})),
    Act(Refund.asked_by, why=DONE),
    Act(Payout.asked_by, why=DONE),
    Act(Deposit.decided_by, why=DONE),
    Act(ManualPayment.decided_by, why=DONE),
    Act(ReconciliationRun.started_by, why=DONE),
    Act(Mismatch.resolved_by, why=DONE),
)
