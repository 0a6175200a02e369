"""What flags hold about a person: about takers, and about those who decide."""

from lms_core.kit.personal import Act, Mine, declare
from proctoring.anomalies.models import Anomaly, Summary
from proctoring.sessions.models import Session

declare(
    "proctor_flags",
    Mine(Anomaly.session_id, via=Session.user_id, without=frozenset({"decided_by"})),
    Mine(Summary.session_id, via=Session.user_id),
    Act(Anomaly.decided_by, why="the flags that somebody decided are about the takers"),
)
