"""Refusals of payments."""

from lms_core.kit.errors import Conflict, Invalid, NotFound, TooLarge, Unavailable


class PaymentNotFound(NotFound):
    """No such payment, intent, refund or deposit, or not for this person."""

    code = "payment_not_found"
    title = "There is no such payment here"


class AccountNotFound(NotFound):
    """No such account at a provider."""

    code = "payment_account_not_found"
    title = "There is no such payment account here"


class BankAccountNotFound(NotFound):
    """The institution has no bank account for this currency."""

    code = "bank_account_not_found"
    title = "There is no bank account for this currency"


class IdempotencyConflict(Conflict):
    """The same key came with another request."""

    code = "idempotency_conflict"
    title = "This key was used for another request"

    def __init__(self) -> None:
        super().__init__("The Idempotency-Key was sent before with other values. Use a new key for a new request.")


class IntentClosed(Conflict):
    """It is paid, expired or cancelled."""

    code = "payment_closed"
    title = "This can no longer be paid"

    def __init__(self, state: str) -> None:
        super().__init__(
            f"It is {state} already. Go back to the order to see where it stands, or order again.", state=state
        )


class PaymentUnderWay(Conflict):
    """A prompt is open on a phone."""

    code = "payment_under_way"
    title = "A payment is under way"

    def __init__(self) -> None:
        super().__init__("A prompt is open on the phone. Answer it, or wait a minute and try again.")


class MethodUnavailable(Conflict):
    """This account does not take this amount now."""

    code = "payment_method_unavailable"
    title = "This way to pay is not available"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or "This way to pay is not available for this amount. Choose another one.")


class PhoneInvalid(Invalid):
    """Not a number a prompt can be sent to."""

    code = "phone_invalid"
    title = "This is not a mobile number"

    def __init__(self) -> None:
        super().__init__(
            "Write the number as 0712 345 678 or +254 712 345 678.",
            fields=[{"field": "phone", "message": "write it as 0712 345 678 or +254 712 345 678"}],
        )


class RefundTooLarge(Conflict):
    """More than is left of the payment."""

    code = "refund_too_large"
    title = "More than is left of this payment"

    def __init__(self, left: int, currency: str) -> None:
        super().__init__(
            "Less than this is left of the payment: earlier refunds count, also those on their way.",
            left={"amount": left, "currency": currency},
        )


class NotRefundable(Conflict):
    """The payment is not in a state in which money goes back."""

    code = "not_refundable"
    title = "This payment cannot be refunded"

    def __init__(self, state: str) -> None:
        super().__init__(f"The payment is {state}. Only money that came in and is not in dispute goes back.")


class AlreadyDecided(Conflict):
    """Somebody decided this before."""

    code = "already_decided"
    title = "This was decided before"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or "Somebody decided this meanwhile. Load the page again to see how.")


class AmountDiffers(Conflict):
    """A deposit and what it is meant for are not the same amount."""

    code = "amount_differs"
    title = "The amounts are not the same"

    def __init__(self) -> None:
        super().__init__("What was sent is not what is asked for. Send it back, or ask for the amount that was sent.")


NO_ADDRESS = "No account has this address. Look at the account's page for the right one."


class UnknownAddress(NotFound):
    """A callback to an address that no account has."""

    code = "unknown_callback_address"
    title = "Nobody listens here"

    def __init__(
        self, detail: str = "No account has this address. Look at the account's page for the right one."
    ) -> None:
        super().__init__(detail)


class CallbackTooLarge(TooLarge):
    """More than any provider sends."""

    code = "callback_too_large"
    title = "This is larger than any provider's callback"


class AccountInvalid(Invalid):
    """A field of an account is missing, or its address is not allowed."""

    code = "payment_account_invalid"
    title = "The account is not complete"


class ProviderUnavailable(Unavailable):
    """The provider did not answer."""

    code = "provider_unavailable"
    title = "The provider does not answer"
