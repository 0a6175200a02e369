"""The bench of money on the phone, M-Pesa and Airtel Money: accounts at their simulators, a charge, what came back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lms_core.commerce.payments.gateways.airtel import Airtel
from lms_core.commerce.payments.gateways.daraja import Daraja
from lms_core.commerce.payments.gateways.port import Account, Callback, Charge, Gateway, Heard, Known, Mode, Payer
from lms_core.kit.cache import MemoryCache
from lms_core.kit.clock import MovingClock
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways import bench
from tests.simulators.payments.base import Sent, Simulator

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
REFERENCE = "ABCDEFGHJKA"
CALLBACKS = "https://school.example/api/v1/webhook/payment"


def shillings(amount: int) -> Money:
    """Whole Kenyan shillings."""
    return Money(amount=amount * 100, currency=Currency.KES)


def address(gateway: str) -> str:
    """Where the provider of that gateway calls back."""
    return f"{CALLBACKS}/{gateway}/T0K3N"


def account(provider: Simulator) -> Account:
    """The institution's account there."""
    return Account(
        "account-1", provider.name, Mode.TEST, provider.credentials, provider.options, address(provider.name),
        provider.base_url,
    )  # fmt: skip


def charge(reference: str = REFERENCE, amount: Money | None = None, phone: str = "254722000000") -> Charge:
    """1,500 shillings of Jane's, unless told."""
    return Charge(
        reference, f"key-{reference}", amount or shillings(1500), Payer("jane@school.example", phone=phone),
        "Course: Sums & signs", f"https://school.example/back/{reference}", "https://school.example/cancel",
    )  # fmt: skip


def known(begun: Charge, provider_ref: str = "", receipt: str = "") -> Known:
    """What we know of a charge."""
    return Known(begun.reference, provider_ref, receipt, begun.amount, NOW)


def came(sent: Sent) -> Callback:
    """A callback as it arrives."""
    return bench.callback(sent, at=NOW)


def only(gateway: Gateway, account: Account, sent: Sequence[Sent]) -> Heard:
    """The only fact of the only callback."""
    [each] = sent
    [heard] = gateway.hear(account, came(each))
    return heard


def daraja(provider: Simulator, cache: MemoryCache | None = None) -> Daraja:
    """M-Pesa at its simulator; `cache` is shared by several processes' gateways."""
    return Daraja(bench.wire(provider, cache=cache), MovingClock(NOW))


def airtel(provider: Simulator) -> Airtel:
    """Airtel Money at its simulator."""
    return Airtel(bench.wire(provider))


MADE: dict[str, Any] = {"daraja": daraja, "airtel": airtel}
