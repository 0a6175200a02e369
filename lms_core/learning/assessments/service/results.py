"""What quizzes say to a gradebook: which there are, what each learner got, and how many attempts wait for a mark."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from lms_core.kit.context import ReadCtx
from lms_core.learning.assessments import counting, queries, reviewing, views
from lms_core.learning.assessments.models import (
    Attempt,
    AttemptStatus,
    CountingAttempt,
    Paper,
    Quiz,
    QuizStatus,
)


@dataclass(frozen=True, slots=True)
class GradedQuiz:
    """A quiz as a gradebook's column. `told`: learners may know their results now."""

    id: UUID
    title: str
    points: float
    closes_at: datetime | None
    published: bool
    told: bool


@dataclass(frozen=True, slots=True)
class QuizResult:
    """What a learner got at a quiz: points of those its paper had."""

    quiz_id: UUID
    user_id: UUID
    points: float
    maximum: float
    marked_at: datetime | None


def graded_quizzes(ctx: ReadCtx, course_ids: Collection[UUID]) -> list[GradedQuiz]:
    """Every quiz of these courses, drafts included, oldest first. The caller has accessed them. One statement."""
    wanted = select(Quiz.id, Quiz.title, Quiz.points, Quiz.closes_at, Quiz.status, Quiz.conduct).where(
        Quiz.course_id.in_(course_ids)
    )
    return [
        GradedQuiz(
            id=row.id,
            title=row.title,
            points=row.points,
            closes_at=row.closes_at,
            published=row.status == QuizStatus.PUBLISHED,
            told=reviewing.are_scores_shown(views.conduct_of(row), closes_at=row.closes_at, now=ctx.now),
        )
        for row in ctx.session.execute(wanted.order_by(Quiz.id))
    ]


def results(
    ctx: ReadCtx, course_id: UUID, *, quiz_id: UUID | None = None, user_ids: Collection[UUID] | None = None
) -> list[QuizResult]:
    """The result of each learner at each quiz of a course, by the quiz's rule on several attempts. One statement.

    Attempts that are not fully marked, or are voided, give none. The caller has accessed the course.
    """
    wanted = (
        select(Attempt.quiz_id, Attempt.user_id, Attempt.number, Attempt.score, Attempt.percent, Attempt.graded_at)
        .add_columns(queries.points_in_total().label("points"), Quiz.counts)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .join(Paper, Paper.id == Attempt.paper_id)
        .where(Attempt.course_id == course_id, Attempt.status == AttemptStatus.GRADED, Attempt.voided_at.is_(None))
        .order_by(Attempt.quiz_id, Attempt.user_id, Attempt.number)
    )
    if quiz_id is not None:
        wanted = wanted.where(Attempt.quiz_id == quiz_id)
    if user_ids is not None:
        wanted = wanted.where(Attempt.user_id.in_(user_ids))
    attempts: dict[tuple[UUID, UUID], list[Any]] = {}
    for row in ctx.session.execute(wanted):
        attempts.setdefault((row.quiz_id, row.user_id), []).append(row)
    return [counting_result(rows) for rows in attempts.values()]


def waiting(ctx: ReadCtx, course_id: UUID) -> dict[UUID, int]:
    """How many submitted attempts at each quiz wait for a person's mark. One statement."""
    wanted = (
        select(Attempt.quiz_id, func.count())
        .where(Attempt.course_id == course_id, Attempt.status == AttemptStatus.SUBMITTED)
        .group_by(Attempt.quiz_id)
    )
    return {row[0]: row[1] for row in ctx.session.execute(wanted)}


def unfollowed(ctx: ReadCtx, known: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """(institution, course) of each course that has a published quiz which is not among `known`. One statement."""
    wanted = select(Quiz.tenant_id, Quiz.course_id, Quiz.id).where(Quiz.status == QuizStatus.PUBLISHED)
    followed = set(known)
    rows = ctx.session.execute(wanted)
    return list({(row.tenant_id, row.course_id) for row in rows if row.id not in followed})


def counting_result(attempts: Sequence[Any]) -> QuizResult:
    """The result that counts of one learner's graded attempts at one quiz, in their order.

    Each has quiz_id, user_id, number, score, percent, points, graded_at, and the quiz's rule `counts`. An average is
    told in points of the latest paper.
    """
    rule = attempts[0].counts
    found = counting.result_of(attempts, rule)
    assert found is not None
    chosen = found.attempt
    average = round(found.percent / 100 * chosen.points, 2)
    return QuizResult(
        quiz_id=chosen.quiz_id,
        user_id=chosen.user_id,
        points=average if rule == CountingAttempt.AVERAGE else chosen.score or 0.0,
        maximum=chosen.points,
        marked_at=chosen.graded_at,
    )
