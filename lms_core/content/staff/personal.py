"""What staff holds about a person: whom they invited; courses they own are handed over before they leave."""

from lms_core.content.staff.answering import hand_over
from lms_core.content.staff.models import StaffInvitation
from lms_core.kit.personal import Act, declare

declare(
    "staff",
    Act(StaffInvitation.invited_by, only=("id", "course_id", "role", "state", "created_at", "answered_at")),
    first=hand_over,
)
