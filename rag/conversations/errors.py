"""What can be refused in a conversation."""

from lms_core.kit.errors import NotFound


class ConversationNotFound(NotFound):
    """No such conversation of this person."""

    code = "conversation_not_found"
    title = "There is no such conversation"


class AnswerNotFound(NotFound):
    """No such answer for this person."""

    code = "answer_not_found"
    title = "There is no such answer"
