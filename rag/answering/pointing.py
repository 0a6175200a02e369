"""Where to read, and nothing else: what the assistant says while an open quiz allows hints only.

No sentence of a lesson is quoted and nothing cited, whatever answers otherwise: the learner has to read for themselves.
"""

from collections.abc import Iterator

from rag.answering import phrases, refusal
from rag.answering.schemas import AnswerEvent, AnswerRequest, Finished, Note, Token

NAME = "places"
HINTS_ONLY = Note("exam_hints_only", "A quiz is open whose rules allow hints only, so the lessons are not quoted.")


def point(request: AnswerRequest) -> Iterator[AnswerEvent]:
    """Name the nearest places as suggestions; refuse where the course does not answer, as ever."""
    talk = refusal.reply_to_small_talk(request, answered_by=NAME)
    code = refusal.reason_to_refuse(request)
    if talk is not None:
        yield from talk
    elif code is not None:
        yield from refusal.refuse(request, code=code, answered_by=NAME)
    else:
        text = phrases.phrase("places_only", language=request.language)
        yield Token(text)
        near = refusal.suggestions(request.retrieval.hits, language=request.language)
        yield Finished(text, (), "answered", NAME, (HINTS_ONLY,), near)
