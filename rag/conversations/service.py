"""Verbs on conversations. An answer is a job: asking returns at once, with the id to follow."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.schemas import Metric
from lms_core.kit.cache import Cache
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.pagination import Page, decode_cursor, page
from rag.access import CourseAccess, access_to_ask
from rag.conversations import queries
from rag.conversations.errors import AnswerNotFound, ConversationNotFound
from rag.conversations.models import Answer, AnswerFeedback, Conversation, Question
from rag.conversations.schemas import (
    AnswerView,
    ConversationChange,
    ConversationDetail,
    ConversationView,
    FeedbackIn,
    QuestionIn,
)

ANSWER_JOB = "rag.answer"
TITLE_LENGTH = 80
PLACES_MODE = "places"  # kept with a question that was asked while a quiz allowed hints only
STOP_SECONDS = 600


def ask(ctx: WriteCtx, *, course: str, question_in: QuestionIn) -> UUID:
    """Put a question to a course; returns the id of its answer, which is now being worked on.

    It counts where a plan meters questions: AllowanceUsed (and nothing is asked) when no more of them are to be had.
    """
    course_access = access_to_ask(ctx, course=course)
    assert ctx.actor.user_id is not None
    conversation = _conversation(ctx, course_access, question_in)
    conversation.updated_at = ctx.now
    question = ctx.add(
        Question(
            conversation_id=conversation.id,
            course_id=course_access.course_id,
            user_id=ctx.actor.user_id,
            lesson_id=question_in.lesson_id,
            text=question_in.question,
            language=question_in.language or "",
            mode=PLACES_MODE if course_access.hints_only else question_in.mode,
            created_at=ctx.now,
        )
    )
    if not course_access.editor:
        metric = Metric.ASSISTANT_QUESTIONS
        subscriptions.use(ctx, course_id=course_access.course_id, metric=metric, key=question.id.hex)
    answer = ctx.add(Answer(question_id=question.id, course_id=course_access.course_id, created_at=ctx.now))
    ctx.enqueue(ANSWER_JOB, answer_id=str(answer.id), drafts=course_access.editor)
    return answer.id


def _conversation(ctx: WriteCtx, course: CourseAccess, question_in: QuestionIn) -> Conversation:
    if question_in.conversation_id is not None:
        found = access_conversation(ctx, conversation_id=question_in.conversation_id)
        if found.course_id != course.course_id:
            raise ConversationNotFound("This conversation belongs to another course.")
        return found
    title = " ".join(question_in.question.split())
    if len(title) > TITLE_LENGTH:
        title = title[: TITLE_LENGTH - 1].rsplit(" ", 1)[0] + "…"
    return ctx.add(
        Conversation(
            user_id=ctx.actor.user_id,
            course_id=course.course_id,
            title=title,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    )


def access_conversation(ctx: ReadCtx, *, conversation_id: UUID) -> Conversation:
    """The caller's own conversation; ConversationNotFound for everybody else."""
    found = ctx.session.execute(
        select(Conversation).where(Conversation.id == conversation_id, Conversation.user_id == ctx.actor.user_id)
    ).scalar_one_or_none()
    if found is None:
        raise ConversationNotFound
    return found


def answer(ctx: ReadCtx, *, answer_id: UUID) -> AnswerView:
    """One of the caller's answers, finished or running."""
    assert ctx.actor.user_id is not None
    found = queries.answer_views(ctx, user_id=ctx.actor.user_id, answer_id=answer_id)
    if not found:
        raise AnswerNotFound
    return found[0]


def conversation(ctx: ReadCtx, *, conversation_id: UUID) -> ConversationDetail:
    """A conversation of the caller with all its answers."""
    row = access_conversation(ctx, conversation_id=conversation_id)
    answers = queries.answer_views(ctx, user_id=row.user_id, conversation_id=row.id)
    return ConversationDetail(**_view(row).model_dump(), answers=answers)


def _view(row: Conversation) -> ConversationView:
    return ConversationView.model_validate(row, from_attributes=True)


def my_conversations(ctx: ReadCtx, *, course_id: UUID | None, cursor: str | None, limit: int) -> Page[ConversationView]:
    """The caller's conversations, last used first."""
    assert ctx.actor.user_id is not None
    after = None
    if cursor is not None:
        after = _position(cursor)
    statement = queries.conversations_of(ctx.actor.user_id, course_id=course_id, after=after).limit(limit + 1)
    views = [_view(row) for row in ctx.session.execute(statement).scalars()]
    return page(views, limit, lambda view: [view.updated_at.isoformat(), str(view.id)])


def _position(cursor: str) -> tuple[datetime, UUID]:
    updated, row_id = decode_cursor(cursor, [str, str])
    try:
        return datetime.fromisoformat(updated).astimezone(UTC), UUID(row_id)
    except (ValueError, OverflowError) as error:
        raise Invalid("The cursor belongs to another list. Start again without it.") from error


def rename(ctx: WriteCtx, *, conversation_id: UUID, change: ConversationChange) -> ConversationView:
    """Give a conversation another title."""
    row = access_conversation(ctx, conversation_id=conversation_id)
    row.title = change.title
    ctx.session.flush()
    return _view(row)


def remove(ctx: WriteCtx, *, conversation_id: UUID) -> None:
    """Delete a conversation and everything said in it."""
    row = access_conversation(ctx, conversation_id=conversation_id)
    ctx.session.execute(delete(Conversation).where(Conversation.id == row.id))


def give_feedback(ctx: WriteCtx, *, answer_id: UUID, feedback_in: FeedbackIn) -> None:
    """Keep the caller's thumb on an answer of theirs; a second one replaces the first."""
    view = answer(ctx, answer_id=answer_id)
    row = ctx.session.execute(
        select(AnswerFeedback).where(AnswerFeedback.answer_id == view.id, AnswerFeedback.user_id == ctx.actor.user_id)
    ).scalar_one_or_none()
    if row is None:
        row = AnswerFeedback(
            answer_id=view.id, user_id=ctx.actor.user_id, helpful=feedback_in.helpful, created_at=ctx.now
        )
    row.helpful, row.reason = feedback_in.helpful, feedback_in.reason.strip()
    ctx.add(row)


def stop(ctx: ReadCtx, *, answer_id: UUID) -> None:
    """Ask the job behind an answer to stop; what was said until then stays."""
    view = answer(ctx, answer_id=answer_id)
    if view.status == "running":
        ctx.resources.get(Cache).put(stop_key(view.id), b"1", seconds=STOP_SECONDS)  # type: ignore[type-abstract]


def stop_key(answer_id: UUID) -> str:
    """Where a wish to stop is left for the job."""
    return f"stop:{answer_id}"


def stream_name(answer_id: UUID) -> str:
    """The stream on which an answer's events appear."""
    return f"answer:{answer_id}"
