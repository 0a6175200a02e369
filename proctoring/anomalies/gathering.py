"""A session's material, read from the slices that keep it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lms_core.kit.context import ReadCtx
from proctoring.anomalies.findings import Material
from proctoring.anomalies.policy import table_of
from proctoring.policies import service as policies
from proctoring.policies.schemas import PolicyIn
from proctoring.sessions import service as sessions
from proctoring.sessions.schemas import SessionCard
from proctoring.signals.schemas import PageEvent
from proctoring.watching import service as watching


@dataclass(frozen=True, slots=True)
class Gathered:
    """A session, the policy it began under, and its material as of `read_at`."""

    card: SessionCard
    policy: PolicyIn
    material: Material
    read_at: datetime


def gather(ctx: ReadCtx, session_id: UUID) -> Gathered:
    """Everything the rules need of a session the caller may see. SessionNotFound."""
    card = sessions.card(ctx, session_id)
    policy = policies.version(ctx, card.policy_id).rules
    material = Material(
        started_at=card.started_at,
        ended_at=card.ended_at,
        now=max(ctx.now, card.started_at),
        pictures=watching.pictures(ctx, session_id),
        events=tuple(
            PageEvent(event.id, event.type, event.at, event.seconds, event.details)
            for event in sessions.page_events(ctx, session_id)
        ),
        silences=sessions.silences(ctx, session_id),
        precheck=watching.precheck(ctx, session_id),
        rules=policies.signal_rules(policy),
        table=table_of(policy),
    )
    return Gathered(card, policy, material, ctx.now)
