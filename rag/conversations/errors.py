"""What can be refused in a conversation."""

from lms_core.kit.errors import Conflict, NotFound


class ConversationNotFound(NotFound):
    """No such conversation of this person."""

    code = "conversation_not_found"
    title = "There is no such conversation"


class AnswerNotFound(NotFound):
    """No such answer for this person."""

    code = "answer_not_found"
    title = "There is no such answer"


class StillAnswering(Conflict):
    """One question at a time in a conversation."""

    code = "still_answering"
    title = "The last question is still being answered"
