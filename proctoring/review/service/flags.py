"""Reviewers on flags: confirm, dismiss, reopen, comment, dismiss many."""

from uuid import UUID

from lms_core.identity.audit import service as audit
from lms_core.kit.context import WriteCtx
from proctoring.anomalies import service as anomalies
from proctoring.anomalies.errors import AnomalyNotFound
from proctoring.anomalies.models import Decision
from proctoring.review import steps
from proctoring.review.events import FlagsDecided
from proctoring.review.models import Act
from proctoring.review.schemas import BulkDismissIn, Decided, DecisionIn
from proctoring.review.service.access import Reviewed, access_to_review, take_up

DECISIONS: dict[str, tuple[Decision, Act]] = {
    "confirm": (Decision.CONFIRMED, Act.CONFIRMED),
    "dismiss": (Decision.DISMISSED, Act.DISMISSED),
    "reopen": (Decision.OPEN, Act.REOPENED),
}


def decide(ctx: WriteCtx, session_id: UUID, anomaly_id: UUID, *, decision_in: DecisionIn) -> Decided:
    """Judge one flag, or comment on it. AnomalyNotFound, OwnSession, NotNow once a verdict stands."""
    reviewed = access_to_review(ctx, session_id)
    if decision_in.decision == "comment":
        anomalies.touch(ctx, session_id, anomaly_id)
        steps.add(ctx, session_id, Act.COMMENTED, text=decision_in.comment, anomaly_id=anomaly_id)
        audit.record(ctx, action="proctoring.flag_commented", object=("proctor_session", session_id))
    else:
        decision, act = DECISIONS[decision_in.decision]
        _set(ctx, reviewed, [anomaly_id], decision=decision, act=act, comment=decision_in.comment)
    return _decided(ctx, session_id, {anomaly_id})


def bulk_dismiss(ctx: WriteCtx, session_id: UUID, *, dismiss_in: BulkDismissIn) -> Decided:
    """Dismiss the flags named, or every undecided one (of a kind). AnomalyNotFound when one is not of this session."""
    reviewed = access_to_review(ctx, session_id)
    flags = anomalies.of_session(ctx, session_id)
    named = set(dismiss_in.anomaly_ids)
    if named - {flag.id for flag in flags}:
        raise AnomalyNotFound()
    chosen = [
        flag.id
        for flag in flags
        if (flag.id in named if named else flag.decision is Decision.OPEN)
        if not dismiss_in.kind or flag.kind == dismiss_in.kind
    ]
    if chosen:
        _set(ctx, reviewed, chosen, decision=Decision.DISMISSED, act=Act.DISMISSED, comment=dismiss_in.comment)
    return _decided(ctx, session_id, set(chosen))


def _set(
    ctx: WriteCtx, reviewed: Reviewed, anomaly_ids: list[UUID], *, decision: Decision, act: Act, comment: str
) -> None:
    take_up(ctx, reviewed)
    before = anomalies.decide(ctx, reviewed.id, anomaly_ids, decision=decision, table=reviewed.table)
    for anomaly_id in anomaly_ids:
        steps.add(ctx, reviewed.id, act, text=comment, anomaly_id=anomaly_id, before=before[anomaly_id].value)
    audit.record(
        ctx,
        action="proctoring.flags_decided",
        object=("proctor_session", reviewed.id),
        decision=decision.value,
        flags=len(anomaly_ids),
    )
    ctx.emit(FlagsDecided(session_id=reviewed.id, anomaly_ids=tuple(anomaly_ids), decision=decision.value))


def _decided(ctx: WriteCtx, session_id: UUID, anomaly_ids: set[UUID]) -> Decided:
    flags = anomalies.of_session(ctx, session_id)
    risk = anomalies.summaries(ctx, [session_id])[session_id].risk
    return Decided(flags=tuple(flag for flag in flags if flag.id in anomaly_ids), risk=risk)
