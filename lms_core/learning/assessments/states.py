"""Every step an attempt can take.

    waiting --begin--> open --submit--> submitted --grade--> graded (--grade--> graded)
    waiting --expire--> expired

Voiding is no step: it marks a finished attempt as not counting, and can be
taken back, whatever was graded meanwhile.
"""

from typing import Literal

from lms_core.learning.assessments.errors import AttemptNotThere
from lms_core.learning.assessments.models import AttemptStatus

Step = Literal["begin", "submit", "grade", "expire"]

TRANSITIONS: dict[tuple[AttemptStatus, Step], AttemptStatus] = {
    (AttemptStatus.WAITING, "begin"): AttemptStatus.OPEN,
    (AttemptStatus.WAITING, "expire"): AttemptStatus.EXPIRED,
    (AttemptStatus.OPEN, "submit"): AttemptStatus.SUBMITTED,
    (AttemptStatus.SUBMITTED, "grade"): AttemptStatus.GRADED,
    (AttemptStatus.GRADED, "grade"): AttemptStatus.GRADED,
}
UNFINISHED = (AttemptStatus.WAITING, AttemptStatus.OPEN)
FINISHED = (AttemptStatus.SUBMITTED, AttemptStatus.GRADED)


def after(status: AttemptStatus, step: Step) -> AttemptStatus:
    """Where `step` leads from `status`; AttemptNotThere when it is not a step from there."""
    reached = TRANSITIONS.get((status, step))
    if reached is None:
        raise AttemptNotThere(status, step)
    return reached
