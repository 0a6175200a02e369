"""What release holds about a person: what they reached, their cohorts, and until when they were told of openings."""

from lms_core.kit.personal import Mine, declare
from lms_core.learning.enrolments.models import Enrollment
from lms_core.learning.release.models import CohortMember, Milestone, ReleaseTold

declare(
    "release",
    Mine(Milestone.user_id),
    Mine(ReleaseTold.user_id),
    Mine(CohortMember.enrollment_id, via=Enrollment.user_id),
)
