"""Answers that quote nothing: refusals with nearby lessons, small talk."""

from collections.abc import Iterator, Sequence

from rag.answering import phrases
from rag.answering.schemas import AnswerEvent, AnswerRequest, Finished, Note, Suggestion, Token
from rag.answering.small_talk import small_talk
from rag.schemas import Hit

MAX_SUGGESTIONS = 3

_WHY = {
    "no_passages": "No passage of the course came near the question.",
    "not_answerable": "The course's passages are unlikely to answer the question.",
    "nothing_quotable": "The passages found hold nothing that can be quoted as an answer.",
    "model_found_no_answer": "The chat model read the passages and found no answer in them.",
    "small_talk": "The message is small talk, not a question about the course.",
    "off_topic": "The message asks for something no course answers.",
}


def reason_to_refuse(request: AnswerRequest) -> str | None:
    """Why this question is not answered, as a code; None when it is."""
    if not request.retrieval.hits:
        return "no_passages"
    if request.retrieval.answerable < request.retrieval.threshold:
        return "not_answerable"
    return None


def suggestions(hits: Sequence[Hit], *, language: str) -> tuple[Suggestion, ...]:
    """The best passage of each of the nearest lessons, up to three; those in the asker's language come first."""
    asker = phrases.base_language(language)
    nearest: dict[object, Suggestion] = {}
    for hit in sorted(hits, key=lambda hit: phrases.base_language(hit.candidate.language) != asker):
        found = hit.candidate
        nearest.setdefault(
            found.lesson_id, Suggestion(found.lesson_id, found.chunk_id, found.anchor, found.heading_path)
        )
    return tuple(nearest.values())[:MAX_SUGGESTIONS]


def refuse(request: AnswerRequest, *, code: str, answered_by: str) -> Iterator[AnswerEvent]:
    """A kind sentence in the asker's language, no citation, and where to look instead (as data)."""
    near = suggestions(request.retrieval.hits, language=request.language)
    text = phrases.phrase("refusal_with_suggestions" if near else "refusal", language=request.language)
    yield Token(text)
    yield Finished(text, (), "refused", answered_by, (Note(code, _WHY[code]),), near)


def reply_to_small_talk(request: AnswerRequest, *, answered_by: str) -> Iterator[AnswerEvent] | None:
    """The reply to a greeting, thanks or a foreign wish; None when the message is a question.

    A wish that looks foreign is still answered from the course when the course answers it.
    """
    kind = small_talk(request.question)
    if kind is None or (kind == "off_topic" and reason_to_refuse(request) is None):
        return None
    text = phrases.phrase(kind, language=request.language)
    code = "off_topic" if kind == "off_topic" else "small_talk"
    finished = Finished(
        text, (), "refused" if kind == "off_topic" else "answered", answered_by, (Note(code, _WHY[code]),)
    )
    return iter((Token(text), finished))
