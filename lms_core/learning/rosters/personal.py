"""What rosters hold about a person."""

from lms_core.kit.personal import Act, Mine, declare
from lms_core.learning.rosters.models import Roster, RosterLine

declare(
    "rosters",
    Mine(RosterLine.user_id),
    Act(Roster.owner_id, only=("id", "name", "created_at")),
)
