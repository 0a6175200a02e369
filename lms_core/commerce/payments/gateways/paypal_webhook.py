"""PayPal's webhooks: who signed them, and what they say.

The signature is RSA-SHA256 over `transmission id|transmission time|webhook id|CRC-32 of the body`, made with a
certificate whose address is in the request; `paypal_certificate` says which is PayPal's.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from lms_core.commerce.payments.gateways import reading
from lms_core.commerce.payments.gateways.paypal_certificate import Incomplete, key_of, refuse_place
from lms_core.commerce.payments.gateways.port import (
    About,
    Account,
    Callback,
    Forged,
    Heard,
    Malformed,
    State,
    Status,
)  # fmt: skip
from lms_core.commerce.payments.gateways.wire import Wire, read_json

OLDEST = timedelta(days=4)  # PayPal repeats a delivery for three days
AHEAD = timedelta(minutes=10)  # how far the two clocks may be apart
KEPT = 24 * 3600  # seconds that a certificate is kept

ORDERS = {"CHECKOUT.ORDER.APPROVED", "CHECKOUT.ORDER.COMPLETED", "CHECKOUT.ORDER.VOIDED"}
CAPTURES = {
    "PAYMENT.CAPTURE.COMPLETED": State.SUCCEEDED,
    "PAYMENT.CAPTURE.PENDING": State.PENDING,
    "PAYMENT.CAPTURE.DENIED": State.FAILED,
    "PAYMENT.CAPTURE.DECLINED": State.FAILED,
}
REFUNDS = {
    "PAYMENT.CAPTURE.REFUNDED": State.SUCCEEDED,
    "PAYMENT.REFUND.PENDING": State.PENDING,
    "PAYMENT.REFUND.COMPLETED": State.SUCCEEDED,
    "PAYMENT.REFUND.FAILED": State.FAILED,
    "PAYMENT.REFUND.CANCELLED": State.FAILED,
}
OUTCOMES = {
    "RESOLVED_BUYER_FAVOUR": State.REVERSED, "ACCEPTED": State.REVERSED, "RESOLVED_SELLER_FAVOUR": State.SUCCEEDED,
    "RESOLVED_WITH_PAYOUT": State.SUCCEEDED, "CANCELED_BY_BUYER": State.SUCCEEDED, "DENIED": State.SUCCEEDED,
}  # fmt: skip


def verify(wire: Wire, account: Account, callback: Callback, ask: Callable[[bytes], bool]) -> None:
    """Forged unless PayPal signed this body for our webhook. GatewayError when its certificate is not to be had.

    `ask` puts `question` to PayPal: where its certificate comes without those that lead to a root.
    """
    names = ("transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo")
    given = {name: callback.headers.get(f"paypal-{name}", "") for name in names}
    if missing := [name for name, value in given.items() if not value]:
        raise Forged(f"no PAYPAL-{missing[0].upper()}")
    if given["auth-algo"].lower() != "sha256withrsa":
        raise Forged("signed by an algorithm that PayPal does not use")
    webhook = reading.setting(account, "webhook_id")
    if not webhook:
        raise Forged("the account has no webhook id, so nothing can be verified; fill it in")
    _refuse_old(given["transmission-time"], callback.received_at)
    try:
        sign = base64.b64decode(given["transmission-sig"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise Forged("the signature is no base64") from error
    message = signed_text(given["transmission-id"], given["transmission-time"], webhook, callback.body)
    try:
        _signed_by(wire, account, given["cert-url"], callback.received_at, sign, message)
    except Incomplete as error:
        if not ask(question(given, webhook, callback.body)):
            raise Forged("PayPal says that it did not send this") from error


def signed_text(transmission: str, time: str, webhook: str, body: bytes) -> bytes:
    """What PayPal signs."""
    return f"{transmission}|{time}|{webhook}|{zlib.crc32(body)}".encode()


def read(body: bytes) -> Sequence[Heard]:
    """What a verified event says. Malformed when it is no event."""
    event = read_json(body)
    if not isinstance(event, dict):
        raise Malformed("this is no event of PayPal")
    key, kind, resource = event.get("id"), event.get("event_type"), reading.part(event, "resource")
    if not isinstance(key, str) or not isinstance(kind, str):
        raise Malformed("an event of PayPal has an id and a type")
    if kind in ORDERS:
        return [_order(key, kind, resource)]
    if kind in CAPTURES or kind == "PAYMENT.CAPTURE.REVERSED":
        return [_capture(key, kind, resource)]
    if kind in REFUNDS:
        return [_refund(key, kind, resource)]
    return [_dispute(key, resource)] if kind.startswith("CUSTOMER.DISPUTE.") else []


def _refuse_old(time: str, received_at: datetime) -> None:
    sent = reading.moment(time)
    if sent is None:
        raise Forged("PAYPAL-TRANSMISSION-TIME is no time")
    if not -AHEAD <= received_at - sent <= OLDEST:
        raise Forged("sent too long ago, or in the future")


def _signed_by(wire: Wire, account: Account, url: str, received_at: datetime, sign: bytes, message: bytes) -> None:
    """Forged unless the certificate at `url` is PayPal's and its key made the signature. Incomplete."""
    refuse_place(wire, account, url)
    scope = f"cert:{reading.digest(url, 32)}"
    roots = None if account.base_url else wire.roots()

    def fetch() -> tuple[str, int]:
        pem = wire.read(url).decode("ascii", errors="replace")
        with suppress(Incomplete):
            key_of(pem, account.mode, received_at, roots)  # what is forged is not kept
        return pem, KEPT

    key = key_of(wire.token(account, fetch, scope=scope), account.mode, received_at, roots)
    try:
        key.verify(sign, message, PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise Forged("the signature does not match") from error


def question(given: Mapping[str, str], webhook: str, body: bytes) -> bytes:
    """What PayPal is asked about a delivery: its headers, and the event byte for byte, as another writing is refused.

    Malformed unless the body is one JSON object: what is more would add to the question.
    """
    if not isinstance(read_json(body), dict):
        raise Malformed("this is no event of PayPal")
    names = ("auth-algo", "cert-url", "transmission-id", "transmission-sig", "transmission-time")
    told = json.dumps({name.replace("-", "_"): given[name] for name in names} | {"webhook_id": webhook})
    return told[:-1].encode() + b', "webhook_event": ' + body + b"}"


def _order(key: str, kind: str, order: dict[str, Any]) -> Heard:
    units = reading.rows(order.get("purchase_units"))
    ends = {"CHECKOUT.ORDER.COMPLETED": State.SUCCEEDED, "CHECKOUT.ORDER.VOIDED": State.FAILED}
    return Heard(
        About.CHARGE,
        key,
        reading.text(order.get("id")),
        reading.text(units[0].get("custom_id")) if units else "",
        status=Status(ends.get(kind, State.PENDING)),
    )


def _capture(key: str, kind: str, capture: dict[str, Any]) -> Heard:
    """A reversal is proof: the order does not always show it."""
    reversed_ = kind == "PAYMENT.CAPTURE.REVERSED"
    related = reading.part(reading.part(capture, "supplementary_data"), "related_ids")
    receipt = _up(capture) if reversed_ else reading.text(capture.get("id"))
    status = Status(
        State.REVERSED if reversed_ else CAPTURES[kind],
        amount=_amount(capture.get("amount")),
        receipt=receipt,
        reference=reading.text(capture.get("custom_id")) or None,
    )
    return Heard(
        About.CHARGE,
        key,
        reading.text(related.get("order_id")),
        reading.text(capture.get("custom_id")),
        status=status,
        proof=reversed_,
    )


def _refund(key: str, kind: str, refund: dict[str, Any]) -> Heard:
    """`custom_id` of a refund is our key for it, not the charge's reference; `receipt` is the capture it is of."""
    related = reading.part(reading.part(refund, "supplementary_data"), "related_ids")
    status = Status(REFUNDS[kind], amount=_amount(refund.get("amount")), receipt=_up(refund))
    subject, order = reading.text(refund.get("id")), reading.text(related.get("order_id"))
    return Heard(About.REFUND, key, order, reading.text(refund.get("invoice_id")), subject, status)


def _dispute(key: str, dispute: dict[str, Any]) -> Heard:
    paid = reading.rows(dispute.get("disputed_transactions"))
    first = paid[0] if paid else {}
    outcome = reading.code(reading.part(dispute, "dispute_outcome").get("outcome_code"))
    status = Status(
        OUTCOMES.get(outcome, State.PENDING),
        amount=_amount(dispute.get("dispute_amount")),
        receipt=reading.text(first.get("seller_transaction_id")),
        code=outcome or reading.code(dispute.get("reason")),
    )
    subject = reading.text(dispute.get("dispute_id"))
    reference = reading.text(first.get("custom")) or reading.text(first.get("invoice_number"))
    return Heard(About.DISPUTE, key, "", reference, subject, status, proof=True)


def _amount(told: Any) -> Any:
    amount = reading.table(told)
    return reading.major(amount.get("value"), amount.get("currency_code") or amount.get("currency"))


def _up(entity: dict[str, Any]) -> str:
    """The id of the capture that a refund or reversal belongs to: the last part of its `up` link."""
    for link in reading.rows(entity.get("links")):
        if link.get("rel") == "up":
            return urlsplit(reading.text(link.get("href"))).path.rpartition("/")[2]
    return ""
