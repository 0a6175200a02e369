"""What conversations with the assistant hold about a person."""

from lms_core.kit.personal import Mine, declare
from rag.conversations.models import Answer, AnswerFeedback, Conversation, Question

declare(
    "conversations",
    Mine(Conversation.user_id),
    Mine(Question.user_id),
    Mine(Answer.question_id, via=Question.user_id, without=frozenset({"trace", "timings_ms"})),
    Mine(AnswerFeedback.user_id),
)
