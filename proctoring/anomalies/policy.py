"""A policy as the table of rules of one session."""

from proctoring.anomalies.rules import Rule, rules_for
from proctoring.detection.schemas import Check
from proctoring.policies.schemas import PolicyIn
from proctoring.signals.schemas import Kind


def table_of(policy: PolicyIn) -> dict[Kind, Rule]:
    """The rules in force under `policy`: what it does not watch is no rule, whoever reports it."""
    watched = {
        Kind.FULLSCREEN_LEFT: policy.fullscreen,
        Kind.SPEECH: policy.microphone,
        Kind.OTHER_PERSON: policy.identity,
        Kind.FACE_TURNED: Check.HEAD in policy.checks,
        Kind.GAZE_ASIDE: Check.GAZE in policy.checks,
    }
    unwatched = {kind for kind, is_watched in watched.items() if not is_watched}
    return rules_for(weights=policy.weights, seconds=policy.seconds, off=policy.off | unwatched)
