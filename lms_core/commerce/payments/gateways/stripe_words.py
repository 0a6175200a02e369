"""What Stripe's objects mean in the port's words. Pure, and without the SDK: dictionaries in, plain data out.

Amounts are integers in minor units, currencies lower case. Sources: docs/payments/stripe.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lms_core.commerce.payments.gateways.port import About, Entry, Heard, Movement, Saved, State, Status
from lms_core.commerce.payments.gateways.reading import chosen, minor, moment, part, text
from lms_core.kit.money import Money

INTENT_STATES = {
    "succeeded": State.SUCCEEDED,
    "canceled": State.FAILED,
} | dict.fromkeys(
    ("processing", "requires_action", "requires_confirmation", "requires_capture", "requires_payment_method"),
    State.PENDING,
)
REFUND_STATES = {
    "succeeded": State.SUCCEEDED,
    "pending": State.PENDING,
    "requires_action": State.PENDING,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
# Error and decline codes (docs.stripe.com/declines/codes); every other code of a card is "declined".
REASONS = {
    "insufficient_funds": "insufficient_funds",
    "incorrect_pin": "wrong_pin",
    "invalid_pin": "wrong_pin",
    "pin_try_exceeded": "wrong_pin",
    "offline_or_online_pin_required": "wrong_pin",
    "authentication_required": "authentication",
    "authentication_not_handled": "authentication",
    "payment_intent_authentication_failure": "authentication",
    "card_velocity_exceeded": "limit",
    "withdrawal_count_limit_exceeded": "limit",
    "amount_too_large": "limit",
    "processing_error": "busy",
    "try_again_later": "busy",
    "issuer_not_available": "busy",
    "duplicate_transaction": "duplicate",
    "payment_method_customer_decline": "cancelled",
}
SESSION_EVENTS = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
}
INTENT_EVENTS = {
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.canceled",
    "payment_intent.requires_action",
}
REFUND_EVENTS = {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}


def session(found: Mapping[str, Any]) -> Status:
    """A Checkout Session with its intent expanded. While it is open the payer may try card after card: it is pending.

    A completed one may still wait for a bank ("unpaid"): what its intent says then decides.
    """
    inner = part(found, "payment_intent")
    told, paid = text(found.get("status")), text(found.get("payment_status"))
    if told == "complete" and paid == "paid":
        status = intent(inner) if inner else _paid(found)
    elif told == "complete" and paid == "unpaid":
        status = intent(inner) if inner else Status(State.PENDING)
        if text(inner.get("status")) == "requires_payment_method":  # the bank refused after the page was closed
            status = replace(status, state=State.FAILED, reason=status.reason or "declined")
    elif told == "expired":
        status = Status(State.FAILED, code="expired", reason="expired")
    elif told == "open":
        status = replace(intent(inner), state=State.PENDING) if inner else Status(State.PENDING)
    else:
        status = Status(State.UNKNOWN, code=f"{told}_{paid}")
    reference = text(found.get("client_reference_id")) or text(part(found, "metadata").get("reference"))
    return replace(
        status,
        provider_ref=text(found.get("id")),
        reference=reference or status.reference,
        live=_live(found),
        raw={**status.raw, **chosen(found, ("id", "status", "payment_status", "amount_total", "currency"))},
    )


def intent(found: Mapping[str, Any]) -> Status:
    """A PaymentIntent with its charge expanded."""
    said = text(found.get("status"))
    state = INTENT_STATES.get(said, State.UNKNOWN)
    charge, error = part(found, "latest_charge"), part(found, "last_payment_error")
    amount = minor(found.get("amount_received"), found.get("currency")) if state is State.SUCCEEDED else None
    if state is State.SUCCEEDED and amount is None:
        said, state = f"unreadable_amount_{text(found.get('currency'))}", State.UNKNOWN
    if state is State.SUCCEEDED:
        code, reason = "", ""
    elif error:
        code = text(error.get("decline_code") or error.get("code") or error.get("type"))
        reason = REASONS.get(code) or REASONS.get(text(error.get("code"))) or "declined"
    else:
        code, reason = said, "cancelled" if said == "canceled" else ""
    paid = state is State.SUCCEEDED
    return Status(
        state,
        provider_ref=text(found.get("id")),
        amount=amount,
        receipt=(text(charge.get("id")) or text(found.get("latest_charge"))) if paid else "",
        reference=text(part(found, "metadata").get("reference")) or None,
        live=_live(found),
        fee=_fee(part(charge, "balance_transaction"), amount) if amount else None,
        code=code,
        reason=reason,
        paid_at=moment(charge.get("created")) if paid else None,
        saved=saved(found, charge) if paid else None,
        raw=chosen(found, ("id", "status", "amount", "amount_received", "currency")),
    )


def declined(status: Status) -> Status:
    """A charge of a saved card ends with its first refusal: nobody sits before a page to try another."""
    if status.code != "requires_payment_method" and not status.reason:
        return status
    return replace(status, state=State.FAILED, reason=status.reason or "declined")


def saved(found: Mapping[str, Any], charge: Mapping[str, Any]) -> Saved | None:
    """The card that may be charged again, where its holder agreed to that on Stripe's page."""
    card = part(part(charge, "payment_method_details"), "card")
    token, customer = text(charge.get("payment_method")), text(found.get("customer"))
    if found.get("setup_future_usage") != "off_session" or not card or not token or not customer:
        return None
    year, month = text(card.get("exp_year")), text(card.get("exp_month")).zfill(2)
    return Saved(
        token,
        customer=customer,
        label=f"{(text(card.get('brand')) or 'card').capitalize()} {text(card.get('last4'))}".strip(),
        expires=f"{year}-{month}" if len(year) == 4 else "",
    )


def after_disputes(status: Status, disputes: Iterable[Mapping[str, Any]]) -> Status:
    """A paid charge after its disputes: a lost one reverses it, an open one is told in `code`."""
    states = {dispute_state(each) for each in disputes}
    if State.REVERSED in states:
        return replace(status, state=State.REVERSED, code="dispute_lost")
    return replace(status, code="disputed") if State.PENDING in states else status


def dispute_state(found: Mapping[str, Any]) -> State:
    """REVERSED when it is lost, SUCCEEDED when we keep the money or never lost it, PENDING while it is open."""
    said = text(found.get("status"))
    if said == "lost":
        return State.REVERSED
    return State.SUCCEEDED if said in {"won", "prevented", "warning_closed"} else State.PENDING


def refund(found: Mapping[str, Any]) -> Movement:
    """A refund."""
    said = text(found.get("status"))
    state = REFUND_STATES.get(said, State.UNKNOWN)
    return Movement(
        state,
        provider_ref=text(found.get("id")),
        receipt=text(found.get("charge")),
        amount=minor(found.get("amount"), found.get("currency")),
        code="" if state is State.SUCCEEDED else text(found.get("failure_reason")) or said,
        reason="other" if state is State.FAILED else "",
        raw=chosen(found, ("id", "status", "amount", "currency", "failure_reason", "pending_reason")),
    )


def entry(found: Mapping[str, Any]) -> Entry | None:
    """A balance transaction as a row of the list; None for one that is no charge of ours."""
    charge = part(found, "source")
    reference = text(part(charge, "metadata").get("reference"))
    amount, at = minor(charge.get("amount"), charge.get("currency")), moment(found.get("created"))
    if found.get("type") not in {"charge", "payment"} or not reference or amount is None or at is None:
        return None
    number = text(charge.get("payment_intent"))
    receipt = text(charge.get("id"))
    return Entry(number, reference, receipt, amount, State.SUCCEEDED, at, fee=_fee(found, amount))


def heard(event: Mapping[str, Any]) -> list[Heard]:
    """The facts of an event about something of ours. Everything else that happens in the same account is none."""
    kind, dedupe, found = text(event.get("type")), text(event.get("id")), part(part(event, "data"), "object")
    if kind in SESSION_EVENTS:
        status = session(found)
        return _about_charge(status, dedupe)
    if kind in INTENT_EVENTS:
        return _about_charge(intent(found), dedupe)
    if kind in REFUND_EVENTS:
        movement = refund(found)
        reference = text(part(found, "metadata").get("reference"))
        status = Status(
            movement.state, receipt=movement.receipt, amount=movement.amount, live=_live(event), code=movement.code
        )
        number = text(found.get("payment_intent"))
        return [Heard(About.REFUND, dedupe, number, reference, subject=movement.provider_ref, status=status)]
    if kind.startswith("charge.dispute."):
        status = Status(
            dispute_state(found),
            receipt=text(found.get("charge")),
            amount=minor(found.get("amount"), found.get("currency")),
            live=_live(event),
            code=text(found.get("reason")),
        )
        number = text(found.get("payment_intent"))
        return [Heard(About.DISPUTE, dedupe, number, subject=text(found.get("id")), status=status)]
    return []


def seconds(at: datetime) -> int:
    """Since 1970."""
    return int(at.astimezone(UTC).timestamp())


def _about_charge(status: Status, dedupe: str) -> list[Heard]:
    if not status.reference:
        return []
    return [Heard(About.CHARGE, dedupe, status.provider_ref, status.reference, status=status)]


def _paid(found: Mapping[str, Any]) -> Status:
    """What a callback tells of a paid session: it holds no more of the intent than its number."""
    total = minor(found.get("amount_total"), found.get("currency"))
    return Status(State.SUCCEEDED, amount=total) if total else Status(State.UNKNOWN, code="unreadable_amount")


def _fee(balance: Mapping[str, Any], amount: Money) -> Money | None:
    """The fee, where Stripe pays out in the currency it charged: another currency's fee is no part of this amount."""
    fee = minor(balance.get("fee"), balance.get("currency"))
    return fee if fee and fee.currency == amount.currency else None


def _live(found: Mapping[str, Any]) -> bool | None:
    told = found.get("livemode")
    return told if isinstance(told, bool) else None
