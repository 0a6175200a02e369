"""Whether what a provider says was paid is what was asked for: pure, and asked before anything settles."""

from dataclasses import dataclass, field
from typing import Any

from lms_core.commerce.payments.gateways.port import Mode, Status
from lms_core.commerce.payments.states import MismatchKind
from lms_core.kit.money import Money


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    amount: Money
    reference: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class Difference:
    """How ours and theirs differ. `arrived`: money that is here for certain, though not as asked."""

    kind: MismatchKind
    ours: dict[str, Any]
    theirs: dict[str, Any]
    arrived: Money | None = field(default=None)


def difference(asked: Asked, status: Status) -> Difference | None:
    """The first thing in which a success differs from what was asked; None: it may settle.

    A success that does not tell its amount proves nothing.
    """
    if status.live is not None and status.live != (asked.mode is Mode.LIVE):
        mode = Mode.LIVE if status.live else Mode.TEST
        return Difference(MismatchKind.MODE, {"mode": asked.mode.value}, {"mode": mode.value})
    if status.reference is not None and status.reference != asked.reference:
        return Difference(MismatchKind.REFERENCE, {"reference": asked.reference}, {"reference": status.reference[:64]})
    ours = {"amount": asked.amount.amount, "currency": asked.amount.currency.value}
    if status.amount is None:
        return Difference(MismatchKind.AMOUNT, ours, {"amount": None})
    theirs = {"amount": status.amount.amount, "currency": status.amount.currency.value}
    if status.amount == asked.amount:
        return None
    kind = MismatchKind.AMOUNT if status.amount.currency == asked.amount.currency else MismatchKind.CURRENCY
    return Difference(kind, ours, theirs, arrived=status.amount if status.amount.amount > 0 else None)
