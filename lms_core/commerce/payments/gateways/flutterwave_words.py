"""What Flutterwave's objects (API v3) mean in the port's words. Pure: dictionaries in, plain data out.

Amounts are numbers in major units; fees have more decimals than money and are rounded.
Sources: docs/payments/flutterwave.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lms_core.commerce.payments.gateways.port import About, Entry, Heard, Movement, Saved, State, Status
from lms_core.commerce.payments.gateways.reading import chosen, digest, major, moment, part, reason_of, text
from lms_core.kit.money import Money

CHARGE_STATES = {
    "successful": State.SUCCEEDED,
    "succeeded": State.SUCCEEDED,  # v4's word, in its callbacks
    "failed": State.FAILED,
    "pending": State.PENDING,
}
KEPT = (
    "id", "flw_ref", "status", "amount", "charged_amount", "app_fee", "amount_settled", "currency", "payment_type",
    "processor_response", "auth_model",
)  # fmt: skip
LOST = frozenset({"lost", "accepted"})


def charge(data: Mapping[str, Any]) -> Status:
    """A transaction as verify, charges, lists and callbacks give it (also the v2 shape of very old accounts)."""
    reference = text(data.get("tx_ref") or data.get("txRef") or data.get("reference"))
    said = text(data.get("status")).lower()
    state = CHARGE_STATES.get(said, State.UNKNOWN)
    paid = settled(data) if state is State.SUCCEEDED else None
    if state is State.SUCCEEDED and paid is None:
        said, state = f"unreadable_amount_{text(data.get('currency'))}", State.UNKNOWN
    return Status(
        state,
        provider_ref=reference,
        amount=paid[0] if paid else None,
        receipt=text(data.get("id")),
        reference=reference or None,
        fee=paid[1] if paid else None,
        code="" if paid else said,
        reason=reason_of(data.get("processor_response")) if state is State.FAILED else "",
        paid_at=moment(data.get("created_at")) if paid else None,
        saved=saved(data) if paid else None,
        raw=chosen(data, KEPT),
    )


def settled(data: Mapping[str, Any]) -> tuple[Money, Money | None] | None:
    """What was paid towards our price, and what Flutterwave kept of it.

    `charged_amount` is what left the payer's card. Below `amount` it is a part of the price; above, the payer bore the
    fee, and only what is left of the fee is taken from us.
    """
    currency = data.get("currency")
    price = major(data.get("amount"), currency)
    if price is None:
        return None
    charged = major(data.get("charged_amount"), currency, rounded=True) or price
    fee = major(data.get("app_fee"), currency, rounded=True)
    on_top = max(0, charged.amount - price.amount)
    ours = fee and Money(amount=max(0, fee.amount - on_top), currency=price.currency)
    return (charged if charged.amount < price.amount else price), ours


def saved(data: Mapping[str, Any]) -> Saved | None:
    """The card that may be charged again, when the payer agreed to it."""
    card, meta, payer = part(data, "card"), part(data, "meta"), part(data, "customer")
    token, email = text(card.get("token")), text(payer.get("email"))
    if text(meta.get("save")) != "1" or not token or not email:
        return None
    month, _, year = text(card.get("expiry")).partition("/")
    return Saved(
        token,
        customer=email,  # a token is charged only together with the address it was made with
        label=f"{text(card.get('type')).strip().capitalize() or 'Card'} {text(card.get('last_4digits'))}".strip(),
        expires=f"20{year}-{month}" if len(year) == 2 and len(month) == 2 else "",
    )


def taken_back(status: Status, chargebacks: Iterable[Mapping[str, Any]]) -> Status:
    """The charge after its chargebacks: one that was lost or accepted reverses it, an open one is told in `code`."""
    said = [text(each.get("status")).lower() for each in chargebacks]
    if any(each in LOST for each in said):
        return replace(status, state=State.REVERSED, code="chargeback_lost")
    return replace(status, code="disputed") if any(each in {"initiated", "pending"} for each in said) else status


def refund(data: Mapping[str, Any], currency: str) -> Movement:
    """A refund as its creation, its fetch and its list give it. They name no currency: it is the charge's."""
    said = text(data.get("status")).lower()
    return Movement(
        refund_state(said),
        provider_ref=text(data.get("id")),
        receipt=text(data.get("flw_ref")),
        amount=major(data.get("amount_refunded"), currency),
        code="" if refund_state(said) is State.SUCCEEDED else said,
        reason="other" if said == "failed" else "",
        raw=chosen(data, ("id", "tx_id", "status", "amount_refunded", "destination")),
    )


def refund_state(said: str) -> State:
    """`completed` has kinds ("completed-mpgs", "completed-momo"), and so has `pending`."""
    word = said.lower().replace("_", "-").split("-")[0]
    known = {"completed": State.SUCCEEDED, "failed": State.FAILED}
    known |= dict.fromkeys(("pending", "processing", "initiated", "new"), State.PENDING)
    return known.get(word, State.UNKNOWN)


def entry(data: Mapping[str, Any]) -> Entry | None:
    """A row of the list of transactions; None for one that moved no money."""
    status = charge(data)
    if status.state is not State.SUCCEEDED or status.amount is None or status.paid_at is None:
        return None
    reference = status.provider_ref
    return Entry(reference, reference, status.receipt, status.amount, status.state, status.paid_at, fee=status.fee)


def heard(event: Mapping[str, Any], body: bytes) -> list[Heard]:
    """The facts of a callback: v3 (`event`), v4 (`type`), or the flat v2 shape. A charge that failed is told too."""
    kind = text(event.get("event") or event.get("type")).lower()
    data = part(event, "data") or (dict(event) if event.get("txRef") else {})
    if kind == "charge.completed" or (not kind and event.get("txRef")):
        status = charge(data)
        if not status.provider_ref:
            return []
        dedupe = f"charge:{status.receipt or status.provider_ref}:{text(data.get('status')).lower()}"
        return [Heard(About.CHARGE, dedupe, status.provider_ref, status.provider_ref, status=status)]
    if kind.startswith("refund."):
        said, number = text(data.get("status")), text(data.get("id"))
        told = Status(refund_state(said), receipt=text(data.get("TransactionId") or data.get("tx_id")), code=said)
        dedupe = f"refund:{number or digest(body, 32)}:{said}"
        return [Heard(About.REFUND, dedupe, subject=number, status=told)]
    return []
