"""From a session's whole material to its findings, as one pure computation.

The same material gives the same findings, in whatever order it arrived. The
stages: pictures to readings, calibration and switching off, page events to
signals, hysteresis, time not watched, advice for the taker.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from proctoring.anomalies.hysteresis import Span, merge, spans_of_events, spans_of_pictures
from proctoring.anomalies.rules import DEFAULTS, Rule, Source
from proctoring.detection.schemas import Box, PictureAnalysis
from proctoring.signals import calibration, page, pictures, sameness, watching
from proctoring.signals.calibration import SwitchedOff
from proctoring.signals.schemas import Baseline, Detector, Gap, Kind, PageEvent, Picture, Reading, Rules, Signal

SILENT_INTERVALS = 6.0  # without a picture before a run of them begins anew
MERGED_INTERVALS = 3.0
ADVICE_AFTER = 2  # pictures in a row before the taker is told
ADVICE: dict[Kind, str] = {
    Kind.CAMERA_DARK: "more_light",
    Kind.CAMERA_COVERED: "uncover_camera",
    Kind.CAMERA_BLURRED: "clean_lens",
    Kind.FACE_MISSING: "show_face",
    Kind.FACE_COVERED: "show_face",
    Kind.NO_PERSON: "sit_in_view",
}


@dataclass(frozen=True, slots=True)
class Material:
    """Everything known about one session. `ended_at` None: it runs.

    `silences` are spans in which the server heard nothing from the page; an open one has no end.
    """

    started_at: datetime
    ended_at: datetime | None
    now: datetime
    pictures: Sequence[Picture] = ()
    events: Sequence[PageEvent] = ()
    silences: Sequence[tuple[datetime, datetime | None]] = ()
    precheck: Sequence[PictureAnalysis] = ()
    rules: Rules = field(default_factory=Rules)
    table: Mapping[Kind, Rule] = field(default_factory=lambda: DEFAULTS)

    @property
    def until(self) -> datetime:
        """The end of the session, or now while it runs."""
        return max(self.started_at, self.ended_at or self.now)


@dataclass(frozen=True, slots=True)
class Found:
    """An anomaly before it is a row. `evidence` are snapshots, `events` what the page told."""

    kind: Kind
    rule: str
    severity: str
    confidence: float
    started_at: datetime
    ended_at: datetime
    ongoing: bool
    evidence: tuple[UUID, ...]
    events: tuple[UUID, ...]
    numbers: dict[str, float]


@dataclass(frozen=True, slots=True)
class Findings:
    """What the rules make of a session. `watched_seconds`: in which everything the policy asks for was looked for."""

    anomalies: tuple[Found, ...]
    not_watched: tuple[Gap, ...]
    total_seconds: float
    watched_seconds: float
    baseline: Baseline | None
    switched_off: tuple[SwitchedOff, ...]
    advice: tuple[str, ...]
    last_signal: Signal | None
    models: dict[str, str]


def assess(material: Material) -> Findings:
    """The findings of one session."""
    ordered = _in_order(material.pictures)
    analysed = [picture for picture in ordered if picture.analysis is not None]
    baseline = calibration.baseline_of(material.precheck, origin="pre-check") or calibration.baseline_for(analysed)
    readings, switched_off = _read(analysed, material, baseline)
    told = (
        *page.read(material.events, rules=material.rules, until=material.until),
        *watching.missing_snapshots(ordered),
    )
    shown = [signal for reading in readings for signal in reading.signals]
    gaps = _gaps(ordered, material)
    total = (material.until - material.started_at).total_seconds()
    return Findings(
        anomalies=tuple(_anomalies(readings, told, material)),
        not_watched=gaps,
        total_seconds=total,
        watched_seconds=max(0.0, total - watching.total_seconds(gaps, of_checks=True)),
        baseline=baseline,
        switched_off=switched_off,
        advice=_advice(readings) if material.ended_at is None else (),
        last_signal=max((*shown, *told), key=lambda signal: (signal.at, signal.kind), default=None),
        models=_models(analysed),
    )


def _in_order(found: Iterable[Picture]) -> list[Picture]:
    once = {picture.id: picture for picture in found}
    return sorted(once.values(), key=lambda picture: (picture.at, picture.sequence, picture.id))


def _read(
    analysed: list[Picture], material: Material, baseline: Baseline | None
) -> tuple[list[Reading], tuple[SwitchedOff, ...]]:
    readings = _readings(analysed, material.rules, baseline, frozenset())
    switched_off = calibration.failing(analysed, readings)
    if switched_off:
        off = frozenset(each.detector for each in switched_off)
        readings = _readings(analysed, material.rules, baseline, off)
    return sameness.add_sameness(analysed, readings, rules=material.rules), switched_off


def _readings(
    analysed: list[Picture], rules: Rules, baseline: Baseline | None, off: frozenset[Detector]
) -> list[Reading]:
    done, last_face = [], None
    for picture in analysed:
        reading = pictures.read(picture, rules=rules, baseline=baseline, off=off, last_face=last_face)
        assert reading is not None and picture.analysis is not None  # only analysed pictures come here
        done.append(reading)
        last_face = _face_box(picture.analysis) or last_face
    return done


def _face_box(analysis: PictureAnalysis) -> Box | None:
    face = pictures.main_face(analysis.faces)
    return face.box if face is not None else None


def _anomalies(readings: list[Reading], told: Iterable[Signal], material: Material) -> list[Found]:
    told = list(told)
    interval, found = material.rules.interval_seconds, list[Found]()
    running = material.ended_at is None
    for rule in material.table.values():
        if rule.source is Source.PAGE:
            spans = spans_of_events(told, rule, until=material.until, running=running)
        else:
            spans = spans_of_pictures(readings, rule, silence=SILENT_INTERVALS * interval)
            spans = merge(spans, seconds=max(rule.merge_seconds, MERGED_INTERVALS * interval))
        found += [_found(span, rule, running) for span in spans]
    return sorted(found, key=lambda each: (each.started_at, each.kind))


def _found(span: Span, rule: Rule, running: bool) -> Found:
    sources = span.evidence()
    of_pictures = rule.source is Source.PICTURES or rule.kind is Kind.SNAPSHOTS_MISSING
    return Found(
        kind=rule.kind,
        rule=rule.name,
        severity=rule.severity.value,
        confidence=round(span.confidence, 4),
        started_at=span.started_at,
        ended_at=span.ended_at,
        ongoing=span.ongoing and running,
        evidence=sources if of_pictures else (),
        events=() if of_pictures else sources,
        numbers=_numbers(span, rule),
    )


def _numbers(span: Span, rule: Rule) -> dict[str, float]:
    """What the rule counted, with what it needed; of what each signal measured the mean."""
    measured: dict[str, list[float]] = {}
    for signal in span.signals:
        for name, value in signal.numbers.items():
            measured.setdefault(name, []).append(value)
    counted = {
        "seen": len(span.signals),
        "looked": span.looked,
        "seconds": round(span.seconds, 1),
        "strongest": round(max(signal.confidence for signal in span.signals), 4),
        "needed_hits": rule.hits,
        "needed_of": rule.window,
        "needed_seconds": rule.seconds,
    }
    return counted | {name: round(sum(values) / len(values), 3) for name, values in sorted(measured.items())}


def _gaps(ordered: list[Picture], material: Material) -> tuple[Gap, ...]:
    span = {"started_at": material.started_at, "until": material.until}
    found = list(watching.gaps(ordered, **span, rules=material.rules))
    found += watching.silences(material.silences, **span)
    return tuple(sorted(found, key=lambda gap: (gap.started_at, gap.ended_at, gap.reason, gap.check)))


def _advice(readings: list[Reading]) -> tuple[str, ...]:
    """Hints on light and camera, for the taker, before anything is counted."""
    last = readings[-ADVICE_AFTER:]
    if len(last) < ADVICE_AFTER:
        return ()
    kinds = set.intersection(*({signal.kind for signal in reading.signals} for reading in last))
    return tuple(dict.fromkeys(hint for kind, hint in ADVICE.items() if kind in kinds))


def _models(analysed: list[Picture]) -> dict[str, str]:
    """Role -> names and versions of what looked, in the order they were met."""
    names: dict[str, dict[str, None]] = {}
    for picture in analysed:
        for role, name in picture.analysis.models.items() if picture.analysis is not None else ():
            names.setdefault(role, {})[name] = None
    return {role: ", ".join(found) for role, found in sorted(names.items())}
