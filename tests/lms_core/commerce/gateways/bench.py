"""A gateway on the bench: a wire to its simulator, an account there, and things to charge, hear and give back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx

from lms_core.commerce.payments.gateways.port import (
    Account,
    Callback,
    Charge,
    Known,
    Mode,
    Payer,
    RefundAsk,
    State,
    Status,
)
from lms_core.commerce.payments.gateways.wire import Wire
from lms_core.kit.cache import MemoryCache
from lms_core.kit.crypto import Keys
from lms_core.kit.money import Currency, Money
from tests.simulators.payments.base import Sent, Simulator

PHONE, EMAIL = "254712345678", "asha.otieno@example.co.ke"
SECRET_CALLBACK = "https://school.example/api/v1/webhook/payment/x/a-token-nobody-knows"


def wire(*simulators: Simulator, cache: MemoryCache | None = None) -> Wire:
    """A wire that may speak to these simulators, waits for nothing, and gives up after five seconds."""
    hosts = [each.host for each in simulators]
    return Wire(
        cache=cache or MemoryCache(),
        keys=Keys("a secret of the installation"),
        allowed_hosts=hosts,
        pause=lambda seconds: None,
        timeout=httpx.Timeout(5.0),
    )


def account(simulator: Simulator, *, mode: Mode = Mode.TEST, **changed: Any) -> Account:
    """The institution's account there; `changed` credentials by name, and `base_url`."""
    base_url = changed.pop("base_url", simulator.base_url)
    credentials: Mapping[str, str] = {**simulator.credentials, **changed}
    return Account(
        f"account-{mode}", simulator.name, mode, credentials, dict(simulator.options), SECRET_CALLBACK, base_url
    )


def charge(reference: str, amount: Money | None = None, **changed: Any) -> Charge:
    """1,500 shillings of Asha's, unless told."""
    made = Charge(
        reference,
        f"key-of-{reference}",
        amount or Money(amount=150_000, currency=Currency.KES),
        Payer(EMAIL, "Asha Otieno", PHONE),
        "Introduction to statistics",
        f"https://school.example/checkout/{reference}",
        f"https://school.example/checkout/{reference}?cancelled=1",
    )
    return replace(made, **changed)


def known(made: Charge, status: Status | None = None, *, begun_at: datetime | None = None) -> Known:
    """What we know of a charge: all that its beginning told, or nothing but our reference."""
    told = status or Status(State.UNKNOWN)
    return Known(made.reference, told.provider_ref, told.receipt, made.amount, begun_at or datetime.now(UTC))


def callback(sent: Sent, *, at: datetime | None = None, body: bytes | None = None) -> Callback:
    """What arrives at our address when the provider sends that."""
    headers = {name.lower(): value for name, value in sent.headers.items()}
    content = sent.body if body is None else body
    return Callback(content, headers, dict(sent.query), sent.topic, at or datetime.now(UTC))


def refund(made: Charge, status: Status, amount: int | None = None, *, key: str = "refund-key-1") -> RefundAsk:
    """Give back what was paid, or `amount` (minor units) of it."""
    paid = status.amount or made.amount
    given = paid if amount is None else Money(amount=amount, currency=paid.currency)
    return RefundAsk(key, status.provider_ref, status.receipt, made.reference, paid, given, "The course was cancelled")
