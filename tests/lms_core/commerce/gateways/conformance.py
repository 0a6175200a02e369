"""The bench on which every gateway is tried against its simulator, and how providers truly differ.

A gateway is found by its module; one without a simulator fails, and none is left out. Where providers differ (who keeps
a page open after a cancelled try, who tells an amount only by callback), it is said in `WAYS`.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from lms_core.commerce.payments import gateways
from lms_core.commerce.payments.gateways.port import (
    About,
    Account,
    Charge,
    Gateway,
    Heard,
    Known,
    Movement,
    State,
    Status,
)
from lms_core.commerce.payments.gateways.wire import TRIES, Wire
from lms_core.kit.money import Currency, Money
from tests.lms_core.commerce.gateways import bench
from tests.simulators.payments.base import Sent, Simulator

PROVIDERS = {"airtel", "daraja", "flutterwave", "paypal", "paystack", "pesapal", "razorpay", "stripe"}
NOT_PROVIDERS = {"sandbox"}  # the provider in the house needs a database; its slice tests it
PREFERRED = (Currency.KES, Currency.USD, Currency.INR)
MANY = 3 * TRIES  # as many faults as any call meets


@dataclass(frozen=True)
class Way:
    """How a provider differs. `cancelled`, `timed_out`: the state then; an open page is still pending.

    `tells_amount`: by `status`; else the callback alone tells, or nobody. `keyed_refunds`: the same refund asked twice
    is one; else the payments slice asks how it stands, by its key, before it asks again. `tells_reversals`: by status
    or callback. `refund_reads_reversed`: it has one word for a refund of ours and a reversal.
    """

    cancelled: State = State.FAILED
    timed_out: State = State.FAILED
    tells_amount: bool = True
    keyed_refunds: bool = True
    tells_reversals: bool = True
    refund_reads_reversed: bool = False


OPEN = State.PENDING
WAYS = {
    "airtel": Way(tells_amount=False, tells_reversals=False),
    "daraja": Way(tells_amount=False, tells_reversals=False),
    "flutterwave": Way(cancelled=OPEN, timed_out=OPEN, keyed_refunds=False),
    "paypal": Way(cancelled=OPEN, timed_out=State.UNKNOWN),  # forgotten: expired after six hours
    "paystack": Way(cancelled=OPEN, timed_out=OPEN, keyed_refunds=False),
    "pesapal": Way(cancelled=OPEN, timed_out=OPEN, refund_reads_reversed=True),
    "razorpay": Way(cancelled=OPEN),
    "stripe": Way(cancelled=OPEN),
}


def _found() -> dict[str, type[Any]]:
    """Every class in a module of gateways that is a gateway, by its name."""
    classes: dict[str, type[Any]] = {}
    for module in pkgutil.iter_modules(gateways.__path__):
        loaded = importlib.import_module(f"{gateways.__name__}.{module.name}")
        for _, each in inspect.getmembers(loaded, inspect.isclass):
            own = each.__module__ == loaded.__name__ and not getattr(each, "_is_protocol", False)
            if own and isinstance(getattr(each, "name", None), str) and hasattr(each, "begin"):
                classes[each.name] = each
    return {name: made for name, made in sorted(classes.items()) if name not in NOT_PROVIDERS}


GATEWAYS = _found()


@dataclass
class Bench:
    """A gateway, its provider, and an account there."""

    gateway: Gateway
    provider: Simulator
    wire: Wire
    account: Account
    way: Way

    def charge(self, reference: str = "CONF1", amount: int = 150_000) -> Charge:
        """What is charged here, in a currency that the gateway takes."""
        taken = self.gateway.capabilities.currencies
        currency = next((each for each in PREFERRED if each in taken), None) or sorted(taken)[0]
        return bench.charge(reference, Money(amount=amount, currency=currency))

    def warm(self) -> None:
        """Fetch what is fetched once (a token), so that faults meet the calls that are meant."""
        self.gateway.check(self.account)

    def begun(self, charge: Charge) -> Known:
        """The charge, begun; what we know of it then."""
        told = self.gateway.begin(self.account, charge)
        assert told.status.state is State.PENDING
        return bench.known(charge, told.status)

    def hear(self, sent: Sent, **changed: Any) -> list[Heard]:
        """What a callback says."""
        return list(self.gateway.hear(self.account, bench.callback(sent, **changed)))

    def heard(self, reference: str) -> list[Heard]:
        """What the callbacks for what last happened say."""
        return [each for sent in self.provider.callbacks(reference) for each in self.hear(sent)]

    def truth(self, known: Known) -> Status:
        """As the payments slice learns it: by asking, and from callbacks where those are the proof."""
        told = self.gateway.status(self.account, known)
        for each in self.heard(known.reference):
            if each.proof and each.about is About.CHARGE and each.status is not None:
                told = each.status
        return told

    def paid(self, charge: Charge) -> tuple[Known, Status]:
        """The charge, begun and paid."""
        known = self.begun(charge)
        self.provider.pay(charge.reference)
        told = self.truth(known)
        assert told.state is State.SUCCEEDED
        return known, replace(told, provider_ref=told.provider_ref or known.provider_ref)

    def ended(self, charge: Charge, ask: Any, moved: Movement) -> State:
        """How a refund ended, after the provider did its part: by asking, or told with proof."""
        self.provider.settle_refunds()
        told = self.gateway.refund_status(self.account, ask, moved.provider_ref).state
        for sent in self.provider.refund_callbacks(charge.reference):
            for each in self.hear(sent):
                if each.proof and each.about is About.REFUND and each.status is not None:
                    told = each.status.state
        return told


@contextmanager
def bench_of(name: str) -> Iterator[Bench]:
    """The gateway of that name on the bench, its provider running."""
    module = importlib.import_module(f"tests.simulators.payments.{name}")
    (made,) = [
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, Simulator) and each.__module__ == module.__name__ and not inspect.isabstract(each)
    ]
    with made() as provider:
        wire = bench.wire(provider)
        yield Bench(GATEWAYS[name](wire), provider, wire, bench.account(provider), WAYS[name])
        wire.close()
