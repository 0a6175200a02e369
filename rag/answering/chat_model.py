"""The answerer that lets a chat model write, sentence by checked sentence.

When the provider fails, is too slow, or writes what the passages do not hold,
the extractive answerer takes over and the last event says which and why.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from rag.answering import citable, phrases, provider, refusal
from rag.answering.followup import leans_on_history, standalone_question
from rag.answering.guard import CitationGuard
from rag.answering.prompting import NOT_IN_COURSE, answer_prompt, rewrite_prompt
from rag.answering.provider import ChatModelSettings, StreamFailed
from rag.answering.schemas import Answerer, AnswerEvent, AnswerRequest, Cited, Cleared, Finished, Note, Token, Turn
from rag.answering.words import content_stems

MAX_REWRITE_CHARS = 300

_DROPPED_BECAUSE = {
    "no_citation": "cited no passage",
    "false_citation": "cited a passage that was not retrieved",
    "unsupported": "were not supported by the passage they cite",
    "leak": "repeated instructions instead of the course",
}


@dataclass(slots=True)
class _Attempt:
    """What one reading of the model's stream came to."""

    said: list[str] = field(default_factory=list)
    text: str = ""  # as the model wrote it
    failure: StreamFailed | None = None
    stopped: bool = False


class ChatModelAnswerer:
    """Answers through LangChain; safe from many threads. Raises `ChatModelUnavailable` when it cannot be set up."""

    def __init__(self, settings: ChatModelSettings, *, fallback: Answerer) -> None:
        self.name = settings.model
        self._settings = settings
        self._fallback = fallback
        self._model = provider.connect(settings)

    def standalone(self, question: str, history: Sequence[Turn]) -> str:
        """The question made independent of the conversation; by rule when the model's rewriting cannot be trusted."""
        ruled = standalone_question(question, history)
        if not history or not leans_on_history(question):
            return ruled.text
        try:
            written = provider.complete_text(
                self._model, rewrite_prompt(question, history=history), seconds=self._settings.rewrite_seconds
            ).strip()
        except StreamFailed:
            return ruled.text
        return written if _is_rewriting(written, question=question, history=history) else ruled.text

    def answer(self, request: AnswerRequest) -> Iterator[AnswerEvent]:
        """Stream checked sentences; `Cleared` before a restart with the extractive answerer, when text was shown."""
        talk = refusal.reply_to_small_talk(request, answered_by=self.name)
        code = refusal.reason_to_refuse(request)
        if talk is not None:
            yield from talk
            return
        if code is not None:
            yield from refusal.refuse(request, code=code, answered_by=self.name)
            return
        question = standalone_question(request.question, request.history).text
        prompt = answer_prompt(request, question=question, max_passages=self._settings.max_passages)
        guard = CitationGuard(
            prompt.passages, question=question, language=request.language, secrets=(prompt.system, prompt.marker)
        )
        attempt = _Attempt()
        yield from self._stream(request, prompt.messages(), guard, attempt)
        yield from self._conclude(request, guard, attempt)

    def _stream(
        self, request: AnswerRequest, messages: list[tuple[str, str]], guard: CitationGuard, attempt: _Attempt
    ) -> Iterator[AnswerEvent]:
        pieces = provider.stream_text(
            self._model,
            messages,
            first_token_seconds=self._settings.first_token_seconds,
            total_seconds=self._settings.total_seconds,
            stop=request.stop,
        )
        try:
            for piece in pieces:
                attempt.text += piece
                yield from _released(guard.feed(piece), attempt)
        except StreamFailed as failure:
            attempt.failure = failure
            return
        attempt.stopped = request.stop()
        if not attempt.stopped:
            yield from _released(guard.finish(), attempt)

    def _conclude(self, request: AnswerRequest, guard: CitationGuard, attempt: _Attempt) -> Iterator[AnswerEvent]:
        notes = _dropped_notes(guard.dropped)
        if attempt.stopped:
            notes.append(Note("stopped", phrases.phrase("cut_short", language=request.language)))
            yield self._finished(guard, attempt, notes)
            return
        if attempt.failure is None and not guard.released and _says_not_in_course(attempt.text):
            yield from refusal.refuse(request, code="model_found_no_answer", answered_by=self.name)
            return
        trusted = guard.released > guard.dropped.total() - guard.dropped["no_citation"]
        if guard.released and trusted:
            if attempt.failure is not None:
                text = f"{attempt.failure.detail} What is shown was checked, but the answer may be incomplete."
                notes.append(Note(attempt.failure.code, text))
            yield self._finished(guard, attempt, notes)
            return
        yield from self._fall_back(request, guard, attempt, notes)

    def _finished(self, guard: CitationGuard, attempt: _Attempt, notes: list[Note]) -> Finished:
        return Finished("".join(attempt.said), tuple(guard.citations), "answered", self.name, tuple(notes))

    def _fall_back(
        self, request: AnswerRequest, guard: CitationGuard, attempt: _Attempt, notes: list[Note]
    ) -> Iterator[AnswerEvent]:
        if attempt.failure is not None:
            why = Note(attempt.failure.code, attempt.failure.detail)
        elif not attempt.text.strip():
            why = Note("provider_empty", "The chat model sent an empty answer.")
        elif guard.released:
            why = Note("mostly_unsupported", "Most of what the chat model wrote did not hold against the passages.")
        else:
            why = Note("nothing_supported", "Nothing the chat model wrote held against the passages.")
        if guard.released:
            yield Cleared(why.code)
        switched = Note("fell_back", "The answer is quoted from the lessons instead of written by the chat model.")
        for event in self._fallback.answer(request):
            if isinstance(event, Finished):
                event = replace(event, notes=(why, switched, *notes, *event.notes))
            yield event


def _released(sentences: Iterator[tuple[list[Cited], str]], attempt: _Attempt) -> Iterator[AnswerEvent]:
    for citations, text in sentences:
        yield from citations
        attempt.said.append(text)
        yield Token(text)


def _says_not_in_course(text: str) -> bool:
    return NOT_IN_COURSE in text


def _dropped_notes(dropped: Counter[str]) -> list[Note]:
    return [
        Note(f"dropped_{code}", f"{count} sentence(s) were left out because they {_DROPPED_BECAUSE[code]}.")
        for code, count in sorted(dropped.items())
    ]


def _is_rewriting(written: str, *, question: str, history: Sequence[Turn]) -> bool:
    """Whether the model's line is a question made of words from the conversation, and nothing else."""
    if not written or "\n" in written or len(written) > MAX_REWRITE_CHARS:
        return False
    if citable.is_instruction_to_assistant(written):
        return False
    told = content_stems(" ".join([question, *(f"{turn.question} {turn.answer}" for turn in history)]))
    stems = content_stems(written)
    return bool(stems) and len(stems & told) / len(stems) >= 0.7
