"""Marks: by the key at submission, by people for essays and files, and whether an attempt counts at all."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.events import Notice
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import behaving, papers, queries, showing, states, views
from lms_core.learning.assessments.errors import AttemptNotThere, QuestionNotFound
from lms_core.learning.assessments.events import AttemptGraded, AttemptRestored, AttemptVoided
from lms_core.learning.assessments.models import Attempt, AttemptAnswer, AttemptStatus, Paper, Quiz
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.schemas import AttemptRow, AttemptView, HandedFile, MarkIn, ToMark
from lms_core.learning.assessments.service import sittings, standing
from lms_core.learning.assessments.service.access import access_attempt, gradable, staffed


def grade_automatically(ctx: WriteCtx, quiz: Quiz, attempt: Attempt) -> None:
    """Mark every answer of a submitted attempt that its key can judge, and sum up. Essays and files wait."""
    answers, terms = queries.answers(ctx, attempt.id), views.terms_of(attempt)
    asked = sittings.as_they_count(ctx, attempt)
    for question in asked.questions.values():
        answer = answers.get(question.id)
        if question.id in asked.full:
            _give_all(ctx, attempt, question, answer)
        elif answer is not None:
            answer.points = behaving.points_for(question, answer, terms=terms, seed=attempt.seed)
            if answer.points is None and question.id in asked.excluded:
                answer.points = 0.0
            answer.graded_at = ctx.now if answer.points is not None else None
    ctx.session.flush()
    _sum_up(ctx, quiz, attempt, by_person=False)


def mark(ctx: WriteCtx, attempt_id: UUID, *, question_id: UUID, mark: MarkIn) -> AttemptView:
    """Give an answer of a finished attempt its points and a comment; marks may be changed later.

    For who marks in the course. QuestionNotFound; Invalid when there are more points than the question has.
    """
    attempt, quiz = gradable(ctx, attempt_id)
    _require_finished(attempt, "grade")
    question = queries.questions_of(ctx, attempt).get(question_id)
    if question is None:
        raise QuestionNotFound()
    if mark.points > question.points:
        told = f"The question has {question.points:g} points. Give as many or fewer."
        raise Invalid(told, fields=[{"field": "points", "message": told}])
    answer = queries.answers(ctx, attempt.id).get(question_id)
    if answer is None:
        answer = AttemptAnswer(attempt_id=attempt.id, question_id=question_id, saved_at=ctx.now)
    answer.points, answer.comment = mark.points, mark.comment
    answer.graded_by, answer.graded_at = ctx.actor.user_id, ctx.now
    ctx.add(answer)
    _sum_up(ctx, quiz, attempt, by_person=True)
    return access_attempt(ctx, attempt.id)


def void(ctx: WriteCtx, attempt_id: UUID, *, reason: str) -> AttemptView:
    """Make a finished attempt not count, with the reason its taker reads; again: the new reason. For who marks."""
    attempt, quiz = gradable(ctx, attempt_id)
    _require_finished(attempt, "void")
    first = attempt.voided_at is None
    attempt.voided_at, attempt.void_reason = attempt.voided_at or ctx.now, reason
    ctx.session.flush()
    if first:
        standing.write_down(ctx, quiz, user_id=attempt.user_id)
        notice = _notice(attempt, quiz, "assessments.attempt_voided", reason=reason)
        ctx.emit(AttemptVoided(**views.ids_of(attempt), reason=reason, notice=notice))
    return access_attempt(ctx, attempt.id)


def restore(ctx: WriteCtx, attempt_id: UUID) -> AttemptView:
    """Take voiding back; an attempt that counts stays as it is. For who marks."""
    attempt, quiz = gradable(ctx, attempt_id)
    if attempt.voided_at is not None:
        attempt.voided_at, attempt.void_reason = None, ""
        ctx.session.flush()
        standing.write_down(ctx, quiz, user_id=attempt.user_id)
        notice = _notice(attempt, quiz, "assessments.attempt_restored")
        ctx.emit(AttemptRestored(**views.ids_of(attempt), notice=notice))
    return access_attempt(ctx, attempt.id)


def attempts_at(ctx: ReadCtx, quiz_id: UUID, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[AttemptRow]:
    """Everybody's attempts at a quiz, latest first, for who marks. Two statements and those of the access."""
    quiz, _ = staffed(ctx, quiz_id, Permission.ATTEMPT_GRADE)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    wanted = queries.attempts_with_quiz().add_columns(queries.unmarked().label("unmarked"))
    wanted = wanted.where(Attempt.quiz_id == quiz.id)
    if cursor:
        wanted = wanted.where(Attempt.id < _position(cursor))
    rows = ctx.session.execute(wanted.order_by(Attempt.id.desc()).limit(limit + 1)).all()
    names = accounts.names_of(ctx, [row.Attempt.user_id for row in rows])
    found = [
        AttemptRow(
            **views.attempt_fields(row, now=ctx.now, everything=True),
            user_name=names.get(row.Attempt.user_id, ""),
            unmarked=row.unmarked if row.Attempt.status == AttemptStatus.SUBMITTED else 0,
        )
        for row in rows
    ]
    return page(found, limit, key=lambda attempt: (str(attempt.id),))


def to_mark(ctx: ReadCtx, quiz_id: UUID, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[ToMark]:
    """Answers of a quiz that wait for a person, longest waiting first. Four statements and those of the access."""
    quiz, _ = staffed(ctx, quiz_id, Permission.ATTEMPT_GRADE)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    wanted = (
        select(AttemptAnswer, Attempt)
        .join(Attempt, Attempt.id == AttemptAnswer.attempt_id)
        .where(Attempt.quiz_id == quiz.id, Attempt.status == AttemptStatus.SUBMITTED, AttemptAnswer.points.is_(None))
    )
    if cursor:
        wanted = wanted.where(AttemptAnswer.id > _position(cursor))
    rows = ctx.session.execute(wanted.order_by(AttemptAnswer.id).limit(limit + 1)).all()
    shown = page(rows, limit, key=lambda row: (str(row.AttemptAnswer.id),))
    names = accounts.names_of(ctx, [row.Attempt.user_id for row in shown.items])
    wanted_papers = {row.Attempt.paper_id for row in shown.items}
    known = ctx.session.execute(select(Paper).where(Paper.id.in_(wanted_papers))).scalars() if wanted_papers else ()
    sheets = {paper.id: paper for paper in known}
    handed = views.handed_files(queries.answer_files(ctx, [row.Attempt.id for row in shown.items]))
    items = [
        _to_mark(
            quiz,
            row.Attempt,
            row.AttemptAnswer,
            sheets[row.Attempt.paper_id],
            name=names.get(row.Attempt.user_id, ""),
            files=handed.get((row.Attempt.id, row.AttemptAnswer.question_id), ()),
        )
        for row in shown.items
    ]
    return Page(items=items, next_cursor=shown.next_cursor)


def _to_mark(
    quiz: Quiz, attempt: Attempt, answer: AttemptAnswer, paper: Paper, *, name: str, files: Sequence[HandedFile]
) -> ToMark:
    question = papers.question_of(paper, answer.question_id)
    assert question is not None and attempt.submitted_at is not None
    return ToMark(
        attempt_id=attempt.id,
        question_id=answer.question_id,
        quiz_id=quiz.id,
        quiz_title=quiz.title,
        user_id=attempt.user_id,
        user_name=name,
        submitted_at=attempt.submitted_at,
        question_html=showing.question_html(question, seed=attempt.seed),
        points=_points_in(attempt, question),
        answer=answer.text,
        files=tuple(files),
    )


def _points_in(attempt: Attempt, question: PaperQuestion) -> float:
    """What the question is worth in this attempt: a draw gives its own points."""
    drawn = {each["id"]: float(each["points"]) for each in attempt.drawn or ()}
    return drawn.get(str(question.id), question.points)


def _give_all(ctx: WriteCtx, attempt: Attempt, question: PaperQuestion, answer: AttemptAnswer | None) -> None:
    """Full marks, also for who left the question out."""
    if answer is None:
        answer = AttemptAnswer(attempt_id=attempt.id, question_id=question.id, saved_at=ctx.now)
    answer.points, answer.graded_at = question.points, ctx.now
    ctx.session.add(answer)


def _sum_up(ctx: WriteCtx, quiz: Quiz, attempt: Attempt, *, by_person: bool) -> None:
    """Score of what has marks; the attempt is graded once all have one."""
    excluded = sittings.as_they_count(ctx, attempt).excluded if attempt.regraded_at is not None else frozenset()
    answers = queries.answers(ctx, attempt.id)
    marks = [answer.points for question_id, answer in answers.items() if question_id not in excluded]
    earned = sum(points for points in marks if points is not None)
    attempt.score = round(behaving.total(earned, views.terms_of(attempt)), 2)
    total = queries.points_of(ctx, attempt.paper_id) - attempt.excluded_points
    attempt.percent = round(100 * attempt.score / total, 2) if total else 0.0
    ctx.session.flush()
    if any(points is None for points in marks):
        return
    attempt.status = states.after(attempt.status, "grade")
    attempt.graded_at = ctx.now
    ctx.session.flush()
    standing.write_down(ctx, quiz, user_id=attempt.user_id)
    notice = _notice(attempt, quiz, "assessments.attempt_graded") if by_person else None
    passed = attempt.percent >= quiz.passing_percent
    ctx.emit(AttemptGraded(**views.ids_of(attempt), percent=attempt.percent, passed=passed, notice=notice))


def _require_finished(attempt: Attempt, step: str) -> None:
    if attempt.status not in states.FINISHED:
        raise AttemptNotThere(attempt.status, step)


def _notice(attempt: Attempt, quiz: Quiz, kind: str, **variables: str) -> Notice:
    # No score: a letter would tell it before the quiz's policy does.
    about = {"quiz": quiz.title, "attempt_id": str(attempt.id), **variables}
    return Notice(recipients=(attempt.user_id,), kind=kind, variables=about)


def _position(cursor: str) -> UUID:
    last = parse_id(decode_cursor(cursor, (str,))[0])
    if last is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return last
