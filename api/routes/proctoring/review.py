"""Reviewing proctored sessions: the queue, decisions on flags, verdict, appeal, comparison, figures."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.proctoring.counting import CountedRoute
from lms_core.kit.errors import Forbidden
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page
from lms_core.learning.assessments.errors import AttemptNotThere
from proctoring.anomalies.errors import AnomalyNotFound
from proctoring.review import service as review
from proctoring.review.errors import (
    AnotherAnswers,
    AppealedAlready,
    FlagsUndecided,
    NothingToAppeal,
    NotNow,
    OwnSession,
    SecondReviewerNeeded,
)
from proctoring.review.schemas import (
    AppealAnswerIn,
    AppealIn,
    BulkDismissIn,
    Comparison,
    Decided,
    DecisionIn,
    OwnReport,
    QueueFilter,
    QueueRow,
    Stats,
    VerdictIn,
    VerdictView,
)
from proctoring.sessions.errors import SessionNotFound

router = APIRouter(tags=["proctoring review"], route_class=CountedRoute)


@router.get("/instructor/proctoring", response_model=Page[QueueRow], responses=errors(Forbidden))
def queue(
    ctx: Reading,
    wanted: Annotated[QueueFilter, Depends()],
    cursor: Annotated[str, Query(max_length=400)] = "",
    limit: Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)] = DEFAULT_LIMIT,
) -> Page[QueueRow]:
    """Sessions you may review, the highest risk first, filtered by state, quiz, kind of flag and risk."""
    return review.queue(ctx, wanted=wanted, cursor=cursor, limit=limit)


@router.get("/instructor/proctoring/stats", response_model=Stats, responses=errors(Forbidden))
def stats(ctx: Reading) -> Stats:
    """How often reviewers confirmed what each detector flagged."""
    return review.stats(ctx)


@router.get("/instructor/proctoring/exams/{quiz_id}", response_model=Comparison, responses=errors(SessionNotFound))
def compare(quiz_id: UUID, ctx: Writing) -> Comparison:
    """One exam's sessions side by side: risk, flags by kind, time watched, verdict."""
    return review.compare(ctx, quiz_id)


@router.post(
    "/proctor-session/{session_id}/anomalies/{anomaly_id}/decision",
    response_model=Decided,
    responses=errors(SessionNotFound, AnomalyNotFound, OwnSession, NotNow),
)
def decide(session_id: UUID, anomaly_id: UUID, decision_in: DecisionIn, ctx: Writing) -> Decided:
    """Confirm, dismiss or reopen a flag, or comment on it."""
    return review.decide(ctx, session_id, anomaly_id, decision_in=decision_in)


@router.post(
    "/proctor-session/{session_id}/bulk-dismiss",
    response_model=Decided,
    responses=errors(SessionNotFound, AnomalyNotFound, OwnSession, NotNow),
)
def bulk_dismiss(session_id: UUID, dismiss_in: BulkDismissIn, ctx: Writing) -> Decided:
    """Dismiss several flags: those named, or every undecided one, of one kind when given."""
    return review.bulk_dismiss(ctx, session_id, dismiss_in=dismiss_in)


@router.post(
    "/proctor-session/{session_id}/verdict",
    response_model=VerdictView,
    responses=errors(SessionNotFound, OwnSession, NotNow, SecondReviewerNeeded, FlagsUndecided, AttemptNotThere),
)
def give_verdict(session_id: UUID, verdict_in: VerdictIn, ctx: Writing) -> VerdictView:
    """Pass the session, or reject it: the first rejection is a proposal to a second reviewer."""
    review.give_verdict(ctx, session_id, verdict_in=verdict_in)
    return review.verdict_of(ctx, session_id)


@router.post(
    "/proctor-session/{session_id}/appeal",
    response_model=OwnReport,
    responses=errors(SessionNotFound, AppealedAlready, NothingToAppeal),
)
def appeal(session_id: UUID, appeal_in: AppealIn, ctx: Writing) -> OwnReport:
    """Say why you disagree with the rejection of your session."""
    review.appeal(ctx, session_id, appeal_in=appeal_in)
    return review.own_report(ctx, session_id)


@router.post(
    "/proctor-session/{session_id}/appeal/answer",
    response_model=VerdictView,
    responses=errors(SessionNotFound, OwnSession, NotNow, AnotherAnswers),
)
def answer_appeal(session_id: UUID, answer_in: AppealAnswerIn, ctx: Writing) -> VerdictView:
    """Answer an appeal: uphold it, and the attempt counts again, or turn it down."""
    review.answer_appeal(ctx, session_id, answer_in=answer_in)
    return review.verdict_of(ctx, session_id)
