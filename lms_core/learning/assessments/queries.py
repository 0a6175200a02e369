"""The selects of assessments."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select

from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from lms_core.kit.recent import Recent
from lms_core.learning.assessments import keys
from lms_core.learning.assessments.drawing import Drawn, Layout
from lms_core.learning.assessments.models import (
    AnswerFile,
    Attempt,
    AttemptAnswer,
    Choice,
    Paper,
    Question,
    Quiz,
    QuizStatus,
)
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.schemas import ChoiceDetail, QuestionDetail, QuizCard


def points_in_total() -> Any:
    """The column of the points an attempt can earn: its paper's, less what a regrade took out of its total."""
    return Paper.points - Attempt.excluded_points


def attempts_with_quiz() -> Select[Any]:
    """Attempts with the columns of quiz and paper that views need, in the order `views.attempt` reads them."""
    columns: Select[Any] = select(
        Attempt,
        Quiz.title.label("quiz_title"),
        Quiz.conduct,
        Quiz.closes_at,
        Quiz.passing_percent,
        points_in_total().label("paper_points"),
    )
    return columns.join(Quiz, Quiz.id == Attempt.quiz_id).outerjoin(Paper, Paper.id == Attempt.paper_id)


_ATTEMPT = prepared(attempts_with_quiz().where(Attempt.id == bindparam("attempt_id")))


_CARDS = select(Quiz.question_count, *(getattr(Quiz, name) for name in QuizCard.model_fields if name != "questions"))
_BESIDE = prepared(
    _CARDS.where(Quiz.lesson_id == bindparam("lesson_id"), Quiz.status == QuizStatus.PUBLISHED.value)
    .order_by(Quiz.id)
    .limit(1)
)
_PUBLISHED_IN = prepared(
    _CARDS.where(Quiz.course_id == bindparam("course_id"), Quiz.status == QuizStatus.PUBLISHED.value).order_by(Quiz.id)
)
_ALL_IN = prepared(_CARDS.where(Quiz.course_id == bindparam("course_id")).order_by(Quiz.id))


_PRINTED: Recent[Mapping[UUID, PaperQuestion]] = Recent(capacity=5_000)  # questions, of a few KB each
_QUESTIONS = prepared(select(Paper.questions).where(Paper.id == bindparam("paper_id")))
_LAYOUT = prepared(select(Paper.layout, Paper.shuffle_choices).where(Paper.id == bindparam("paper_id")))
_POINTS = prepared(select(Paper.points).where(Paper.id == bindparam("paper_id")))


def card_beside(ctx: ReadCtx, lesson_id: UUID) -> Row[Any] | None:
    """The columns of the published quiz that stands beside a lesson, as `views.card` reads them. One statement."""
    found: Row[Any] | None = ctx.session.execute(_BESIDE, {"lesson_id": lesson_id}).first()
    return found


def cards_in(ctx: ReadCtx, course_id: UUID, *, drafts: bool) -> Sequence[Row[Any]]:
    """The same columns of the quizzes of a course, oldest first. One statement."""
    wanted = _ALL_IN if drafts else _PUBLISHED_IN
    found: Sequence[Row[Any]] = ctx.session.execute(wanted, {"course_id": course_id}).all()
    return found


def attempt_row(ctx: ReadCtx, attempt_id: UUID) -> Row[Any] | None:
    """A row of `attempts_with_quiz`. One statement."""
    found: Row[Any] | None = ctx.session.execute(_ATTEMPT, {"attempt_id": attempt_id}).one_or_none()
    return found


def attempts_of(ctx: ReadCtx, *, quiz_id: UUID, user_id: UUID) -> Sequence[Row[Any]]:
    """A person's attempts at a quiz, oldest first. One statement."""
    wanted = attempts_with_quiz().where(Attempt.quiz_id == quiz_id, Attempt.user_id == user_id)
    rows: Sequence[Row[Any]] = ctx.session.execute(wanted.order_by(Attempt.number)).all()
    return rows


def attempts_count(ctx: ReadCtx, quiz_id: UUID) -> int:
    """How many attempts a quiz has."""
    count: int = ctx.session.execute(select(func.count()).where(Attempt.quiz_id == quiz_id)).scalar_one()
    return count


def paper(ctx: ReadCtx, paper_id: UUID | None) -> Paper | None:
    """A paper; None for an attempt that has none yet."""
    if paper_id is None:
        return None
    found: Paper | None = ctx.session.execute(select(Paper).where(Paper.id == paper_id)).scalar_one_or_none()
    return found


def printed(ctx: ReadCtx, paper_id: UUID | None) -> Mapping[UUID, PaperQuestion]:
    """The questions of a paper by id, in their authors' order; none before there is a paper.

    One statement, none while this process remembers the paper: it never changes.
    """
    if paper_id is None:
        return {}
    known = _PRINTED.get(paper_id)
    if known is None:
        rows = ctx.session.execute(_QUESTIONS, {"paper_id": paper_id}).scalar_one_or_none() or []
        known = {each.id: each for each in map(PaperQuestion.model_validate, rows)}
        if known:
            _PRINTED.keep(paper_id, known, weight=len(known))
    return known


def questions_of(ctx: ReadCtx, attempt: Attempt | Row[Any]) -> Mapping[UUID, PaperQuestion]:
    """The questions of an attempt by id, with the points they have in it; as costly as `printed`.

    `attempt` may be columns with `paper_id` and `drawn`. Those that were drawn for it, in its own order, where its
    paper holds more; else those of the paper.
    """
    known = printed(ctx, attempt.paper_id)
    if attempt.drawn is None:
        return known
    drawn = map(Drawn.model_validate, attempt.drawn)
    return {each.id: _for_points(known[each.id], each.points) for each in drawn}


def _for_points(question: PaperQuestion, points: float) -> PaperQuestion:
    return question if question.points == points else question.model_copy(update={"points": points})


def layout(ctx: ReadCtx, paper_id: UUID | None) -> tuple[Layout, bool]:
    """The layout of a paper that has one, and whether its choices are shuffled. One statement."""
    row = ctx.session.execute(_LAYOUT, {"paper_id": paper_id}).one()
    return Layout.model_validate(row.layout), row.shuffle_choices


def points_of(ctx: ReadCtx, paper_id: UUID | None) -> float:
    """The points of a paper together; 0 where there is none."""
    found = ctx.session.execute(_POINTS, {"paper_id": paper_id}).scalar_one_or_none()
    return found or 0.0


def answers(ctx: ReadCtx, attempt_id: UUID) -> dict[UUID, AttemptAnswer]:
    """The answers of an attempt by question."""
    rows = ctx.session.execute(select(AttemptAnswer).where(AttemptAnswer.attempt_id == attempt_id)).scalars()
    return {row.question_id: row for row in rows}


def answer_files(ctx: ReadCtx, attempt_ids: Sequence[UUID]) -> Sequence[AnswerFile]:
    """The files handed in with these attempts, in the order they came. One statement."""
    wanted = select(AnswerFile).where(AnswerFile.attempt_id.in_(attempt_ids)).order_by(AnswerFile.id)
    rows: Sequence[AnswerFile] = ctx.session.execute(wanted).scalars().all()
    return rows


def unmarked() -> ColumnElement[int]:
    """How many answers of an attempt wait for a person's mark, as a column beside it."""
    count = select(func.count()).where(AttemptAnswer.attempt_id == Attempt.id, AttemptAnswer.points.is_(None))
    return count.correlate(Attempt).scalar_subquery()


def questions(ctx: ReadCtx, quiz_id: UUID) -> tuple[QuestionDetail, ...]:
    """The present questions of a quiz in order, with their keys. Two statements."""
    rows = ctx.session.execute(
        select(Question).where(Question.quiz_id == quiz_id).order_by(Question.position, Question.id)
    ).scalars()
    found = list(rows)
    choices = _choices(ctx, [row.id for row in found])
    return tuple(
        QuestionDetail(
            id=row.id,
            type=row.type,
            text=row.text,
            points=row.points,
            partial_credit=row.partial_credit,
            feedback=row.feedback,
            hints=row.hints,
            penalty_percent=row.penalty_percent,
            choices=tuple(choices.get(row.id, ())),
            **keys.fields(row.type, row.key),
        )
        for row in found
    )


def _choices(ctx: ReadCtx, question_ids: Iterable[UUID]) -> dict[UUID, list[ChoiceDetail]]:
    rows = ctx.session.execute(
        select(Choice).where(Choice.question_id.in_(list(question_ids))).order_by(Choice.position, Choice.id)
    ).scalars()
    found: dict[UUID, list[ChoiceDetail]] = {}
    for row in rows:
        detail = ChoiceDetail(id=row.id, text=row.text, correct=row.correct, weight=row.weight, feedback=row.feedback)
        found.setdefault(row.question_id, []).append(detail)
    return found
