"""What reviews hold about a person: their own, and what they reported; an answer of staff stays without their name."""

from lms_core.kit.personal import Act, Mine, declare
from lms_core.learning.reviews.models import Review, ReviewReport
from lms_core.learning.reviews.moderating import forget

declare(
    "reviews",
    Mine(Review.user_id),
    Mine(ReviewReport.user_id),
    Act(Review.replied_by, only=("id", "course_id", "reply", "replied_at")),
    first=forget,
)
