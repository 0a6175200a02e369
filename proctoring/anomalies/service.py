"""Verbs on anomalies. Callers have authorised: `review` for people, `jobs` for the system."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select, update

from lms_core.kit.context import ReadCtx, WriteCtx
from proctoring.anomalies import coverage, reasons, storing
from proctoring.anomalies.errors import AnomalyNotFound
from proctoring.anomalies.findings import Findings
from proctoring.anomalies.models import Anomaly, Decision, RiskLevel, Summary
from proctoring.anomalies.rules import DEFAULTS, Rule
from proctoring.anomalies.schemas import AnomalyView, GapView, Precision, RiskPart, RiskView, SummaryView
from proctoring.signals.schemas import Kind


def record(
    ctx: WriteCtx,
    session_id: UUID,
    *,
    findings: Findings,
    table: Mapping[Kind, Rule],
    version: int,
    read_at: datetime,
    last_snapshot_id: UUID | None,
) -> bool:
    """Store what was found in material read at `read_at`. False, and nothing stored, when `version` is no longer the
    present one: somebody computed or decided meanwhile, so the caller reads again."""
    summary = storing.locked_summary(ctx, session_id)
    if summary.version != version:
        return False
    kept = storing.keep(ctx, session_id, findings.anomalies)
    storing.sum_up(summary, kept, table=table, findings=findings)
    summary.computed_at, summary.last_snapshot_id = read_at, last_snapshot_id or summary.last_snapshot_id
    ctx.session.flush()
    return True


def standing(ctx: ReadCtx, session_id: UUID) -> tuple[int, datetime | None]:
    """The version of what is computed for a session, and when its material was read; 0 and None before the first."""
    row = ctx.session.execute(
        select(Summary.version, Summary.computed_at).where(Summary.session_id == session_id)
    ).first()
    return (row.version, row.computed_at) if row is not None else (0, None)


def decide(
    ctx: WriteCtx, session_id: UUID, anomaly_ids: Sequence[UUID], *, decision: Decision, table: Mapping[Kind, Rule]
) -> dict[UUID, Decision]:
    """Set a reviewer's decision on flags of one session, and the risk that follows. Returns what each was before.

    AnomalyNotFound when one is not of this session. Open again: the decision is taken back.
    """
    summary = storing.locked_summary(ctx, session_id)
    rows = list(ctx.session.execute(select(Anomaly).where(Anomaly.session_id == session_id)).scalars())
    chosen = {row.id: row for row in rows if row.id in set(anomaly_ids)}
    if len(chosen) < len(set(anomaly_ids)):
        raise AnomalyNotFound()
    before = {row.id: Decision(row.decision) for row in chosen.values()}
    reopened = decision is Decision.OPEN
    for row in chosen.values():
        row.decision, row.touched = decision, True
        row.decided_by = None if reopened else ctx.actor.user_id
        row.decided_at = None if reopened else ctx.now
        row.decided_until = None if reopened else row.ended_at
    storing.sum_up(summary, rows, table=table, findings=None)
    ctx.session.flush()
    return before


def touch(ctx: WriteCtx, session_id: UUID, anomaly_id: UUID) -> None:
    """Keep a flag's row from now on, since somebody spoke about it. AnomalyNotFound when it is not of this session."""
    changed = ctx.session.execute(
        update(Anomaly).where(Anomaly.id == anomaly_id, Anomaly.session_id == session_id).values(touched=True)
    )
    if not changed.rowcount:
        raise AnomalyNotFound()


def session_of(ctx: ReadCtx, anomaly_id: UUID) -> UUID:
    """The session a flag belongs to. AnomalyNotFound. The caller then checks the right to that session."""
    found: UUID | None = ctx.session.execute(
        select(Anomaly.session_id).where(Anomaly.id == anomaly_id)
    ).scalar_one_or_none()
    if found is None:
        raise AnomalyNotFound()
    return found


def of_session(ctx: ReadCtx, session_id: UUID, *, language: str | None = None) -> tuple[AnomalyView, ...]:
    """Every flag of a session, oldest first, withdrawn ones too. One statement."""
    rows = ctx.session.execute(
        select(Anomaly).where(Anomaly.session_id == session_id).order_by(Anomaly.started_at, Anomaly.kind, Anomaly.id)
    ).scalars()
    return tuple(_view(row, language or ctx.actor.language) for row in rows)


def summaries(ctx: ReadCtx, session_ids: Iterable[UUID], *, language: str | None = None) -> dict[UUID, SummaryView]:
    """What sessions come to so far; an empty summary for one nothing was computed for. One statement."""
    ids = list(session_ids)
    rows = ctx.session.execute(select(Summary).where(Summary.session_id.in_(ids))).scalars() if ids else ()
    spoken = language or ctx.actor.language
    found = {row.session_id: summary_view(row, spoken) for row in rows}
    return {each: found.get(each) or summary_view(None, spoken, session_id=each) for each in ids}


def precision(ctx: ReadCtx, *, session_ids: Iterable[UUID] | None = None) -> tuple[Precision, ...]:
    """Reviewers' decisions per kind, in the institution or in some sessions. One statement."""
    wanted = select(
        Anomaly.kind,
        *(func.sum(case((Anomaly.decision == decision, 1), else_=0)).label(decision.value) for decision in Decision),
    ).group_by(Anomaly.kind)
    if session_ids is not None:
        wanted = wanted.where(Anomaly.session_id.in_(list(session_ids)))
    rows = {row.kind: row for row in ctx.session.execute(wanted)}
    return tuple(_precision(kind, rows[kind], ctx.actor.language) for kind in DEFAULTS if kind in rows)


def _precision(kind: Kind, row: object, language: str) -> Precision:
    confirmed, dismissed, undecided = (int(getattr(row, name)) for name in ("confirmed", "dismissed", "open"))
    decided = confirmed + dismissed
    return Precision(
        kind=kind.value,
        title=reasons.title(kind, language=language),
        confirmed=confirmed,
        dismissed=dismissed,
        undecided=undecided,
        precision=round(confirmed / decided, 3) if decided else None,
    )


def _view(row: Anomaly, language: str) -> AnomalyView:
    return AnomalyView(
        id=row.id,
        session_id=row.session_id,
        kind=row.kind,
        title=reasons.title(row.kind, language=language),
        reason=reasons.reason(row.kind, row.numbers, language=language),
        severity=row.severity,
        confidence=row.confidence,
        started_at=row.started_at,
        ended_at=row.ended_at,
        seconds=round((row.ended_at - row.started_at).total_seconds(), 1),
        ongoing=row.ongoing,
        evidence=tuple(UUID(each) for each in row.evidence),
        events=tuple(UUID(each) for each in row.events),
        rule=row.rule,
        numbers=row.numbers,
        decision=row.decision,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        grew=row.decided_until is not None and row.ended_at > row.decided_until,
        withdrawn=row.withdrawn_at is not None,
    )


def summary_view(row: Summary | None, language: str, *, session_id: UUID | None = None) -> SummaryView:
    """A summary as people see it; for None an empty one of `session_id`."""
    if row is None:
        assert session_id is not None
        row = Summary(session_id=session_id, computed_at=None)
    seen = coverage.of_summary(row)
    return SummaryView(
        session_id=row.session_id,
        risk=RiskView(
            score=row.risk,
            level=RiskLevel(row.risk_level),
            parts=tuple(
                RiskPart(title=reasons.title(part["kind"], language=language), **part) for part in row.risk_parts
            ),
        ),
        counts=row.counts,
        incidents=sum(row.counts.values()),
        ongoing=tuple(row.ongoing),
        not_watched=tuple(_gap(gap, language) for gap in row.not_watched),
        watched_seconds=row.watched_seconds,
        total_seconds=row.total_seconds,
        watched_percent=seen.watched,
        partly_percent=seen.partly,
        switched_off=row.switched_off,
        advice=tuple(row.advice),
        models=row.models,
        last_kind=row.last_kind,
        last_signal_at=row.last_signal_at,
        last_snapshot_id=row.last_snapshot_id,
        computed_at=row.computed_at,
    )


def _gap(gap: dict[str, str], language: str) -> GapView:
    return GapView.model_validate(
        {**gap, "text": reasons.gap_reason(gap["reason"], check=gap["check"], language=language)}
    )
