"""The states of a subscription and what leads from one to another: one table, drawn in docs/subscriptions.md."""

from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a subscription stands."""

    INCOMPLETE = "incomplete"  # waits for its first payment
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"  # a term is not paid yet, and the days of grace run
    UNPAID = "unpaid"  # they are over: nothing is open until it is paid
    PAUSED = "paused"
    CANCELLED = "cancelled"  # somebody ended it
    EXPIRED = "expired"  # it was never paid, or not any more


class Cause(StrEnum):
    """What happened."""

    PAID = "paid"
    TERM_OVER = "term_over"
    GRACE_OVER = "grace_over"
    GIVEN_UP = "given_up"
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    ENDED = "ended"
    TAKEN_BACK = "taken_back"  # the payer's bank, or a full refund, took the money of the running term back


TABLE = MappingProxyType(
    {
        (State.INCOMPLETE, Cause.PAID): State.ACTIVE,
        (State.INCOMPLETE, Cause.CANCELLED): State.CANCELLED,
        (State.INCOMPLETE, Cause.GIVEN_UP): State.EXPIRED,
        (State.TRIALING, Cause.TERM_OVER): State.PAST_DUE,
        (State.TRIALING, Cause.CANCELLED): State.CANCELLED,
        (State.TRIALING, Cause.ENDED): State.CANCELLED,
        (State.ACTIVE, Cause.TERM_OVER): State.PAST_DUE,
        (State.ACTIVE, Cause.PAUSED): State.PAUSED,
        (State.ACTIVE, Cause.CANCELLED): State.CANCELLED,
        (State.ACTIVE, Cause.ENDED): State.CANCELLED,
        (State.ACTIVE, Cause.TAKEN_BACK): State.CANCELLED,
        (State.PAST_DUE, Cause.PAID): State.ACTIVE,
        (State.PAST_DUE, Cause.GRACE_OVER): State.UNPAID,
        (State.PAST_DUE, Cause.CANCELLED): State.CANCELLED,
        (State.UNPAID, Cause.PAID): State.ACTIVE,
        (State.UNPAID, Cause.CANCELLED): State.CANCELLED,
        (State.UNPAID, Cause.GIVEN_UP): State.EXPIRED,
        (State.PAUSED, Cause.RESUMED): State.ACTIVE,
        (State.PAUSED, Cause.CANCELLED): State.CANCELLED,
        (State.PAUSED, Cause.TAKEN_BACK): State.CANCELLED,
    }
)
OPEN = frozenset({State.TRIALING, State.ACTIVE, State.PAST_DUE})  # courses are open
OVER = frozenset({State.CANCELLED, State.EXPIRED})  # nothing leads out of these


def after(state: State, cause: Cause) -> State | None:
    """The state that follows; None: this cannot happen there."""
    return TABLE.get((state, cause))


def drawing() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> incomplete", "    [*] --> trialing", "    [*] --> active: free"]
    lines += [f"    {state} --> {following}: {cause}" for (state, cause), following in TABLE.items()]
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in State if state in OVER)])
