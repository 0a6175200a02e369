"""Taking a quiz: start, begin, answers, submission by hand or by the clock."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlalchemy.exc import IntegrityError

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.events import Activity
from lms_core.learning.assessments import answering, behaving, queries, states, views
from lms_core.learning.assessments.errors import (
    AttemptOver,
    QuestionNotFound,
    StillWaiting,
)
from lms_core.learning.assessments.events import AttemptBegun, AttemptExpired, AttemptStarted, AttemptSubmitted
from lms_core.learning.assessments.models import Accommodation, Attempt, AttemptAnswer, AttemptStatus, Quiz
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.schemas import AnswerIn, AnswerView, AttemptView
from lms_core.learning.assessments.service import entering, marking, printing
from lms_core.learning.assessments.service.access import access_attempt, locked, own, readable
from lms_core.learning.assessments.service.own_rules import OwnRules, own_rules
from lms_core.learning.enrolments import service as enrolments

GRACE = timedelta(seconds=10)  # saves that were on their way when the time ran out still count
DUE_JOB = "assessments.submit_when_due"
_ANSWER = prepared(
    select(AttemptAnswer).where(
        AttemptAnswer.attempt_id == bindparam("attempt_id"), AttemptAnswer.question_id == bindparam("question_id")
    )
)


def start(ctx: WriteCtx, quiz_id: UUID, *, password: str = "") -> AttemptView:
    """A new attempt of the actor, or the unfinished one they have. Open at once, or waiting where it is supervised.

    QuizNotFound, NothingToTake, QuizNotOpen, NoAttemptsLeft, TooSoon, NotFromHere; WrongPassword, TooManyRequests.
    """
    user_id = enrolments.learner_of(ctx)
    quiz, _ = readable(ctx, quiz_id)
    attempt = _unfinished(ctx, quiz.id, user_id) or _insert(ctx, quiz, user_id, password=password)
    if attempt.status == AttemptStatus.WAITING and not quiz.supervised:
        _begin(ctx, quiz, attempt)
    return access_attempt(ctx, attempt.id)


def begin(ctx: WriteCtx, attempt_id: UUID) -> AttemptView:
    """Show the questions of a waiting attempt and let its clock run; again: no change.

    For the one whose attempt it is (through whoever supervises), and graders. AttemptNotThere, QuizNotOpen,
    NotFromHere.
    """
    attempt, quiz = locked(ctx, attempt_id)
    if attempt.status != AttemptStatus.OPEN:
        _begin(ctx, quiz, attempt)
    return access_attempt(ctx, attempt.id)


def save_answer(ctx: WriteCtx, attempt_id: UUID, *, question_id: UUID, answer: AnswerIn) -> AnswerView:
    """Keep an answer. One with the sequence number of the kept one, or a lower, changes nothing: `kept` tells.

    StillWaiting; AttemptOver past the deadline and its grace; NotFromHere; QuestionNotFound; Invalid for parts it does
    not have. A question that was checked to its end changes no more.
    """
    attempt = own(ctx, attempt_id)
    question = question_of_open(ctx, attempt, question_id, typed_at=answer.sequence)
    terms = views.terms_of(attempt)
    if not behaving.asks_certainty(question, terms):
        answer = answer.model_copy(update={"certainty": None})
    row = answer_row(ctx, attempt, question_id)
    if row is None:
        row = AttemptAnswer(attempt_id=attempt.id, question_id=question_id, sequence=-1, saved_at=ctx.now)
    if answer.sequence <= row.sequence:
        return views.answer(row, kept=answer.sequence == row.sequence and answering.says(row, question, answer))
    if behaving.is_settled(question, row, terms):
        row.flagged = answer.flagged
        return views.answer(row, kept=answering.says(row, question, answer))
    row.sequence, row.flagged, row.saved_at = answer.sequence, answer.flagged, ctx.now
    answering.keep(row, question, answer)
    ctx.add(row)
    return views.answer(row)


def submit(ctx: WriteCtx, attempt_id: UUID, *, automatic: bool = False) -> AttemptView:
    """Hand the attempt in and grade what can be graded; again: no change. For its owner, and graders.

    AttemptNotThere for one that never began.
    """
    attempt, quiz = locked(ctx, attempt_id)
    if attempt.status not in states.FINISHED:
        _submit(ctx, quiz, attempt, automatic=automatic or is_due(attempt, ctx.now))
    return access_attempt(ctx, attempt.id)


def submit_when_due(ctx: WriteCtx, attempt_id: UUID) -> bool:
    """Hand in an open attempt whose time and grace are over; False when there is nothing to do (any more, or yet)."""
    attempt = ctx.session.execute(
        select(Attempt).where(Attempt.id == attempt_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if attempt is None or attempt.status != AttemptStatus.OPEN or not is_due(attempt, ctx.now):
        return False
    _submit(ctx, _quiz(ctx, attempt), attempt, automatic=True)
    return True


def expire(ctx: WriteCtx, attempt_id: UUID) -> bool:
    """End a waiting attempt of a quiz that is closed. It does not count as used."""
    attempt = ctx.session.execute(
        select(Attempt).where(Attempt.id == attempt_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if attempt is None or attempt.status != AttemptStatus.WAITING:
        return False
    quiz = _quiz(ctx, attempt)
    own_closing = own_rules(ctx, quiz, user_id=attempt.user_id).closes_at
    if own_closing is None or own_closing > ctx.now:
        return False
    attempt.status = states.after(attempt.status, "expire")
    ctx.emit(AttemptExpired(**views.ids_of(attempt)))
    return True


def is_due(attempt: Attempt | Row[Any], now: datetime) -> bool:
    """Whether the deadline and its grace are past; of an attempt, or of a row with its deadline and terms."""
    return attempt.deadline_at is not None and attempt.deadline_at + grace_of(attempt) <= now


def grace_of(attempt: Attempt | Row[Any]) -> timedelta:
    """How long after its deadline an attempt still takes what was answered before."""
    return GRACE + timedelta(seconds=attempt.terms.get("grace_seconds", 0))


def deadline_of(own: OwnRules, *, begun_at: datetime, extra_percent: int) -> datetime | None:
    """When an attempt ends: its time limit with the person's extra time, but no later than the quiz closes."""
    seconds = time_limit(own, extra_percent=extra_percent)
    ends = [own.closes_at] if own.closes_at is not None else []
    if seconds is not None:
        ends.append(begun_at + timedelta(seconds=seconds))
    return min(ends, default=None)


def time_limit(own: OwnRules, *, extra_percent: int) -> int | None:
    """Seconds somebody with this extra time has; None: no limit."""
    if own.time_limit_seconds is None:
        return None
    return own.time_limit_seconds * (100 + extra_percent) // 100


def extra_percent(ctx: ReadCtx, *, user_id: UUID, course_id: UUID) -> int:
    """The extra time of a person in a course, in percent. One statement."""
    found = select(Accommodation.extra_percent).where(
        Accommodation.user_id == user_id, Accommodation.course_id == course_id
    )
    return ctx.session.execute(found).scalar_one_or_none() or 0


def schedule_end(ctx: WriteCtx, attempt: Attempt) -> None:
    """Ask for the automatic submission of an attempt that has a deadline."""
    if attempt.deadline_at is not None:
        ctx.enqueue(DUE_JOB, delay=attempt.deadline_at + grace_of(attempt) - ctx.now, attempt_id=str(attempt.id))


def _unfinished(ctx: ReadCtx, quiz_id: UUID, user_id: UUID) -> Attempt | None:
    found: Attempt | None = ctx.session.execute(
        select(Attempt).where(
            Attempt.quiz_id == quiz_id, Attempt.user_id == user_id, Attempt.status.in_(states.UNFINISHED)
        )
    ).scalar_one_or_none()
    return found


def _insert(ctx: WriteCtx, quiz: Quiz, user_id: UUID, *, password: str) -> Attempt:
    mine = select(Attempt.number, Attempt.status, Attempt.submitted_at).where(
        Attempt.quiz_id == quiz.id, Attempt.user_id == user_id
    )
    past = ctx.session.execute(mine.order_by(Attempt.number)).all()
    own = own_rules(ctx, quiz, user_id=user_id)
    refusal = entering.refusal(ctx, quiz, own, views.conduct_of(quiz), past=past)
    if refusal is not None:
        raise refusal[0]
    entering.check_password(ctx, quiz, own, password)
    attempt = Attempt(
        quiz_id=quiz.id,
        course_id=quiz.course_id,
        user_id=user_id,
        number=past[-1].number + 1 if past else 1,
        supervised=quiz.supervised,
        seed=secrets.randbits(31),
        started_at=ctx.now,
    )
    try:
        with ctx.session.begin_nested():
            ctx.add(attempt)
    except IntegrityError:  # two starts at once on PostgreSQL: both number it the same, and one of them is first
        found = _unfinished(ctx, quiz.id, user_id)
        if found is None:
            raise
        return found
    ctx.emit(AttemptStarted(**views.ids_of(attempt), supervised=attempt.supervised))
    return attempt


def _begin(ctx: WriteCtx, quiz: Quiz, attempt: Attempt) -> None:
    attempt.status = states.after(attempt.status, "begin")
    own, conduct = own_rules(ctx, quiz, user_id=attempt.user_id), views.conduct_of(quiz)
    entering.check_window(own, ctx.now)
    entering.check_network(ctx, conduct.networks)
    extra = extra_percent(ctx, user_id=attempt.user_id, course_id=quiz.course_id)
    printing.hand_out(ctx, quiz, attempt)
    attempt.begun_at = ctx.now
    attempt.deadline_at = deadline_of(own, begun_at=ctx.now, extra_percent=extra)
    attempt.closes_at = own.own_closing(quiz)
    attempt.terms = conduct.terms().model_dump(mode="json", exclude_defaults=True)
    ctx.session.flush()
    schedule_end(ctx, attempt)
    ctx.emit(AttemptBegun(**views.ids_of(attempt)))


def _submit(ctx: WriteCtx, quiz: Quiz, attempt: Attempt, *, automatic: bool) -> None:
    attempt.status = states.after(attempt.status, "submit")
    attempt.automatic = automatic
    attempt.submitted_at = min(ctx.now, attempt.deadline_at or ctx.now)
    ctx.session.flush()
    activity = Activity(user_id=attempt.user_id, verb="submitted_quiz", object_id=quiz.id)
    ctx.emit(AttemptSubmitted(**views.ids_of(attempt), automatic=automatic, activity=activity))
    marking.grade_automatically(ctx, quiz, attempt)


def question_of_open(
    ctx: WriteCtx, attempt: Attempt, question_id: UUID, *, typed_at: int | None = None
) -> PaperQuestion:
    """A question of an attempt that takes answers now; StillWaiting, AttemptOver, NotFromHere, QuestionNotFound.

    `typed_at`: the answer's sequence, which the pages take from the server's clock in milliseconds. Past the deadline
    only what was answered before it counts, and the attempt says that something came late.
    """
    if attempt.status == AttemptStatus.WAITING:
        raise StillWaiting()
    if attempt.status != AttemptStatus.OPEN or is_due(attempt, ctx.now):
        raise AttemptOver()
    if attempt.deadline_at is not None and attempt.deadline_at + GRACE <= ctx.now:
        if typed_at is not None and typed_at > (attempt.deadline_at + GRACE).timestamp() * 1000:
            raise AttemptOver()
        attempt.received_late_at = ctx.now
    entering.check_network(ctx, attempt.terms.get("networks", ()))
    found = queries.questions_of(ctx, attempt).get(question_id)
    if found is None:
        raise QuestionNotFound()
    return found


def answer_row(ctx: ReadCtx, attempt: Attempt, question_id: UUID) -> AttemptAnswer | None:
    """The answer to a question that is kept so far. One statement."""
    wanted = {"attempt_id": attempt.id, "question_id": question_id}
    found: AttemptAnswer | None = ctx.session.execute(_ANSWER, wanted).scalar_one_or_none()
    return found


def _quiz(ctx: ReadCtx, attempt: Attempt) -> Quiz:
    return ctx.session.execute(select(Quiz).where(Quiz.id == attempt.quiz_id)).scalar_one()  # type: ignore[no-any-return]
