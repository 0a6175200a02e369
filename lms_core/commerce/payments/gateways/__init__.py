"""Gateways: one module per payment provider behind `port.Gateway`. Pure network and parsing: no database in here.

`build` puts them together; a new gateway is one more line in it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lms_core.commerce.payments.gateways.airtel import Airtel
from lms_core.commerce.payments.gateways.daraja import Daraja
from lms_core.commerce.payments.gateways.flutterwave import Flutterwave
from lms_core.commerce.payments.gateways.paypal import PayPal
from lms_core.commerce.payments.gateways.paystack import Paystack
from lms_core.commerce.payments.gateways.pesapal import Pesapal
from lms_core.commerce.payments.gateways.port import Gateway
from lms_core.commerce.payments.gateways.razorpay import Razorpay
from lms_core.commerce.payments.gateways.stripe_cards import StripeCards
from lms_core.commerce.payments.gateways.wire import Wire

# What is most used where we are stands first.
OVER_WIRE: tuple[Callable[[Wire], Gateway], ...] = (
    Daraja, Airtel, Paystack, Pesapal, StripeCards, PayPal, Flutterwave, Razorpay,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gateways:
    """The gateways of this process by name. `allowed_hosts`: for accounts, beside their provider's own."""

    by_name: Mapping[str, Gateway]
    allowed_hosts: frozenset[str] = frozenset()

    def get(self, name: str) -> Gateway | None:
        """The gateway with this name; None when this installation has none."""
        return self.by_name.get(name)

    def __getitem__(self, name: str) -> Gateway:
        return self.by_name[name]

    def __iter__(self) -> Iterator[Gateway]:
        return iter(self.by_name.values())


def build(wire: Wire, *own: Gateway) -> Gateways:
    """Every gateway over one wire; `own`: those that need more than it (the sandbox in the house)."""
    made = (*(make(wire) for make in OVER_WIRE), *own)
    return Gateways({each.name: each for each in made}, wire.allowed_hosts)
