"""Reading what learners asked and did not get."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Permission
from rag.access import access_to_edit
from rag.conversations.models import Answer, AnswerFeedback, AnswerStatus, Question
from rag.faq.models import FaqEntry
from rag.insights.schemas import Insights, OpenQuestion, Totals

SHOWN = 100


def of_course(ctx: ReadCtx, *, course: str) -> Insights:
    """Totals and open questions, newest first; three statements after the access check."""
    found = access_to_edit(ctx, course=course, permission=Permission.INSIGHTS_READ)
    return Insights(totals=_totals(ctx, found.course_id), open_questions=_open(ctx, found.course_id))


def _totals(ctx: ReadCtx, course_id: UUID) -> Totals:
    statuses = select(Answer.status, func.count()).where(Answer.course_id == course_id).group_by(Answer.status)
    by_status: dict[Any, int] = dict(ctx.session.execute(statuses).tuples().all())
    ratings = (
        select(AnswerFeedback.helpful, func.count())
        .join(Answer, Answer.id == AnswerFeedback.answer_id)
        .where(Answer.course_id == course_id)
        .group_by(AnswerFeedback.helpful)
    )
    thumbs: dict[Any, int] = dict(ctx.session.execute(ratings).tuples().all())
    return Totals(
        questions=sum(by_status.values()),
        answered=by_status.get(AnswerStatus.ANSWERED, 0),
        refused=by_status.get(AnswerStatus.REFUSED, 0),
        helpful=thumbs.get(True, 0),
        unhelpful=thumbs.get(False, 0),
    )


def _open(ctx: ReadCtx, course_id: UUID) -> list[OpenQuestion]:
    settled = select(FaqEntry.source_question_id).where(
        FaqEntry.course_id == course_id, FaqEntry.source_question_id.is_not(None)
    )
    rows = ctx.session.execute(
        select(Question, Answer, AnswerFeedback)
        .join(Answer, Answer.question_id == Question.id)
        .outerjoin(AnswerFeedback, (AnswerFeedback.answer_id == Answer.id) & AnswerFeedback.helpful.is_(False))
        .where(
            Question.course_id == course_id,
            (Answer.status == AnswerStatus.REFUSED) | AnswerFeedback.id.is_not(None),
            Question.id.not_in(settled),
        )
        .order_by(Question.id.desc())
        .limit(SHOWN)
    ).all()
    reasons: dict[UUID, list[str]] = defaultdict(list)
    listed: dict[UUID, tuple[Question, Answer]] = {}
    for question, answer, feedback in rows:
        if any(note["code"] in ("small_talk", "off_topic") for note in answer.notes):
            continue
        listed[question.id] = (question, answer)
        if feedback is not None and feedback.reason:
            reasons[question.id].append(feedback.reason)
    return [_view(question, answer, reasons[question.id]) for question, answer in listed.values()]


def _view(question: Question, answer: Answer, reasons: list[str]) -> OpenQuestion:
    return OpenQuestion(
        question_id=question.id,
        question=question.text,
        language=question.language,
        answer=answer.text,
        why="refused" if answer.status == AnswerStatus.REFUSED else "rated_badly",
        reasons=reasons,
        asked_at=question.created_at,
    )
