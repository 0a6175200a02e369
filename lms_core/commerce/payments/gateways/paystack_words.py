"""What Paystack's objects mean in the port's words. Pure: dictionaries in, plain data out.

Amounts are integers in minor units, in refund events also written as text. Sources: docs/payments/paystack.md.
"""

from collections.abc import Mapping
from typing import Any

from lms_core.commerce.payments.gateways.port import About, Entry, Heard, Movement, Saved, State, Status
from lms_core.commerce.payments.gateways.reading import chosen, digest, minor, moment, part, reason_of, text
from lms_core.commerce.payments.gateways.wire import read_json
from lms_core.kit.money import Money

# "abandoned" is what a page shows that was opened and not yet paid: it can still be.
CHARGE_STATES = {
    "success": State.SUCCEEDED,
    "failed": State.FAILED,
    "reversed": State.REVERSED,
} | dict.fromkeys(
    (
        "abandoned", "ongoing", "pending", "processing", "queued", "pay_offline", "send_otp", "send_pin", "send_phone",
        "send_birthday", "send_address", "open_url",
    ),
    State.PENDING,
)  # fmt: skip
REFUND_STATES = {
    "pending": State.PENDING,
    "processing": State.PENDING,
    "needs-attention": State.PENDING,  # waits for the payer's bank details, which finance enters in the dashboard
    "processed": State.SUCCEEDED,
    "failed": State.FAILED,
}
KEPT = ("id", "status", "channel", "gateway_response", "fees", "amount", "requested_amount", "currency", "domain")


def charge(data: Mapping[str, Any]) -> Status:
    """A transaction as verify, charge and list give it. A currency or amount we cannot read is UNKNOWN, never paid."""
    said = text(data.get("status")).lower()
    state = CHARGE_STATES.get(said, State.UNKNOWN)
    paid = settled(data)
    if state in {State.SUCCEEDED, State.REVERSED} and paid is None:
        said, state = f"unreadable_amount_{text(data.get('currency'))}", State.UNKNOWN
    reference = text(data.get("reference"))
    told = state in {State.SUCCEEDED, State.REVERSED}
    amount, fee = paid if paid else (None, None)
    return Status(
        state,
        provider_ref=reference,
        amount=amount if told else None,
        receipt=text(data.get("id")),
        reference=reference or None,
        live=_live(data),
        fee=fee if told else None,
        code="" if state is State.SUCCEEDED else said,
        reason=reason_of(data.get("gateway_response")) if state is State.FAILED else "",
        paid_at=moment(data.get("paid_at") or data.get("paidAt")) if told else None,
        saved=saved(data) if state is State.SUCCEEDED else None,
        raw=chosen(data, KEPT),
    )


def settled(data: Mapping[str, Any]) -> tuple[Money, Money | None] | None:
    """What was paid towards our price and what Paystack kept of it.

    Where the account lets payers bear the fee, `amount` is `requested_amount` with the fee on top: then our price was
    paid in full and nothing is taken from it. Any other difference is told as it is.
    """
    paid, fee = minor(data.get("amount"), data.get("currency")), minor(data.get("fees"), data.get("currency"))
    if paid is None:
        return None
    asked = minor(data.get("requested_amount"), data.get("currency"))
    if asked and fee and paid.amount - fee.amount == asked.amount:
        return asked, Money(amount=0, currency=asked.currency)
    return paid, fee


def saved(data: Mapping[str, Any]) -> Saved | None:
    """The card that may be charged again, when the payer agreed to it and the bank allows it."""
    granted, metadata = part(data, "authorization"), _metadata(data)
    token, email = text(granted.get("authorization_code")), text(part(data, "customer").get("email"))
    if text(metadata.get("save")) != "1" or granted.get("reusable") is not True or not token or not email:
        return None
    brand = text(granted.get("brand") or granted.get("card_type")).strip().capitalize()
    year, month = text(granted.get("exp_year")), text(granted.get("exp_month")).zfill(2)
    return Saved(
        token,
        customer=email,  # Paystack charges an authorisation only together with the address it was made with
        label=f"{brand or 'Card'} {text(granted.get('last4'))}".strip(),
        expires=f"{year}-{month}" if len(year) == 4 and len(month) == 2 else "",
    )


def refund(data: Mapping[str, Any]) -> Movement:
    """A refund as its creation, its fetch and its list give it."""
    said = text(data.get("status")).lower()
    return Movement(
        REFUND_STATES.get(said, State.UNKNOWN),
        provider_ref=text(data.get("id")),
        receipt=text(data.get("refund_reference")),
        amount=minor(data.get("amount"), data.get("currency")),
        code="" if said == "processed" else said,
        reason="other" if said == "failed" else "",
        raw=chosen(data, ("id", "status", "amount", "currency", "refund_reference", "expected_at")),
    )


def entry(data: Mapping[str, Any]) -> Entry | None:
    """A row of the list of transactions; None for one that moved no money."""
    status = charge(data)
    at = status.paid_at or moment(data.get("created_at") or data.get("createdAt"))
    if status.amount is None or at is None:
        return None
    return Entry(
        status.provider_ref, status.provider_ref, status.receipt, status.amount, status.state, at, fee=status.fee
    )


def dispute_state(data: Mapping[str, Any]) -> State:
    """REVERSED when the payer got the money back, SUCCEEDED when we keep it, PENDING while it is open."""
    if text(data.get("status")).lower() not in {"resolved", "archived"}:
        return State.PENDING
    return State.REVERSED if text(data.get("resolution")).lower() == "merchant-accepted" else State.SUCCEEDED


def heard(event: str, data: Mapping[str, Any], body: bytes) -> list[Heard]:
    """The facts of an event. Paystack numbers no events, so `dedupe` comes from what they are about."""
    if event == "charge.success":
        status = charge(data)
        name = status.receipt or status.provider_ref
        return [Heard(About.CHARGE, f"{event}:{name}", status.provider_ref, status.provider_ref, status=status)]
    if event.startswith("refund."):
        movement = refund(data)
        reference = text(data.get("transaction_reference")) or text(part(data, "transaction").get("reference"))
        name = movement.provider_ref or movement.receipt or digest(body, 32)
        status = Status(movement.state, amount=movement.amount, live=_live(data), code=movement.code)
        return [
            Heard(About.REFUND, f"{event}:{name}", reference, reference, subject=movement.provider_ref, status=status)
        ]
    if event.startswith("charge.dispute."):
        transaction = part(data, "transaction")
        reference, number = text(transaction.get("reference")), text(data.get("id"))
        status = Status(
            dispute_state(data),
            receipt=text(transaction.get("id")),
            amount=minor(
                data.get("refund_amount") or transaction.get("amount"),
                data.get("currency") or transaction.get("currency"),
            ),
            live=_live(data),
            code=text(data.get("resolution") or data.get("status")).lower(),
        )
        dedupe = f"{event}:{number or digest(body, 32)}"
        return [Heard(About.DISPUTE, dedupe, reference, reference, subject=number, status=status)]
    return []


def _metadata(data: Mapping[str, Any]) -> dict[str, Any]:
    """What we gave along: an object, its JSON as text, or, where there was none, "" or 0."""
    given = data.get("metadata")
    read = read_json(given.encode()) if isinstance(given, str) else given
    return read if isinstance(read, dict) else {}


def _live(data: Mapping[str, Any]) -> bool | None:
    domain = text(data.get("domain"))
    return domain == "live" if domain in {"live", "test"} else None
