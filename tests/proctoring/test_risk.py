"""The risk score: bounded, monotonic, independent of order, and never high through one detector alone."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from proctoring.anomalies.risk import HIGH_FROM, Weighed, score
from proctoring.anomalies.rules import DEFAULTS, LARGEST_CAP, rules_for
from proctoring.signals.schemas import Kind

weighed = st.builds(
    Weighed,
    kind=st.sampled_from(Kind),
    confidence=st.floats(0, 1),
    seconds=st.floats(0, 20_000),
)
many = st.lists(weighed, max_size=30)


@given(many)
def test_the_score_is_bounded_and_its_parts_add_up(anomalies: list[Weighed]) -> None:
    risk = score(anomalies, DEFAULTS)
    assert 0 <= risk.score <= 100
    assert risk.score == int(min(100, sum(part.points for part in risk.parts)) + 1e-9)
    assert all(part.points <= part.cap for part in risk.parts)


@given(many, weighed)
def test_one_more_anomaly_never_lowers_it(anomalies: list[Weighed], more: Weighed) -> None:
    assert score([*anomalies, more], DEFAULTS).score >= score(anomalies, DEFAULTS).score


@given(many, weighed, st.floats(0, 1), st.floats(0, 20_000))
def test_longer_and_surer_never_lowers_it(
    anomalies: list[Weighed], one: Weighed, confidence: float, seconds: float
) -> None:
    larger = replace(one, confidence=max(one.confidence, confidence), seconds=max(one.seconds, seconds))
    assert score([*anomalies, larger], DEFAULTS).score >= score([*anomalies, one], DEFAULTS).score


@given(many, st.integers())
def test_order_does_not_matter(anomalies: list[Weighed], seed: int) -> None:
    shuffled = list(anomalies)
    Random(seed).shuffle(shuffled)
    assert score(shuffled, DEFAULTS) == score(anomalies, DEFAULTS)


@given(st.sampled_from(Kind), st.integers(1, 200), st.floats(0, 1000))
def test_one_flapping_detector_never_reaches_high_alone(kind: Kind, times: int, weight: float) -> None:
    rules = rules_for(weights={kind: weight}, seconds={}, off=frozenset())
    assert LARGEST_CAP < HIGH_FROM
    assert score([Weighed(kind, 1.0, 3600.0)] * times, rules).score < HIGH_FROM


def test_an_example_by_hand() -> None:
    risk = score([Weighed(Kind.PHONE, 0.5, 30), Weighed(Kind.PASTE, 0.9, 0)], DEFAULTS)
    assert [(part.kind, round(part.points, 2)) for part in risk.parts] == [(Kind.PHONE, 14.0), (Kind.PASTE, 5.4)]
    assert (risk.score, risk.level) == (19, "low")
