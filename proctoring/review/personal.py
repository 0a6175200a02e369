"""What reviews hold about a person: about takers, and about those who review."""

from lms_core.kit.personal import Act, Mine, declare
from proctoring.review.models import Review, ReviewStep
from proctoring.sessions.models import Session

_ABOUT_TAKERS = "what somebody decided about the sittings of others is about those"

declare(
    "proctor_reviews",
    Mine(Review.session_id, via=Session.user_id, without=frozenset({"proposed_by", "decided_by", "answered_by"})),
    Act(Review.proposed_by, why=_ABOUT_TAKERS),
    Act(Review.decided_by, why=_ABOUT_TAKERS),
    Act(Review.answered_by, why=_ABOUT_TAKERS),
    Act(ReviewStep.by, why=_ABOUT_TAKERS),
)
