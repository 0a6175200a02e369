"""Findings to rows: what was found again keeps its row, and with it its id and a reviewer's decision."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import WriteCtx
from proctoring.anomalies.findings import Findings, Found
from proctoring.anomalies.models import Anomaly, Decision, Severity, Summary
from proctoring.anomalies.risk import Risk, Weighed, score
from proctoring.anomalies.rules import Rule
from proctoring.signals.schemas import Kind

PREFERRED = {Decision.CONFIRMED: 0, Decision.DISMISSED: 1, Decision.OPEN: 2}


def locked_summary(ctx: WriteCtx, session_id: UUID) -> Summary:
    """The session's summary row, made when missing, with this transaction as its only writer."""
    found = ctx.session.execute(
        select(Summary).where(Summary.session_id == session_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    return found or ctx.add(Summary(session_id=session_id, version=0, computed_at=ctx.now))


def keep(ctx: WriteCtx, session_id: UUID, anomalies: Iterable[Found]) -> list[Anomaly]:
    """Make the session's rows say `anomalies`. What no longer holds is deleted, or withdrawn where it has a history."""
    stored = list(
        ctx.session.execute(
            select(Anomaly).where(Anomaly.session_id == session_id).order_by(Anomaly.started_at, Anomaly.id)
        ).scalars()
    )
    kept = []
    for found in anomalies:
        row = _same(found, stored)
        if row is None:
            row = Anomaly(session_id=session_id, created_at=ctx.now, **_values(found))
            ctx.session.add(row)
        else:
            stored.remove(row)
            for name, value in _values(found).items():
                setattr(row, name, value)
            row.withdrawn_at = None
        kept.append(row)
    for row in stored:
        if row.touched:
            row.withdrawn_at, row.ongoing = row.withdrawn_at or ctx.now, False
        else:
            ctx.session.delete(row)
    ctx.session.flush()
    return kept


def _same(found: Found, stored: Sequence[Anomaly]) -> Anomaly | None:
    """The row of the same kind that overlaps in time; of several the one a person decided, then the earliest."""
    overlapping = [
        row
        for row in stored
        if row.kind == found.kind and row.started_at <= found.ended_at and found.started_at <= row.ended_at
    ]
    return min(overlapping, key=lambda row: (PREFERRED[Decision(row.decision)], row.started_at, row.id), default=None)


def _values(found: Found) -> dict[str, object]:
    return {
        "kind": found.kind.value,
        "severity": Severity(found.severity),
        "confidence": found.confidence,
        "started_at": found.started_at,
        "ended_at": found.ended_at,
        "ongoing": found.ongoing,
        "evidence": [str(each) for each in found.evidence],
        "events": [str(each) for each in found.events],
        "rule": found.rule,
        "numbers": dict(found.numbers),
    }


def sum_up(summary: Summary, rows: Iterable[Anomaly], *, table: Mapping[Kind, Rule], findings: Findings | None) -> Risk:
    """Write risk and counts of `rows` into the summary, and `findings` where there are new ones."""
    counted = [row for row in rows if row.withdrawn_at is None and row.decision != Decision.DISMISSED]
    risk = score((_weighed(row) for row in counted), table)
    summary.risk, summary.risk_level = risk.score, risk.level
    summary.risk_parts = [
        {
            "kind": part.kind.value,
            "anomalies": part.anomalies,
            "weight": part.weight,
            "cap": part.cap,
            "uncapped": part.uncapped,
            "points": round(part.points, 1),
        }
        for part in risk.parts
    ]
    counts: dict[str, int] = {}
    for row in counted:
        counts[row.kind] = counts.get(row.kind, 0) + 1
    summary.counts = counts
    summary.ongoing = sorted({row.kind for row in counted if row.ongoing})
    summary.version += 1
    if findings is not None:
        _describe(summary, findings)
    return risk


def _weighed(row: Anomaly) -> Weighed:
    return Weighed(Kind(row.kind), row.confidence, (row.ended_at - row.started_at).total_seconds())


def _describe(summary: Summary, findings: Findings) -> None:
    summary.not_watched = [
        {
            "started_at": gap.started_at.isoformat(),
            "ended_at": gap.ended_at.isoformat(),
            "reason": gap.reason,
            "check": gap.check,
        }
        for gap in findings.not_watched
    ]
    summary.watched_seconds, summary.total_seconds = findings.watched_seconds, findings.total_seconds
    summary.switched_off = {
        each.detector.value: {"reason": each.reason, "pictures": each.pictures, "share": each.share}
        for each in findings.switched_off
    }
    summary.advice = list(findings.advice)
    summary.models = dict(findings.models)
    if findings.last_signal is not None:
        summary.last_kind = findings.last_signal.kind.value
        summary.last_signal_at = findings.last_signal.at
