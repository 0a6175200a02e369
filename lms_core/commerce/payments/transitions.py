"""How payments move: the one table of states, forward only.

docs/payments.md draws it. Two late moves are real: what failed or expired here may turn out paid (a prompt answered
after we stopped waiting, a late authorisation). Nothing leads from paid to failed.
"""

from enum import StrEnum


class PaymentState(StrEnum):
    """Where an attempt to pay stands. `unknown`: money may have moved, and nobody has told yet."""

    CREATED = "created"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    REVERSED = "reversed"


_S = PaymentState
_ENDS = frozenset({_S.SUCCEEDED, _S.FAILED, _S.EXPIRED})

TRANSITIONS: dict[PaymentState, frozenset[PaymentState]] = {
    _S.CREATED: _ENDS | {_S.PENDING, _S.UNKNOWN},
    _S.PENDING: _ENDS | {_S.UNKNOWN},
    _S.UNKNOWN: _ENDS | {_S.PENDING},
    _S.FAILED: frozenset({_S.SUCCEEDED}),
    _S.EXPIRED: frozenset({_S.SUCCEEDED}),
    _S.SUCCEEDED: frozenset({_S.PARTIALLY_REFUNDED, _S.REFUNDED, _S.DISPUTED, _S.REVERSED}),
    _S.PARTIALLY_REFUNDED: frozenset({_S.REFUNDED, _S.DISPUTED, _S.REVERSED}),
    _S.DISPUTED: frozenset({_S.SUCCEEDED, _S.PARTIALLY_REFUNDED, _S.REVERSED}),
    _S.REFUNDED: frozenset(),
    _S.REVERSED: frozenset(),
}

OPEN = frozenset({_S.CREATED, _S.PENDING, _S.UNKNOWN})
# Money came in, whatever became of it later.
SETTLED = frozenset({_S.SUCCEEDED, _S.PARTIALLY_REFUNDED, _S.REFUNDED, _S.DISPUTED, _S.REVERSED})
REFUNDABLE = frozenset({_S.SUCCEEDED, _S.PARTIALLY_REFUNDED})


class IllegalMove(RuntimeError):
    """A move that the table does not have; a bug, never a person's fault."""


def may_move(state: PaymentState, to: PaymentState) -> bool:
    """Whether the table has this move; staying is none."""
    return to in TRANSITIONS[state]


def check_move(state: PaymentState, to: PaymentState) -> None:
    """IllegalMove unless the table has it."""
    if not may_move(state, to):
        raise IllegalMove(f"a payment never goes from {state} to {to}")
