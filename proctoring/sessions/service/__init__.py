"""The verbs of sessions, one module per use case; `from proctoring.sessions import service as sessions`."""

from proctoring.sessions.queries import page_events, steps
from proctoring.sessions.service.access import (
    access_for_review,
    access_own,
    card,
    cards,
    for_review,
    of_attempt,
    of_person,
    own_state,
    silences,
    view,
)
from proctoring.sessions.service.recording import count_refused, note_events, note_picture, sign_of_life
from proctoring.sessions.service.sitting import begin, check, end, expire, start, take
from proctoring.sessions.service.upkeep import (
    end_late,
    end_supervision,
    forget_pictures,
    interrupt,
    note_enrolled,
    note_unavailable,
)

__all__ = [
    "access_for_review",
    "access_own",
    "begin",
    "card",
    "cards",
    "check",
    "count_refused",
    "end",
    "end_late",
    "end_supervision",
    "expire",
    "for_review",
    "forget_pictures",
    "interrupt",
    "note_enrolled",
    "note_events",
    "note_picture",
    "note_unavailable",
    "of_attempt",
    "of_person",
    "own_state",
    "page_events",
    "sign_of_life",
    "silences",
    "start",
    "steps",
    "take",
    "view",
]
