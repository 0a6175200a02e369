"""What supervised sittings hold about a person. `proctoring.privacy` takes their pictures away first."""

from lms_core.kit.personal import Act, Mine, declare
from proctoring.sessions.models import PageEventRow, Session, SessionStep

declare(
    "proctor_sessions",
    Mine(Session.user_id),
    Mine(SessionStep.session_id, via=Session.user_id, without=frozenset({"by"})),
    Mine(PageEventRow.session_id, via=Session.user_id),
    Act(SessionStep.by, why="the steps that somebody took in the sittings of others are about those"),
)
