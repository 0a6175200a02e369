"""A gateway with an account at its simulator, for the tests of Stripe, Paystack and Flutterwave."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from lms_core.commerce.payments.gateways.port import (
    Account,
    Callback,
    Charge,
    Gateway,
    Known,
    Payer,
    RefundAsk,
    SavedCharge,
    Status,
)
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways import bench
from tests.simulators.payments.base import Sent, Simulator

REF = "A1B2C3D4E5KA"
PAYER = Payer("wanjiru@example.com", "Wanjiru Kamau", "254712345126")


def shillings(amount: int) -> Money:
    """Minor units of Kenyan shillings."""
    return Money(amount=amount, currency=Currency.KES)


@dataclass
class Acting:
    """One gateway, its account and its simulator."""

    gateway: Gateway
    account: Account
    provider: Any

    def charge(self, reference: str = REF, **more: Any) -> Charge:
        """A charge of 1,500 shillings."""
        return replace(
            Charge(
                reference, f"key-{reference}", shillings(150_000), PAYER, "Fire safety", "https://school.test/back",
                "https://school.test/cart",
            ),
            **more,
        )  # fmt: skip

    def known(self, reference: str = REF, **more: Any) -> Known:
        """What we know of it after a crash: the reference."""
        return replace(Known(reference, "", "", shillings(150_000), datetime.now(UTC)), **more)

    def kept(self, token: str, reference: str = "B1B2C3D4E5KB", **more: Any) -> SavedCharge:
        """A charge of a kept card."""
        first = SavedCharge(reference, f"key-{reference}", shillings(90_000), PAYER, "Second month", token)
        return replace(first, **more)

    def refund(self, amount: int, key: str = "refund-1", **more: Any) -> RefundAsk:
        """A refund of the charge."""
        first = RefundAsk(key, "", "", REF, shillings(150_000), shillings(amount), "asked for it back")
        return replace(first, **more)

    def told(self, sent: Sent, **more: Any) -> Callback:
        """A callback as the payments slice hands it over."""
        return replace(bench.callback(sent), **more)

    def heard(self, sent: Sent) -> Any:
        """The only fact of a callback."""
        (fact,) = self.gateway.hear(self.account, self.told(sent))
        return fact

    def state(self, reference: str = REF, **more: Any) -> Status:
        """How the charge stands."""
        return self.gateway.status(self.account, self.known(reference, **more))

    def paid(self, **more: Any) -> Status:
        """How the charge stands, begun and paid."""
        self.gateway.begin(self.account, self.charge(**more))
        self.provider.pay(REF)
        return self.state()


def acting(kind: Any, provider: Simulator) -> Acting:
    """The gateway of that class before its simulator, that waits between tries no moment."""
    return Acting(kind(bench.wire(provider)), bench.account(provider), provider)
