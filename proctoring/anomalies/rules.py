"""Every rule in one table: when signals become an anomaly, when it ends, how severe it is and what it weighs.

Read with `hysteresis`: an anomaly begins once `hits` of the last `window`
pictures show it and `seconds` have passed since the first of them; it ends after
`release` pictures in a row that were looked at and do not show it. Page events
need `seconds` in all, or `hits` of them, whichever the row states. Anomalies of one kind
closer than `merge_seconds` are one. The reasons stand in docs/proctoring-rules.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from proctoring.anomalies.models import Severity
from proctoring.signals.schemas import Kind


class Source(StrEnum):
    """Where a rule's signals come from."""

    PICTURES = "pictures"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `weight` 0: shown, never counted. `cap` is the most its kind can add to the risk."""

    kind: Kind
    source: Source
    severity: Severity
    weight: float
    hits: int = 1
    window: int = 1
    seconds: float = 0.0
    release: int = 2
    merge_seconds: float = 30.0

    @property
    def name(self) -> str:
        """What reports call the rule: `phone:2of3`, `face_turned:3of4,5s`, `left_page:1`."""
        need = f"{self.hits}of{self.window}" if self.source is Source.PICTURES else f"{self.hits}"
        return f"{self.kind}:{need}" + (f",{self.seconds:g}s" if self.seconds else "")

    @property
    def cap(self) -> float:
        """Three times the weight, and never enough to reach "high" (60) alone."""
        return min(3 * self.weight, LARGEST_CAP)


LARGEST_CAP = 40.0
P, W = Source.PICTURES, Source.PAGE
INFO, LOW, MEDIUM, HIGH = Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH

TABLE: tuple[Rule, ...] = (
    Rule(Kind.OTHER_PERSON, P, HIGH, 20, hits=3, window=4),
    Rule(Kind.SEVERAL_PERSONS, P, HIGH, 14, hits=2, window=3),
    Rule(Kind.PHONE, P, HIGH, 14, hits=2, window=3),
    Rule(Kind.CAMERA_LOOPED, P, HIGH, 14, hits=3, window=4),
    Rule(Kind.FORBIDDEN_MATERIAL, P, MEDIUM, 8, hits=2, window=3),
    Rule(Kind.NO_PERSON, P, MEDIUM, 8, hits=3, window=3, seconds=10),
    Rule(Kind.CAMERA_FROZEN, P, MEDIUM, 8, hits=3, window=3),
    Rule(Kind.CAMERA_COVERED, P, MEDIUM, 6, hits=2, window=2),
    Rule(Kind.FACE_COVERED, P, LOW, 3, hits=3, window=3, seconds=10),
    Rule(Kind.FACE_TURNED, P, LOW, 3, hits=3, window=4, seconds=5),
    Rule(Kind.GAZE_ASIDE, P, LOW, 2, hits=3, window=4, seconds=5),
    Rule(Kind.FACE_MISSING, P, INFO, 0, hits=3, window=3, seconds=10),
    Rule(Kind.CAMERA_DARK, P, INFO, 0, hits=2, window=2),
    Rule(Kind.CAMERA_BLURRED, P, INFO, 0, hits=2, window=2),
    Rule(Kind.LEFT_PAGE, W, MEDIUM, 8),
    Rule(Kind.PASTE, W, MEDIUM, 6),
    Rule(Kind.PRINT, W, MEDIUM, 6),
    Rule(Kind.CAMERA_STOPPED, W, LOW, 4, seconds=2),
    Rule(Kind.SPEECH, W, LOW, 4, seconds=5),
    Rule(Kind.DEVELOPER_TOOLS, W, LOW, 4),
    Rule(Kind.FULLSCREEN_LEFT, W, LOW, 3, seconds=2),
    Rule(Kind.SEVERAL_SCREENS, W, LOW, 3),
    Rule(Kind.COPY, W, LOW, 2),
    Rule(Kind.NETWORK_GAP, W, INFO, 0),
    Rule(Kind.SNAPSHOTS_MISSING, W, INFO, 0),
)
DEFAULTS: dict[Kind, Rule] = {rule.kind: rule for rule in TABLE}


def rules_for(*, weights: Mapping[str, float], seconds: Mapping[str, float], off: frozenset[Kind]) -> dict[Kind, Rule]:
    """The table as a policy changes it: other weights, other durations, kinds left out.

    What weighs nothing by default stays weightless: no policy turns a missing face or a dark room into misconduct.
    """
    changed = {}
    for kind, rule in DEFAULTS.items():
        if kind in off:
            continue
        weight = float(weights.get(kind, rule.weight)) if rule.weight > 0 else 0.0
        changed[kind] = replace(rule, weight=weight, seconds=float(seconds.get(kind, rule.seconds)))
    return changed
