"""Verdict, second reviewer, appeal and its answer.

| session | who | does | becomes |
|---|---|---|---|
| analysed, under review | a reviewer | passes | passed |
| analysed, under review | a reviewer | rejects | under review, rejection proposed |
| under review, rejection proposed | another reviewer | rejects | rejected, the attempt is void |
| under review, rejection proposed | any reviewer | passes | passed |
| rejected | the taker, once | appeals | appealed |
| appealed | a reviewer who took no part | upholds the appeal | passed, the attempt counts again |
| appealed | a reviewer who took no part | turns it down | closed |
"""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from lms_core.identity.audit import service as audit
from lms_core.kit.context import WriteCtx, system_actor
from lms_core.kit.events import Notice
from lms_core.learning.assessments import service as assessments
from proctoring.anomalies import service as anomalies
from proctoring.anomalies.models import Decision
from proctoring.review import steps
from proctoring.review.errors import (
    AnotherAnswers,
    AppealedAlready,
    FlagsUndecided,
    NothingToAppeal,
    NotNow,
    SecondReviewerNeeded,
)
from proctoring.review.events import AppealAnswered, AppealMade, RejectionProposed, VerdictGiven
from proctoring.review.models import Act, Outcome, Review
from proctoring.review.schemas import AppealAnswerIn, AppealIn, VerdictIn
from proctoring.review.service.access import Reviewed, access_own, access_to_review, take_up
from proctoring.sessions import service as sessions


def give_verdict(ctx: WriteCtx, session_id: UUID, *, verdict_in: VerdictIn) -> None:
    """Pass a session, propose its rejection, or agree with a proposed one.

    SecondReviewerNeeded from the one who proposed it, whatever their role; FlagsUndecided without a confirmed flag;
    NotNow when a verdict stands; OwnSession.
    """
    reviewed = access_to_review(ctx, session_id)
    take_up(ctx, reviewed)
    review = locked_review(ctx, session_id)
    if verdict_in.verdict == "passed":
        _pass(ctx, reviewed, review, verdict_in.message)
        return
    flags = anomalies.of_session(ctx, session_id)
    if not any(flag.decision is Decision.CONFIRMED and not flag.withdrawn for flag in flags):
        raise FlagsUndecided()
    # A proposal whose author's account is gone has nobody behind it: it begins anew.
    if review.outcome != Outcome.REJECTION_PROPOSED or review.proposed_by is None:
        _propose(ctx, reviewed, review, verdict_in.message)
    elif review.proposed_by == ctx.actor.user_id:
        raise SecondReviewerNeeded()
    else:
        _reject(ctx, reviewed, review, verdict_in.message)


def locked_review(ctx: WriteCtx, session_id: UUID) -> Review:
    """The session's review row, made when missing, with this transaction as its only writer."""
    found = ctx.session.execute(
        select(Review).where(Review.session_id == session_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    return found or ctx.add(Review(session_id=session_id))


def _pass(ctx: WriteCtx, reviewed: Reviewed, review: Review, message: str) -> None:
    before = review.outcome
    review.outcome, review.message = Outcome.PASSED, message
    review.decided_by, review.decided_at = ctx.actor.user_id, ctx.now
    sessions.take(ctx, reviewed.id, "pass")
    _note(ctx, reviewed, Act.PASSED, message, before=str(before))
    _tell(ctx, reviewed, passed=True)


def _propose(ctx: WriteCtx, reviewed: Reviewed, review: Review, message: str) -> None:
    review.outcome, review.message = Outcome.REJECTION_PROPOSED, message
    review.proposed_by, review.proposed_at = ctx.actor.user_id, ctx.now
    _note(ctx, reviewed, Act.PROPOSED_REJECTION, message)
    ctx.emit(
        RejectionProposed(
            session_id=reviewed.id, attempt_id=reviewed.card.attempt_id, course_id=reviewed.card.course_id
        )
    )


def _reject(ctx: WriteCtx, reviewed: Reviewed, review: Review, message: str) -> None:
    review.outcome = Outcome.REJECTED
    review.message = message or review.message
    review.decided_by, review.decided_at = ctx.actor.user_id, ctx.now
    sessions.take(ctx, reviewed.id, "reject")
    assessments.void(_as_system(ctx), reviewed.card.attempt_id, reason=review.message or "Rejected after review.")
    _note(ctx, reviewed, Act.REJECTED, message)
    _tell(ctx, reviewed, passed=False)


def appeal(ctx: WriteCtx, session_id: UUID, *, appeal_in: AppealIn) -> None:
    """The taker disagrees with a rejection, once. NothingToAppeal, AppealedAlready; SessionNotFound for others."""
    reviewed = access_own(ctx, session_id)
    review = locked_review(ctx, session_id)
    if review.appealed_at is not None:
        raise AppealedAlready()
    if review.outcome != Outcome.REJECTED:
        raise NothingToAppeal()
    review.appeal, review.appealed_at = appeal_in.text, ctx.now
    sessions.take(ctx, reviewed.id, "appeal")
    _note(ctx, reviewed, Act.APPEALED, appeal_in.text)
    ctx.emit(AppealMade(session_id=reviewed.id, attempt_id=reviewed.card.attempt_id, user_id=reviewed.card.user_id))


def answer_appeal(ctx: WriteCtx, session_id: UUID, *, answer_in: AppealAnswerIn) -> None:
    """Hear an appeal. AnotherAnswers for the two who rejected; NotNow when there is no open appeal; OwnSession."""
    reviewed = access_to_review(ctx, session_id)
    review = locked_review(ctx, session_id)
    if review.appealed_at is None or review.answered_at is not None:
        raise NotNow(reviewed.card.state, "answer an appeal")
    if ctx.actor.user_id in (review.proposed_by, review.decided_by):
        raise AnotherAnswers()
    review.answer, review.answered_by, review.answered_at = answer_in.answer, ctx.actor.user_id, ctx.now
    sessions.take(ctx, reviewed.id, "uphold" if answer_in.upheld else "turn_down")
    if answer_in.upheld:
        review.outcome = Outcome.PASSED
        assessments.restore(_as_system(ctx), reviewed.card.attempt_id)
    _note(ctx, reviewed, Act.APPEAL_UPHELD if answer_in.upheld else Act.APPEAL_TURNED_DOWN, answer_in.answer)
    notice = Notice(
        recipients=(reviewed.card.user_id,),
        kind="proctoring.appeal_upheld" if answer_in.upheld else "proctoring.appeal_turned_down",
        variables={"quiz": reviewed.quiz_title, "session_id": str(reviewed.id)},
    )
    ctx.emit(
        AppealAnswered(
            session_id=reviewed.id,
            attempt_id=reviewed.card.attempt_id,
            user_id=reviewed.card.user_id,
            upheld=answer_in.upheld,
            notice=notice,
        )
    )


def _as_system(ctx: WriteCtx) -> WriteCtx:
    """The same transaction for the step that follows from two people's decision: a reviewer need not grade."""
    return replace(ctx, actor=system_actor(ctx.tenant_id))


def _note(ctx: WriteCtx, reviewed: Reviewed, act: Act, text: str, **detail: str) -> None:
    steps.add(ctx, reviewed.id, act, text=text, **detail)
    audit.record(ctx, action=f"proctoring.{act.value}", object=("proctor_session", reviewed.id))


def _tell(ctx: WriteCtx, reviewed: Reviewed, *, passed: bool) -> None:
    notice = Notice(
        recipients=(reviewed.card.user_id,),
        kind="proctoring.passed" if passed else "proctoring.rejected",
        variables={"quiz": reviewed.quiz_title, "session_id": str(reviewed.id)},
    )
    ctx.emit(
        VerdictGiven(
            session_id=reviewed.id,
            attempt_id=reviewed.card.attempt_id,
            user_id=reviewed.card.user_id,
            passed=passed,
            notice=notice,
        )
    )
