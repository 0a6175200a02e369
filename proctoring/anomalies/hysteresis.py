"""Signals over time to spans: the state machine for pictures, the sums for page events, and merging.

For one kind, over the pictures that were looked at for it, oldest first:

| state | picture shows it | picture does not | no picture for longer than `silence` |
|---|---|---|---|
| quiet | suspected (a run begins) | quiet | quiet |
| suspected | flagged if the rule holds, else suspected | quiet after `release` in a row | quiet |
| flagged | flagged (the span lengthens) | quiet after `release` in a row | quiet |

The rule holds when `hits` of the last `window` pictures show it, `seconds` after
the run began. A span ends where the kind was last seen.

Pictures that could not show the kind (too dark, check not made, not analysed)
count neither way. A run of one picture never flags: `hits` is at least 2.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import fsum
from uuid import UUID

from proctoring.anomalies.rules import Rule
from proctoring.signals.schemas import Kind, Reading, Signal

EVIDENCE = 12  # sources named per span: the first, the last, and the surest between


class State(StrEnum):
    """Where one kind stands."""

    QUIET = "quiet"
    SUSPECTED = "suspected"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True)
class Span:
    """A kind that held for a time. `signals` are those that show it; `looked` counts pictures that could have."""

    kind: Kind
    started_at: datetime
    ended_at: datetime
    signals: tuple[Signal, ...]
    looked: int
    ongoing: bool = False

    @property
    def confidence(self) -> float:
        """Mean confidence of what was seen."""
        return fsum(signal.confidence for signal in self.signals) / len(self.signals)

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.ended_at - self.started_at).total_seconds()

    def evidence(self) -> tuple[UUID, ...]:
        """The sources that show it best, oldest first."""
        ordered = sorted(self.signals, key=lambda signal: (signal.at, signal.sources))
        ends = {0, len(ordered) - 1}
        between = sorted(set(range(len(ordered))) - ends, key=lambda at: (-ordered[at].confidence, at))
        chosen = sorted({*ends, *between[: EVIDENCE - len(ends)]})
        return tuple(dict.fromkeys(source for at in chosen for source in ordered[at].sources))


@dataclass(slots=True)
class _Run:
    """What one kind has shown since it was last quiet."""

    state: State = State.QUIET
    hits: list[Signal] = field(default_factory=list)
    recent: deque[bool] = field(default_factory=deque)
    misses: int = 0
    looked: int = 0
    looked_at_last_hit: int = 0


def spans_of_pictures(readings: Iterable[Reading], rule: Rule, *, silence: float) -> list[Span]:
    """Spans in which `rule` held. The order in which readings arrive does not matter; repeats of one count once."""
    if rule.hits < 2:
        raise ValueError(f"{rule.kind}: one picture never makes an anomaly")
    ordered = sorted({reading.picture_id: reading for reading in readings}.values(), key=_when)
    run, spans, before = _Run(), list[Span](), None
    for reading in ordered:
        if rule.kind not in reading.looked:
            continue
        if before is not None and (reading.at - before).total_seconds() > silence:
            run = _close(run, spans)
        before = reading.at
        shown = [signal for signal in reading.signals if signal.kind is rule.kind]
        run = _step(run, shown[0] if shown else None, rule, spans)
    ongoing = run.state is State.FLAGGED
    _close(run, spans)
    if ongoing:
        spans[-1] = _as_ongoing(spans[-1])
    return spans


def _when(reading: Reading) -> tuple[datetime, UUID]:
    return reading.at, reading.picture_id


def _step(run: _Run, signal: Signal | None, rule: Rule, spans: list[Span]) -> _Run:
    """One picture further along the table above."""
    if signal is None and run.state is State.QUIET:
        return run
    run.looked += 1
    run.recent.append(signal is not None)
    if len(run.recent) > rule.window:
        run.recent.popleft()
    if signal is None:
        run.misses += 1
        return _close(run, spans) if run.misses >= rule.release else run
    run.hits.append(signal)
    run.misses, run.looked_at_last_hit = 0, run.looked
    lasted = (signal.at - run.hits[0].at).total_seconds()
    if run.state is not State.FLAGGED:
        holds = sum(run.recent) >= rule.hits and lasted >= rule.seconds
        run.state = State.FLAGGED if holds else State.SUSPECTED
    return run


def _close(run: _Run, spans: list[Span]) -> _Run:
    if run.state is State.FLAGGED:
        first, last = run.hits[0].at, run.hits[-1].at
        spans.append(Span(run.hits[0].kind, first, last, tuple(run.hits), run.looked_at_last_hit))
    return _Run()


def _as_ongoing(span: Span) -> Span:
    return Span(span.kind, span.started_at, span.ended_at, span.signals, span.looked, ongoing=True)


def spans_of_events(signals: Iterable[Signal], rule: Rule, *, until: datetime, running: bool) -> list[Span]:
    """Spans of page events of the rule's kind: joined when near, kept when they last or repeat enough."""
    own = {signal.sources: signal for signal in signals if signal.kind is rule.kind}
    alone = [
        Span(rule.kind, signal.at, signal.until, (signal,), 1, ongoing=running and signal.until >= until)
        for signal in own.values()
    ]
    return [
        span
        for span in merge(alone, seconds=rule.merge_seconds)
        if len(span.signals) >= rule.hits and _covered(span) >= rule.seconds
    ]


def _covered(span: Span) -> float:
    return fsum((signal.until - signal.at).total_seconds() for signal in span.signals)


def merge(spans: Sequence[Span], *, seconds: float) -> list[Span]:
    """Spans of one kind, those nearer to each other than `seconds` joined. Merging twice changes nothing."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.started_at, each.ended_at, each.evidence())):
        last = merged[-1] if merged else None
        if last is not None and span.started_at - last.ended_at <= timedelta(seconds=seconds):
            merged[-1] = _joined(last, span)
        else:
            merged.append(span)
    return merged


def _joined(one: Span, two: Span) -> Span:
    signals = {signal.sources: signal for signal in (*one.signals, *two.signals)}
    return Span(
        one.kind,
        one.started_at,
        max(one.ended_at, two.ended_at),
        tuple(sorted(signals.values(), key=lambda signal: (signal.at, signal.sources))),
        one.looked + two.looked,
        ongoing=one.ongoing or two.ongoing,
    )
