"""The assistant's own pages: asking without scripts, conversations, the answers instructors stand behind."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import errors_of
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.cache import RateLimiter
from lms_core.kit.errors import Invalid
from lms_core.kit.settings import Settings
from rag.conversations import service as conversations
from rag.conversations.schemas import ConversationChange, QuestionIn
from rag.faq import service as faq

router = APIRouter(include_in_schema=False)

CONVERSATIONS_A_PAGE = 30
Text = Annotated[str, Form(max_length=80_000)]


@router.post("/courses/{course}/ask")
def ask(
    request: Request,
    ctx: Writing,
    course: str,
    question: Text = "",
    conversation_id: UUID | None = Form(default=None),
    lesson_id: UUID | None = Form(default=None),
    mode: Text = "answer",
) -> Response:
    """Ask, then read the answer on the conversation's page: the way without scripts."""
    limiter, settings = ctx.resources.get(RateLimiter), ctx.resources.get(Settings)
    limiter.check(f"ask:{ctx.actor.user_id}", per_minute=settings.questions_per_minute)
    given = {"question": question, "conversation_id": conversation_id, "lesson_id": lesson_id, "mode": mode}
    try:
        question_in = QuestionIn.model_validate(given)
    except ValidationError as error:
        raise Invalid("; ".join(errors_of(error, words(request, ctx.actor)).values())) from error
    answer_id = conversations.ask(ctx, course=course, question_in=question_in)
    asked = conversations.answer(ctx, answer_id=answer_id)
    return redirect(f"/conversations/{asked.conversation_id}#latest")


@router.get("/conversations")
def conversation_list(
    request: Request,
    ctx: Reading,
    course: UUID | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """Conversations, last used first; four statements."""
    found = conversations.my_conversations(ctx, course_id=course, cursor=cursor, limit=CONVERSATIONS_A_PAGE)
    cards = courses.cards(ctx, [each.course_id for each in found.items])
    return page(request, ctx.actor, "conversations.html", found=found, cards=cards, course=course)


@router.get("/conversations/{conversation_id}")
def conversation(request: Request, ctx: Reading, conversation_id: UUID) -> Response:
    """Everything said in a conversation, and a box to go on."""
    detail = conversations.conversation(ctx, conversation_id=conversation_id)
    card = courses.access_course(ctx, detail.course_id, even_archived=True)
    waiting = any(answer.status == "running" for answer in detail.answers)
    return page(request, ctx.actor, "conversation.html", conversation=detail, course=card, waiting=waiting)


@router.post("/conversations/{conversation_id}/rename")
def rename(ctx: Writing, conversation_id: UUID, title: Text = "") -> Response:
    """Give a conversation another title; an empty one changes nothing."""
    if title.strip():
        change = ConversationChange(title=title.strip()[:200])
        conversations.rename(ctx, conversation_id=conversation_id, change=change)
    return redirect(f"/conversations/{conversation_id}", notice="renamed")


@router.post("/conversations/{conversation_id}/delete")
def delete(ctx: Writing, conversation_id: UUID) -> Response:
    """Delete a conversation."""
    conversations.remove(ctx, conversation_id=conversation_id)
    return redirect("/conversations", notice="conversation-deleted")


@router.get("/courses/{course}/faq")
def faq_page(request: Request, ctx: Reading, course: str) -> Response:
    """The answers instructors stand behind, for those who may ask the course."""
    entries = faq.entries(ctx, course=course)
    return page(request, ctx.actor, "faq.html", course=courses.access_course(ctx, course), entries=entries)
