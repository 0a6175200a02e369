"""The states and kinds of everything in payments but the attempts themselves (`transitions`)."""

from enum import StrEnum


class IntentState(StrEnum):
    """Where what is to be paid stands. Money that comes late still turns `expired` and `cancelled` into `paid`."""

    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Way(StrEnum):
    """How an attempt was begun."""

    PROMPT = "prompt"
    REDIRECT = "redirect"
    SAVED = "saved"
    DEPOSIT = "deposit"
    MANUAL = "manual"


class MoveState(StrEnum):
    """Where a refund or a payout stands. `unknown`: it may have been sent, so it is never sent again."""

    CREATED = "created"
    SENDING = "sending"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


class RefundWay(StrEnum):
    """How money goes back: the way it came, to the payer's phone, or by a person's hand."""

    GATEWAY = "gateway"
    PAYOUT = "payout"
    MANUAL = "manual"


class DisputeState(StrEnum):
    """Where a dispute with the payer's bank stands."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class DepositKind(StrEnum):
    """Why money lies here that belongs to no purpose: somebody sent it, paid twice, or paid something else."""

    SENT = "sent"
    SURPLUS = "surplus"
    DIFFERENT = "different"


class DepositState(StrEnum):
    """What became of it."""

    UNMATCHED = "unmatched"
    MATCHED = "matched"
    RETURNED = "returned"


class ManualState(StrEnum):
    """Where a slip that somebody handed in stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


class Verdict(StrEnum):
    """What a callback turned out to be."""

    ACCEPTED = "accepted"
    FORGED = "forged"
    MALFORMED = "malformed"


class RunState(StrEnum):
    """Where a reconciliation stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class MismatchKind(StrEnum):
    """How ours and theirs differ."""

    AMOUNT = "amount"
    CURRENCY = "currency"
    REFERENCE = "reference"
    MODE = "mode"
    RECEIPT = "receipt"
    PAID_TWICE = "paid_twice"
    DEPOSIT = "deposit"
    STATE = "state"
    UNKNOWN_HERE = "unknown_here"
    UNKNOWN_THERE = "unknown_there"
    FOREIGN_REFUND = "foreign_refund"
    UNDECIDED = "undecided"
