"""A regrade carried out: some attempts in each transaction, so that nobody waits long and a repeat goes on."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import WriteCtx
from lms_core.kit.events import Notice
from lms_core.learning.assessments import reviewing, states, views
from lms_core.learning.assessments.correcting import Correction
from lms_core.learning.assessments.events import AttemptGraded, AttemptRegraded
from lms_core.learning.assessments.models import (
    Attempt,
    AttemptAnswer,
    AttemptRegrade,
    Quiz,
    Regrade,
    RegradeStatus,
)
from lms_core.learning.assessments.regrading import Outcome, Standing, worked_out
from lms_core.learning.assessments.schemas import ReviewItem
from lms_core.learning.assessments.service import sittings, standing
from lms_core.learning.assessments.service.regrading import in_scope, standings_of

AT_ONCE = 50


def carry_on(ctx: WriteCtx, regrade_id: UUID) -> bool:
    """Regrade the next attempts; False when there are no more, and for a regrade that is over or gone.

    Where the last batch ended stands in the regrade's row, in the same transaction: no attempt is done twice.
    """
    wanted = select(Regrade).where(Regrade.id == regrade_id).with_for_update(key_share=True)
    row = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None or row.status in (RegradeStatus.DONE, RegradeStatus.FAILED):
        return False
    quiz = ctx.session.execute(select(Quiz).where(Quiz.id == row.quiz_id)).scalar_one()
    attempts = _next(ctx, row)
    if attempts:
        _regrade(ctx, row, quiz, attempts)
    more = len(attempts) == AT_ONCE
    row.status = RegradeStatus.RUNNING if more else RegradeStatus.DONE
    row.finished_at = None if more else ctx.now
    return more


def give_up(ctx: WriteCtx, regrade_id: UUID) -> None:
    """Say that the regrade failed: what was regraded stays so, and another one may be asked for."""
    row = ctx.session.execute(select(Regrade).where(Regrade.id == regrade_id)).scalar_one_or_none()
    if row is not None and row.status != RegradeStatus.DONE:
        row.status, row.finished_at = RegradeStatus.FAILED, ctx.now


def _next(ctx: WriteCtx, row: Regrade) -> Sequence[Attempt]:
    """The next attempts of the regrade, locked in the order of their ids."""
    wanted = select(Attempt).where(Attempt.quiz_id == row.quiz_id, Attempt.paper_id.is_not(None), in_scope(row))
    if row.last_id is not None:
        wanted = wanted.where(Attempt.id > row.last_id)
    locked = wanted.order_by(Attempt.id).limit(AT_ONCE).with_for_update(key_share=True)
    found: Sequence[Attempt] = ctx.session.execute(locked).scalars().all()
    return found


def _regrade(ctx: WriteCtx, row: Regrade, quiz: Quiz, attempts: Sequence[Attempt]) -> None:
    corrections = sittings.parsed(row.corrections)
    ids = [attempt.id for attempt in attempts]
    rows = ctx.session.execute(sittings.attempts_of(quiz.id).where(Attempt.id.in_(ids))).all()
    standings = standings_of(ctx, quiz.id, rows, corrections)
    answers = _answer_rows(ctx, ids, corrections)
    for attempt in attempts:
        if corrections.keys() & standings[attempt.id].asked.keys():
            row.changed += _apply(ctx, row, quiz, attempt, standings[attempt.id], corrections, answers)
    row.done += len(attempts)
    row.last_id = attempts[-1].id
    ctx.session.flush()


def _answer_rows(
    ctx: WriteCtx, attempt_ids: Sequence[UUID], corrections: Mapping[UUID, Correction]
) -> dict[tuple[UUID, UUID], AttemptAnswer]:
    wanted = select(AttemptAnswer).where(
        AttemptAnswer.attempt_id.in_(attempt_ids), AttemptAnswer.question_id.in_(corrections)
    )
    return {(each.attempt_id, each.question_id): each for each in ctx.session.execute(wanted).scalars()}


def _apply(
    ctx: WriteCtx,
    row: Regrade,
    quiz: Quiz,
    attempt: Attempt,
    before: Standing,
    corrections: Mapping[UUID, Correction],
    answers: Mapping[tuple[UUID, UUID], AttemptAnswer],
) -> bool:
    """Write down what the regrade makes of one attempt; whether a mark changed."""
    outcome = worked_out(before, corrections, by_hand_too=row.marked_by_hand)
    attempt.regraded_at, attempt.excluded_points = ctx.now, outcome.excluded_points
    line = AttemptRegrade(attempt_id=attempt.id, regrade_id=row.id, at=ctx.now)
    ctx.session.add(line)
    if attempt.status not in states.FINISHED or not outcome.remarks:
        return False  # one still open is marked with the corrections when it is handed in
    for each in outcome.remarks:
        answer = answers.get((attempt.id, each.question_id)) or AttemptAnswer(
            attempt_id=attempt.id, question_id=each.question_id, saved_at=ctx.now
        )
        answer.points, answer.graded_at = each.kept, ctx.now
        answer.graded_by = None if row.marked_by_hand else answer.graded_by
        ctx.session.add(answer)
    line.marks = {str(each.question_id): [each.before, each.after] for each in outcome.remarks}
    line.score_before, line.percent_before = attempt.score, attempt.percent
    line.score_after, line.percent_after = outcome.score, outcome.percent
    attempt.score, attempt.percent = outcome.score, outcome.percent
    ctx.session.flush()
    _settle(ctx, row, quiz, attempt, outcome)
    return True


def _settle(ctx: WriteCtx, row: Regrade, quiz: Quiz, attempt: Attempt, outcome: Outcome) -> None:
    """What follows from a changed attempt: its standing result, and who hears of it."""
    waits = select(AttemptAnswer.id).where(AttemptAnswer.attempt_id == attempt.id, AttemptAnswer.points.is_(None))
    if ctx.session.execute(waits.limit(1)).first() is not None:
        return
    attempt.status = states.after(attempt.status, "grade")
    attempt.graded_at = ctx.now
    ctx.session.flush()
    standing.write_down(ctx, quiz, user_id=attempt.user_id)
    passed = outcome.percent >= quiz.passing_percent
    ctx.emit(AttemptGraded(**views.ids_of(attempt), percent=outcome.percent, passed=passed))
    # Somebody who was told no mark yet is not told that it changed.
    shown = reviewing.shown(
        views.conduct_of(quiz),
        attempt.status,
        submitted_at=attempt.submitted_at,
        closes_at=reviewing.later_of(quiz.closes_at, attempt.closes_at),
        now=ctx.now,
    )
    notice = _notice(attempt, quiz, row.reason) if ReviewItem.SCORE in shown else None
    ctx.emit(
        AttemptRegraded(
            **views.ids_of(attempt),
            regrade_id=row.id,
            lifts_override=row.lifts_overrides,
            reason=row.reason,
            notice=notice,
        )
    )


def _notice(attempt: Attempt, quiz: Quiz, reason: str) -> Notice:
    about = {"quiz": quiz.title, "attempt_id": str(attempt.id), "reason": reason}
    return Notice(recipients=(attempt.user_id,), kind="assessments.attempt_regraded", variables=about)
