"""The states of an order, and from which to which it may go. Every change of state goes through `require`."""

from enum import StrEnum


class OrderState(StrEnum):
    """Where an order stands. Open: waits for its payment. Fulfilled: what was bought is open to whom it is for."""

    OPEN = "open"
    PAID = "paid"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


S = OrderState
TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    S.OPEN: frozenset({S.PAID, S.CANCELLED, S.EXPIRED}),
    S.CANCELLED: frozenset({S.PAID}),  # the prompt was answered after all
    S.EXPIRED: frozenset({S.PAID}),
    S.PAID: frozenset({S.FULFILLED, S.PARTIALLY_REFUNDED, S.REFUNDED}),
    S.FULFILLED: frozenset({S.PARTIALLY_REFUNDED, S.REFUNDED}),
    S.PARTIALLY_REFUNDED: frozenset({S.PARTIALLY_REFUNDED, S.REFUNDED}),
    S.REFUNDED: frozenset(),
}
UNPAID = frozenset({S.OPEN, S.CANCELLED, S.EXPIRED})
HOLDING = frozenset({S.PAID, S.FULFILLED, S.PARTIALLY_REFUNDED})  # money of it is here


class IllegalTransition(RuntimeError):
    """An order was about to go where none goes: a bug, never a person's fault."""


def may(before: OrderState, after: OrderState) -> bool:
    """Whether an order goes from one state to the other."""
    return after in TRANSITIONS[before]


def require(before: OrderState, after: OrderState) -> OrderState:
    """The state to go to; IllegalTransition when it does not follow."""
    if not may(before, after):
        raise IllegalTransition(f"{before} -> {after}")
    return after
