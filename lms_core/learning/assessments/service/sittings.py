"""Attempts as regrading, statistics and comparison read them: many at once, each with what it really was asked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, select

from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from lms_core.learning.assessments import queries
from lms_core.learning.assessments.correcting import Corrected, Correction, corrected
from lms_core.learning.assessments.models import (
    Attempt,
    AttemptAnswer,
    AttemptRegrade,
    Paper,
    Quiz,
    Regrade,
)
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.schemas import MarkChange, RegradeLine

Corrections = Mapping[UUID, Correction]

_ANSWERS = (
    select(
        AttemptAnswer.attempt_id,
        AttemptAnswer.question_id,
        AttemptAnswer.choices,
        AttemptAnswer.text,
        AttemptAnswer.parts,
        AttemptAnswer.points,
        AttemptAnswer.saved_at,
    )
    .join(Attempt, Attempt.id == AttemptAnswer.attempt_id)
    .where(Attempt.quiz_id == bindparam("quiz_id"))
)
_REPLIES = prepared(_ANSWERS)


def attempts_of(quiz_id: UUID) -> Select[Any]:
    """The attempts of a quiz that have a paper, as rows that `results.counting_result` takes, with what else is used.

    In the order of learner and number.
    """
    named: tuple[Any, ...] = (
        Attempt.id,
        Attempt.quiz_id,
        Attempt.user_id,
        Attempt.number,
        Attempt.status,
        Attempt.seed,
        Attempt.paper_id,
        Attempt.drawn,
        Attempt.terms,
        Attempt.score,
        Attempt.percent,
        Attempt.begun_at,
        Attempt.submitted_at,
        Attempt.graded_at,
        Attempt.voided_at,
        Attempt.regraded_at,
        Paper.points.label("paper_points"),
        queries.points_in_total().label("points"),
        Quiz.counts,
    )
    columns: Select[Any] = select(*named)
    joined = columns.join(Paper, Paper.id == Attempt.paper_id).join(Quiz, Quiz.id == Attempt.quiz_id)
    return joined.where(Attempt.quiz_id == quiz_id).order_by(Attempt.user_id, Attempt.number)


def answers_of(
    ctx: ReadCtx, quiz_id: UUID, *, question_ids: Collection[UUID] | None = None, attempt_ids: Sequence[UUID] = ()
) -> dict[UUID, list[Row[Any]]]:
    """Answers by attempt: of these questions, of these attempts (all when none are named). One statement."""
    wanted = _ANSWERS.add_columns(AttemptAnswer.graded_by, AttemptAnswer.certainty, AttemptAnswer.tries)
    if question_ids is not None:
        wanted = wanted.where(AttemptAnswer.question_id.in_(question_ids))
    if attempt_ids:
        wanted = wanted.where(AttemptAnswer.attempt_id.in_(attempt_ids))
    return _by_attempt(ctx.session.execute(wanted, {"quiz_id": quiz_id}))


def replies_of(ctx: ReadCtx, quiz_id: UUID) -> dict[UUID, list[Row[Any]]]:
    """All answers at a quiz by attempt, in fewer columns, for figures over many thousands. One statement."""
    return _by_attempt(ctx.session.execute(_REPLIES, {"quiz_id": quiz_id}))


def _by_attempt(rows: Iterable[Row[Any]]) -> dict[UUID, list[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.attempt_id, []).append(row)
    return found


def earned_in(
    ctx: ReadCtx, attempt_ids: Sequence[UUID], *, excluded: Mapping[UUID, frozenset[UUID]]
) -> dict[UUID, float]:
    """The sum of the marks of attempts, below zero too, without the questions that do not count. One statement."""
    if not attempt_ids:
        return {}
    wanted = select(AttemptAnswer.attempt_id, AttemptAnswer.question_id, AttemptAnswer.points)
    found = dict.fromkeys(attempt_ids, 0.0)
    for row in ctx.session.execute(wanted.where(AttemptAnswer.attempt_id.in_(attempt_ids))):
        if row.question_id not in excluded.get(row.attempt_id, ()):
            found[row.attempt_id] += row.points or 0.0
    return found


def corrections_of(
    ctx: ReadCtx, *, quiz_id: UUID | None = None, attempt_ids: Sequence[UUID] = ()
) -> dict[UUID, dict[UUID, Correction]]:
    """The corrections each attempt has had, later ones in the place of earlier ones. One statement."""
    wanted = select(AttemptRegrade.attempt_id, AttemptRegrade.regrade_id, Regrade.corrections).join(
        Regrade, Regrade.id == AttemptRegrade.regrade_id
    )
    if quiz_id is not None:
        wanted = wanted.where(Regrade.quiz_id == quiz_id)
    if attempt_ids:
        wanted = wanted.where(AttemptRegrade.attempt_id.in_(attempt_ids))
    read: dict[UUID, dict[UUID, Correction]] = {}
    found: dict[UUID, dict[UUID, Correction]] = {}
    for row in ctx.session.execute(wanted.order_by(AttemptRegrade.regrade_id)):
        if row.regrade_id not in read:
            read[row.regrade_id] = parsed(row.corrections)
        found.setdefault(row.attempt_id, {}).update(read[row.regrade_id])
    return found


def parsed(stored: Mapping[str, Any]) -> dict[UUID, Correction]:
    """The corrections of a regrade from its row."""
    return {UUID(each): Correction.model_validate(told) for each, told in stored.items()}


def as_they_count(ctx: ReadCtx, attempt: Attempt) -> Corrected:
    """The questions of one attempt, corrected where it was regraded. One statement more for one that was."""
    asked = queries.questions_of(ctx, attempt)
    if attempt.regraded_at is None:
        return Corrected(asked)
    return corrected(asked, corrections_of(ctx, attempt_ids=[attempt.id]).get(attempt.id, {}))


def corrected_in(ctx: ReadCtx, attempt: Attempt, questions: Iterable[PaperQuestion]) -> Corrected:
    """These questions of a regraded attempt, in their order, as they count now. One statement."""
    asked = {question.id: question for question in questions}
    return corrected(asked, corrections_of(ctx, attempt_ids=[attempt.id]).get(attempt.id, {}))


def history_of(ctx: ReadCtx, attempt_id: UUID) -> tuple[RegradeLine, ...]:
    """The regrades that changed a mark of this attempt, oldest first. One statement."""
    wanted = (
        select(AttemptRegrade, Regrade.reason)
        .join(Regrade, Regrade.id == AttemptRegrade.regrade_id)
        .where(AttemptRegrade.attempt_id == attempt_id)
        .order_by(AttemptRegrade.id)
    )
    lines = ((row.AttemptRegrade, row.reason) for row in ctx.session.execute(wanted))
    return tuple(
        RegradeLine(
            at=line.at,
            reason=reason,
            changes=tuple(
                MarkChange(question_id=UUID(each), before=before, after=after)
                for each, (before, after) in line.marks.items()
            ),
            score_before=line.score_before,
            score_after=line.score_after,
        )
        for line, reason in lines
        if line.marks
    )


def by_learner(rows: Iterable[Row[Any]]) -> dict[UUID, list[Row[Any]]]:
    """Attempts by learner, in the order of their numbers."""
    found: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.user_id, []).append(row)
    return found
