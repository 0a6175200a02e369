"""Every step a session can take, in one table.

created -consent-> consented -check-> checked -begin-> active <-interrupt/resume-> interrupted
active|interrupted|consented|checked -end-> ended -analyse-> analysed -review-> under_review
under_review -pass-> passed, -reject-> rejected; rejected -appeal-> appealed -uphold-> passed, -turn_down-> closed
passed|rejected -close-> closed; what never began -expire-> expired
"""

from enum import StrEnum
from typing import Literal

from proctoring.sessions.errors import SessionNotThere


class SessionState(StrEnum):
    """Where a session stands."""

    CREATED = "created"
    CONSENTED = "consented"
    CHECKED = "checked"
    ACTIVE = "active"
    INTERRUPTED = "interrupted"
    ENDED = "ended"
    ANALYSED = "analysed"
    UNDER_REVIEW = "under_review"
    PASSED = "passed"
    REJECTED = "rejected"
    APPEALED = "appealed"
    CLOSED = "closed"
    EXPIRED = "expired"


Step = Literal[
    "consent",
    "check",
    "begin",
    "interrupt",
    "resume",
    "end",
    "expire",
    "analyse",
    "review",
    "pass",
    "reject",
    "appeal",
    "uphold",
    "turn_down",
    "close",
]
S = SessionState

TRANSITIONS: dict[tuple[SessionState, Step], SessionState] = {
    (S.CREATED, "consent"): S.CONSENTED,
    (S.CREATED, "expire"): S.EXPIRED,
    (S.CONSENTED, "check"): S.CHECKED,
    (S.CONSENTED, "end"): S.ENDED,
    (S.CONSENTED, "expire"): S.EXPIRED,
    (S.CHECKED, "check"): S.CHECKED,
    (S.CHECKED, "begin"): S.ACTIVE,
    (S.CHECKED, "end"): S.ENDED,
    (S.CHECKED, "expire"): S.EXPIRED,
    (S.ACTIVE, "interrupt"): S.INTERRUPTED,
    (S.ACTIVE, "end"): S.ENDED,
    (S.INTERRUPTED, "resume"): S.ACTIVE,
    (S.INTERRUPTED, "end"): S.ENDED,
    (S.ENDED, "analyse"): S.ANALYSED,
    (S.ANALYSED, "review"): S.UNDER_REVIEW,
    (S.UNDER_REVIEW, "pass"): S.PASSED,
    (S.UNDER_REVIEW, "reject"): S.REJECTED,
    (S.REJECTED, "appeal"): S.APPEALED,
    (S.REJECTED, "close"): S.CLOSED,
    (S.APPEALED, "uphold"): S.PASSED,
    (S.APPEALED, "turn_down"): S.CLOSED,
    (S.PASSED, "close"): S.CLOSED,
}
BEFORE = (S.CREATED, S.CONSENTED, S.CHECKED)
RUNNING = (S.ACTIVE, S.INTERRUPTED)
UNFINISHED = (*BEFORE, *RUNNING)
RECORDING = (S.CONSENTED, S.CHECKED, *RUNNING)  # pictures and events are taken from the consent on
JUDGED = (S.PASSED, S.REJECTED, S.APPEALED, S.CLOSED)
REVIEW_STEPS: frozenset[Step] = frozenset({"review", "pass", "reject", "appeal", "uphold", "turn_down", "close"})


def after(state: SessionState, step: Step) -> SessionState:
    """Where `step` leads from `state`; SessionNotThere when it is not a step from there."""
    reached = TRANSITIONS.get((SessionState(state), step))
    if reached is None:
        raise SessionNotThere(state, step)
    return reached
