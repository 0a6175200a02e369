"""How much of a session was watched: wholly, or in part because a check could not be made.

Reckoned from the gaps that are stored, and rounded so that nothing reads kinder
than it is: what is not whole is never shown as 100 %.
"""

from dataclasses import dataclass
from datetime import datetime

from proctoring.anomalies.models import Summary
from proctoring.signals import watching
from proctoring.signals.schemas import Gap


@dataclass(frozen=True, slots=True)
class Coverage:
    """Percent of a session's time. `partly`: pictures were looked at, but not for everything the policy asks for."""

    watched: int
    partly: int


def of_summary(summary: Summary | None) -> Coverage:
    """The coverage of a session; nothing before its first pictures."""
    if summary is None or not summary.total_seconds:
        return Coverage(0, 0)
    gaps = [
        Gap(
            datetime.fromisoformat(gap["started_at"]),
            datetime.fromisoformat(gap["ended_at"]),
            gap["reason"],
            gap["check"],
        )
        for gap in summary.not_watched
    ]
    total = summary.total_seconds
    every = watching.total_seconds(gaps, of_checks=True)
    partly = every - watching.total_seconds(gaps)
    return Coverage(watched=int(max(0.0, 100 * (total - every) / total)), partly=min(100, round(100 * partly / total)))
