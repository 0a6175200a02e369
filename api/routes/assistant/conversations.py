"""Conversations: listed, read, renamed, deleted by whoever held them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.kit.errors import Invalid
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page
from rag.conversations import service as conversations
from rag.conversations.errors import ConversationNotFound
from rag.conversations.schemas import ConversationChange, ConversationDetail, ConversationView

router = APIRouter(prefix="/conversations", tags=["assistant"])


@router.get("", response_model=Page[ConversationView], responses=errors(Invalid))
def my_conversations(
    ctx: Reading,
    course: UUID | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)] = DEFAULT_LIMIT,
) -> Page[ConversationView]:
    """Your conversations, last used first."""
    return conversations.my_conversations(ctx, course_id=course, cursor=cursor, limit=limit)


@router.get("/{conversation_id}", response_model=ConversationDetail, responses=errors(ConversationNotFound))
def get_conversation(conversation_id: UUID, ctx: Reading) -> ConversationDetail:
    """A conversation with everything said in it."""
    return conversations.conversation(ctx, conversation_id=conversation_id)


@router.patch("/{conversation_id}", response_model=ConversationView, responses=errors(ConversationNotFound))
def rename(conversation_id: UUID, change: ConversationChange, ctx: Writing) -> ConversationView:
    """Give a conversation another title."""
    return conversations.rename(ctx, conversation_id=conversation_id, change=change)


@router.delete("/{conversation_id}", status_code=204, responses=errors(ConversationNotFound))
def remove(conversation_id: UUID, ctx: Writing) -> None:
    """Delete a conversation."""
    conversations.remove(ctx, conversation_id=conversation_id)
