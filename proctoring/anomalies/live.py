"""Telling at once: the live wall that a session changed, and the taker what would help their camera.

The wall's stream has a new name every minute, so that it stays short however
long an exam lasts; a message only says "look again", the rows come from the database.
"""

from datetime import datetime
from uuid import UUID

from lms_core.kit.context import Resources
from lms_core.kit.realtime import Streams
from proctoring.anomalies.findings import Findings
from proctoring.sessions.schemas import SessionCard


def wall_stream(course_id: UUID, at: datetime) -> str:
    """The stream of a course's running sessions in the minute of `at`."""
    return f"proctor-wall:{course_id}:{int(at.timestamp() // 60)}"


def advice_stream(session_id: UUID) -> str:
    """The stream of hints for one taker."""
    return f"proctor-advice:{session_id}"


def tell(resources: Resources, card: SessionCard, findings: Findings, *, now: datetime) -> None:
    """After the findings are stored: wake the wall, and send the taker's page its hints."""
    streams = resources.get(Streams)  # type: ignore[type-abstract]
    streams.append(wall_stream(card.course_id, now), {"event": "changed", "data": {"session_id": str(card.id)}})
    if card.ended_at is None:
        message = {"event": "advice", "data": {"advice": list(findings.advice)}}
        said = streams.read(advice_stream(card.id), after=0, wait=0)
        if not said or said[-1] != message:
            streams.append(advice_stream(card.id), message)
    else:
        streams.append(advice_stream(card.id), {"event": "done", "data": {}})
