"""The risk score: 0 to 100, made of parts that a reader can add up.

    part of a kind = min(cap, sum over its anomalies of  weight x confidence x (1 + log2(1 + seconds / 30)))
    score          = min(100, sum of the parts)

The logarithm makes the second minute of a thing matter less than the first; the
cap keeps one flapping detector below "high" by itself. Dismissed and withdrawn
anomalies add nothing. More, longer or surer anomalies never lower the score, and
their order does not matter (sums are exact: `math.fsum`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum, log2

from proctoring.anomalies.models import RiskLevel
from proctoring.anomalies.rules import Rule
from proctoring.signals.schemas import Kind

MEDIUM_FROM, HIGH_FROM = 25, 60
HALF_MINUTE = 30.0
HIGHEST = 100.0


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the score needs of an anomaly."""

    kind: Kind
    confidence: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind adds. `uncapped` is what it would add without its cap."""

    kind: Kind
    anomalies: int
    weight: float
    cap: float
    uncapped: float
    points: float


@dataclass(frozen=True, slots=True)
class Risk:
    """A score with its parts, the largest first."""

    score: int
    level: RiskLevel
    parts: tuple[Part, ...]


def score(anomalies: Iterable[Weighed], rules: Mapping[Kind, Rule]) -> Risk:
    """The risk of a session's anomalies under `rules`; kinds without a rule add nothing."""
    by_kind: dict[Kind, list[float]] = {}
    for anomaly in anomalies:
        rule = rules.get(anomaly.kind)
        if rule is not None and rule.weight > 0:
            by_kind.setdefault(anomaly.kind, []).append(rule.weight * anomaly.confidence * length(anomaly.seconds))
    parts = [_part(rules[kind], points) for kind, points in by_kind.items()]
    parts.sort(key=lambda part: (-part.points, part.kind))
    total = int(min(HIGHEST, fsum(part.points for part in parts)))
    return Risk(total, level_of(total), tuple(parts))


def length(seconds: float) -> float:
    """How much a duration multiplies: 1 for a moment, 2 for half a minute, 3 for a minute and a half."""
    return 1.0 + log2(1.0 + max(0.0, seconds) / HALF_MINUTE)


def level_of(points: int) -> RiskLevel:
    """The band of a score."""
    if points >= HIGH_FROM:
        return RiskLevel.HIGH
    return RiskLevel.MEDIUM if points >= MEDIUM_FROM else RiskLevel.LOW


def _part(rule: Rule, points: list[float]) -> Part:
    uncapped = fsum(points)
    return Part(rule.kind, len(points), rule.weight, rule.cap, round(uncapped, 1), min(rule.cap, uncapped))
