"""When an assignment is open for somebody: its dates, theirs, and what may be handed in at a moment. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lms_core.kit.errors import DomainError
from lms_core.learning.assignments import penalties
from lms_core.learning.assignments.errors import NotOpenYet, SubmissionClosed
from lms_core.learning.assignments.models import Assignment, Extension, LateRule


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates that hold for one learner or group; None: there is none. `extended`: later than the others'."""

    opens_at: datetime | None
    due_at: datetime | None
    cutoff_at: datetime | None
    extended: bool = False


def dates_for(assignment: Assignment, extensions: Sequence[Extension] = ()) -> Dates:
    """The assignment's dates, moved by the extensions of its owner; of a group the latest counts for all."""
    due, cutoff = assignment.due_at, assignment.cutoff_at
    for each in extensions:
        due = max(due, each.due_at) if due is not None else None
        if cutoff is not None:
            cutoff = max(cutoff, each.cutoff_at or each.due_at)
    return Dates(assignment.opens_at, due, cutoff, (due, cutoff) != (assignment.due_at, assignment.cutoff_at))


def refusal(assignment: Assignment, dates: Dates, now: datetime) -> DomainError | None:
    """Why nothing is taken at `now`, or None."""
    if dates.opens_at is not None and now < dates.opens_at:
        return NotOpenYet(dates.opens_at)
    ends = [dates.cutoff_at, dates.due_at if assignment.late_rule == LateRule.REFUSE else None]
    passed = [each for each in ends if each is not None and now > each]
    return SubmissionClosed(min(passed)) if passed else None


def kept_percent(assignment: Assignment, dates: Dates, submitted_at: datetime) -> float:
    """How much of its points work handed in at `submitted_at` keeps, in percent."""
    return penalties.kept_percent(
        assignment.late_rule,
        days=penalties.days_late(submitted_at, dates.due_at),
        percent=assignment.late_percent,
        floor=assignment.late_floor,
    )
