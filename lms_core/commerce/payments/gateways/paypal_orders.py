"""How PayPal's orders, captures and refunds are read and written."""

from typing import Any
from urllib.parse import urlsplit

from lms_core.commerce.payments.gateways import reading
from lms_core.commerce.payments.gateways.port import Movement, State, Status
from lms_core.kit.money import Money, to_major

CAPTURES = {
    "COMPLETED": State.SUCCEEDED, "PARTIALLY_REFUNDED": State.SUCCEEDED, "REFUNDED": State.SUCCEEDED,
    "PENDING": State.PENDING, "DECLINED": State.FAILED, "FAILED": State.FAILED, "REVERSED": State.REVERSED,
}  # fmt: skip


def judged(order: dict[str, Any]) -> Status:
    """How the order stands, by its first capture: an order that is completed may still wait for its money."""
    captures = reading.rows(payments(order).get("captures"))
    capture = captures[0] if captures else {}
    bought = unit(order)
    common: dict[str, Any] = {
        "provider_ref": reading.text(order.get("id")),
        "reference": reading.text(bought.get("custom_id")) or None,
        "live": live(order),
        "raw": {"order": order.get("status"), "capture": capture.get("status")},
    }
    if not capture:
        if order.get("status") == "VOIDED":
            return Status(State.FAILED, **common, reason="expired")
        known = order.get("status") in {"CREATED", "SAVED", "APPROVED", "PAYER_ACTION_REQUIRED"}
        return Status(State.PENDING if known else State.UNKNOWN, **common)
    state = CAPTURES.get(reading.text(capture.get("status")), State.UNKNOWN)
    paid, split = reading.part(capture, "amount"), reading.part(capture, "seller_receivable_breakdown")
    kept = reading.part(split, "paypal_fee")
    amount = reading.major(paid.get("value"), paid.get("currency_code"))
    why = reading.code(reading.part(capture, "status_details").get("reason"))
    if state is State.SUCCEEDED and amount is None:  # in a currency that we do not know: a person has to look
        return Status(State.UNKNOWN, **common, code=reading.code(paid.get("currency_code")))
    return Status(
        state,
        **common,
        amount=amount,
        receipt=reading.text(capture.get("id")),
        fee=reading.major(kept.get("value"), kept.get("currency_code")),
        code=why,
        reason="declined" if state is State.FAILED else "",
        paid_at=reading.moment(capture.get("create_time")) if state is State.SUCCEEDED else None,
    )


def unit(order: dict[str, Any]) -> dict[str, Any]:
    """What was bought; we put one unit in an order."""
    units = reading.rows(order.get("purchase_units"))
    return units[0] if units else {}


def payments(order: dict[str, Any]) -> dict[str, Any]:
    """The order's captures and refunds."""
    return reading.part(unit(order), "payments")


def asked_for(order: dict[str, Any]) -> Money | None:
    """What the order is for; None when it cannot be read."""
    amount = reading.part(unit(order), "amount")
    return reading.major(amount.get("value"), amount.get("currency_code"))


def movement(refund: dict[str, Any], asked: Money | None) -> Movement:
    """A refund. `asked` is its amount where PayPal answers without one."""
    states = {"COMPLETED": State.SUCCEEDED, "PENDING": State.PENDING, "FAILED": State.FAILED, "CANCELLED": State.FAILED}
    amount, told = reading.part(refund, "amount"), reading.text(refund.get("id"))
    return Movement(
        states.get(reading.text(refund.get("status")), State.UNKNOWN),
        told,
        receipt=told,
        amount=reading.major(amount.get("value"), amount.get("currency_code")) or asked,
        code=reading.code(reading.part(refund, "status_details").get("reason")),
        raw={"status": refund.get("status")},
    )


def written(money: Money) -> dict[str, str]:
    """As PayPal writes money."""
    return {"currency_code": money.currency.value, "value": str(to_major(money))}


def live(order: dict[str, Any]) -> bool | None:
    """Told by the host of the order's own address; None where it is not PayPal's."""
    for link in reading.rows(order.get("links")):
        host = urlsplit(reading.text(link.get("href"))).hostname or ""
        if link.get("rel") == "self" and host.endswith(".paypal.com"):
            return ".sandbox." not in f".{host}"
    return None
