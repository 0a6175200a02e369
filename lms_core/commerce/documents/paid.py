"""How the money of a sale came in, as a receipt tells it: asked of payments."""

from uuid import UUID

from lms_core.commerce.documents.schemas import PaidBy
from lms_core.commerce.payments import service as payments
from lms_core.kit.context import ReadCtx

TITLES = {"daraja": "M-Pesa", "airtel": "Airtel Money", "paypal": "PayPal", "manual": "bank transfer"}


def paid_by(ctx: ReadCtx, purpose: tuple[str, UUID]) -> tuple[PaidBy, ...]:
    """The payment that settled each intent of a purpose, oldest first; nothing for a sale that none was needed for."""
    return tuple(
        PaidBy(
            gateway=TITLES.get(payment.gateway, payment.gateway.capitalize()),
            receipt=payment.receipt,
            amount=payment.amount.amount,
            at=intent.paid_at,
        )
        for intent in payments.of_purpose(ctx, purpose)
        if intent.paid_at is not None
        for payment in intent.payments
        if payment.state == "succeeded" and not payment.surplus
    )
