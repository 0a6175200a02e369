"""A session for somebody who reviews it, or whose it is: seen or refused in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lms_core.kit.context import ReadCtx, WriteCtx
from proctoring.anomalies.policy import table_of
from proctoring.anomalies.rules import Rule
from proctoring.policies import service as policies
from proctoring.policies.schemas import PolicyView
from proctoring.review import queries
from proctoring.review.errors import NotNow, OwnSession
from proctoring.sessions import service as sessions
from proctoring.sessions.schemas import SessionCard
from proctoring.sessions.states import SessionState
from proctoring.signals.schemas import Kind

REVIEWABLE = (SessionState.ANALYSED, SessionState.UNDER_REVIEW)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A session that the actor may review, or that is theirs, with the policy and rules it is judged by."""

    card: SessionCard
    policy: PolicyView
    quiz_title: str

    @property
    def id(self) -> UUID:
        """The session's id."""
        return self.card.id

    @property
    def table(self) -> Mapping[Kind, Rule]:
        """The rules of its policy."""
        return table_of(self.policy.rules)


def access_to_review(ctx: ReadCtx, session_id: UUID) -> Reviewed:
    """A session for its reviewers. OwnSession for a reviewer whose own it is; SessionNotFound for everybody else."""
    card = sessions.access_for_review(ctx, session_id)
    if card.user_id == ctx.actor.user_id:
        raise OwnSession()
    return _reviewed(ctx, card)


def access_own(ctx: ReadCtx, session_id: UUID) -> Reviewed:
    """One's own session. SessionNotFound for everybody else's."""
    return _reviewed(ctx, sessions.access_own(ctx, session_id))


def take_up(ctx: WriteCtx, reviewed: Reviewed) -> None:
    """Begin to review. NotNow while the exam runs, and once a verdict stands."""
    if reviewed.card.state not in REVIEWABLE:
        raise NotNow(reviewed.card.state, "judge it")
    if reviewed.card.state is SessionState.ANALYSED:
        sessions.take(ctx, reviewed.id, "review")


def _reviewed(ctx: ReadCtx, card: SessionCard) -> Reviewed:
    return Reviewed(card, policies.version(ctx, card.policy_id), queries.quiz_title(ctx, card.quiz_id))
