"""What pictures hold about a person.

They are listed with times and kinds, not handed out: they may show others who were in the room. Their taker sees them
on the page of each sitting until they are deleted.
"""

from lms_core.kit.personal import Mine, declare
from proctoring.evidence.models import Snapshot
from proctoring.sessions.models import Session

declare(
    "proctor_pictures",
    Mine(
        Snapshot.session_id,
        via=Session.user_id,
        without=frozenset({"storage_key", "sha256", "claimed_by", "claimed_until"}),
    ),
)
