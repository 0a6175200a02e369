"""Selects over conversations."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from lms_core.content.courses.models import Lesson, LessonStatus
from lms_core.identity.accounts.models import User
from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Permission
from rag.conversations.models import Answer, AnswerFeedback, AnswerStatus, Citation, Conversation, Question
from rag.conversations.schemas import AnswerView, CitationView, SuggestionView
from rag.faq.models import FaqEntry

HISTORY_TURNS = 4


def conversations_of(user_id: UUID, *, course_id: UUID | None, after: tuple[datetime, UUID] | None) -> Select[Any]:
    """A person's conversations, last used first."""
    statement = select(Conversation).where(Conversation.user_id == user_id)
    if course_id is not None:
        statement = statement.where(Conversation.course_id == course_id)
    if after is not None:
        updated_at, row_id = after
        earlier = (Conversation.updated_at == updated_at) & (Conversation.id < row_id)
        statement = statement.where((Conversation.updated_at < updated_at) | earlier)
    return statement.order_by(Conversation.updated_at.desc(), Conversation.id.desc())


def history(ctx: ReadCtx, *, conversation_id: UUID, before: UUID) -> list[tuple[str, str]]:
    """The last answered turns before the question `before`, oldest first: (question, answer)."""
    rows = ctx.session.execute(
        select(Question.standalone, Question.text, Answer.text)
        .join(Answer, Answer.question_id == Question.id)
        .where(
            Question.conversation_id == conversation_id,
            Question.id < before,
            Answer.status.in_((AnswerStatus.ANSWERED, AnswerStatus.REFUSED)),
        )
        .order_by(Question.id.desc())
        .limit(HISTORY_TURNS)
    ).all()
    return [(standalone or text, answer) for standalone, text, answer in reversed(rows)]


def answer_views(
    ctx: ReadCtx, *, user_id: UUID, conversation_id: UUID | None = None, answer_id: UUID | None = None
) -> list[AnswerView]:
    """Answers of this person's questions with citations and feedback, oldest first; four statements."""
    statement = (
        select(Answer, Question, AnswerFeedback.helpful, User.full_name)
        .join(Question, Question.id == Answer.question_id)
        .outerjoin(AnswerFeedback, (AnswerFeedback.answer_id == Answer.id) & (AnswerFeedback.user_id == user_id))
        .outerjoin(FaqEntry, FaqEntry.id == Answer.faq_entry_id)
        .outerjoin(User, User.id == FaqEntry.author_id)
        .where(Question.user_id == user_id)
        .order_by(Question.id)
    )
    if conversation_id is not None:
        statement = statement.where(Question.conversation_id == conversation_id)
    if answer_id is not None:
        statement = statement.where(Answer.id == answer_id)
    rows = ctx.session.execute(statement).all()
    citations = citation_views(ctx, answer_ids=[row[0].id for row in rows])
    suggested = lesson_titles(ctx, ids=[UUID(each["lesson_id"]) for row in rows for each in row[0].suggestions])
    return [_view(*row, citations=citations[row[0].id], titles=suggested) for row in rows]


def _view(
    answer: Answer,
    question: Question,
    helpful: bool | None,
    approver: str | None,
    *,
    citations: list[CitationView],
    titles: dict[UUID, str],
) -> AnswerView:
    near = [
        SuggestionView(
            lesson_id=UUID(each["lesson_id"]),
            lesson_title=titles[UUID(each["lesson_id"])],
            anchor=each.get("anchor"),
            heading=each.get("heading", ""),
        )
        for each in answer.suggestions
        if UUID(each["lesson_id"]) in titles
    ]
    return AnswerView.model_validate(
        {
            "id": answer.id,
            "conversation_id": question.conversation_id,
            "question_id": question.id,
            "question": question.text,
            "status": str(answer.status),
            "answer": answer.text,
            "citations": citations,
            "answered_by": answer.answered_by,
            "approved_by": approver,
            "notes": answer.notes,
            "suggestions": near,
            "helpful": helpful,
            "timings_ms": answer.timings_ms,
            "created_at": answer.created_at,
        }
    )


def citation_views(ctx: ReadCtx, *, answer_ids: Sequence[UUID]) -> dict[UUID, list[CitationView]]:
    """Citations by answer, in order. A citation of a lesson hidden meanwhile is shown to its editors alone."""
    rows = ctx.session.execute(
        select(Citation, Lesson.title, Lesson.source_path, Lesson.status, Lesson.course_id)
        .join(Lesson, Lesson.id == Citation.lesson_id)
        .where(Citation.answer_id.in_(answer_ids))
        .order_by(Citation.answer_id, Citation.number)
    ).all()
    found: dict[UUID, list[CitationView]] = defaultdict(list)
    for citation, title, path, status, course_id in rows:
        if not _is_shown(ctx, status, course_id):
            continue
        found[citation.answer_id].append(
            CitationView(
                number=citation.number,
                lesson_id=citation.lesson_id,
                lesson_title=title,
                source_path=path,
                anchor=citation.anchor,
                page=citation.page,
                start_seconds=citation.start_seconds,
                quote=citation.quote,
                score=round(citation.score, 4),
            )
        )
    return found


def lesson_titles(ctx: ReadCtx, *, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Titles of lessons the actor may see, by id."""
    if not ids:
        return {}
    rows = ctx.session.execute(
        select(Lesson.id, Lesson.title, Lesson.status, Lesson.course_id).where(Lesson.id.in_(set(ids)))
    )
    return {row.id: row.title for row in rows if _is_shown(ctx, row.status, row.course_id)}


def _is_shown(ctx: ReadCtx, status: str, course_id: UUID) -> bool:
    return status == LessonStatus.PUBLISHED or ctx.actor.may(Permission.COURSE_EDIT, course_id=course_id)


def lesson_places(ctx: ReadCtx, *, ids: Sequence[UUID]) -> dict[UUID, tuple[str, str | None]]:
    """Title and path inside the course of lessons, by id."""
    if not ids:
        return {}
    rows = ctx.session.execute(select(Lesson.id, Lesson.title, Lesson.source_path).where(Lesson.id.in_(set(ids))))
    return {row.id: (row.title, row.source_path) for row in rows}
