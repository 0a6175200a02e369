"""The default answerer: quotes the lessons' own sentences. No model, deterministic, a few milliseconds."""

from collections.abc import Iterator

from rag.answering import phrases, refusal
from rag.answering.followup import standalone_question
from rag.answering.prose import set_prose
from rag.answering.question_kind import QuestionKind, question_kind
from rag.answering.schemas import AnswerEvent, AnswerRequest, Cited, Finished, Mode, Note, Token
from rag.answering.selection import Piece, choose
from rag.answering.words import word_count

NAME = "extractive"

# Words of lesson text per mode; a hint gives one sentence, and not the one that answers.
BUDGETS: dict[Mode, int] = {"answer": 90, "explain": 140, "simpler": 60, "hint": 45, "summary": 120}
_SIMPLE_SENTENCE_WORDS = 22


class ExtractiveAnswerer:
    """Answers in the lessons' own words. Stateless: one instance serves every thread."""

    name = NAME

    def answer(self, request: AnswerRequest) -> Iterator[AnswerEvent]:
        """Stream at most `BUDGETS[mode]` words of quotes with citations, or a refusal that cites nothing."""
        talk = refusal.reply_to_small_talk(request, answered_by=self.name)
        if talk is not None:
            yield from talk
            return
        code = refusal.reason_to_refuse(request)
        pieces, kind = ([], "fact") if code else _pieces(request)
        if not pieces:
            yield from refusal.refuse(request, code=code or "nothing_quotable", answered_by=self.name)
            return
        yield from _stream(request, pieces, steps=kind == "how_to")


def _pieces(request: AnswerRequest) -> tuple[list[Piece], QuestionKind]:
    question = standalone_question(request.question, request.history).text
    gloss = request.retrieval.gloss
    kind = question_kind(question)
    if kind == "fact":
        kind = question_kind(gloss)
    lead = word_count(_lead_in(request))
    budget = BUDGETS[request.mode] - lead
    # The gloss is in the language of most lessons; translated lessons hold the words as asked.
    wordings = tuple(dict.fromkeys(one for one in (gloss, question) if one))
    if request.mode == "hint":
        return _hint(choose(request.retrieval, kind="fact", wordings=wordings, budget=90)), kind
    pieces = choose(request.retrieval, kind=kind, wordings=wordings, budget=budget)
    if request.mode == "simpler":
        short = [piece for piece in pieces if piece.is_code or piece.words <= _SIMPLE_SENTENCE_WORDS]
        return short or pieces[:1], kind
    return pieces, kind


def _hint(pieces: list[Piece]) -> list[Piece]:
    """One sentence near the answer: the weakest of those chosen, so that the learner still has to look."""
    prose = [piece for piece in pieces if not piece.is_code] or pieces
    return [min(prose, key=lambda piece: piece.score)] if prose else []


def _lead_in(request: AnswerRequest) -> str:
    if request.mode == "hint":
        return phrases.phrase("hint", language=request.language)
    hits = request.retrieval.hits
    return phrases.lead_in(asker=request.language, lessons=hits[0].candidate.language) if hits else ""


def _stream(request: AnswerRequest, pieces: list[Piece], *, steps: bool) -> Iterator[AnswerEvent]:
    said: list[str] = []
    citations: list[Cited] = []
    notes: list[Note] = []
    lead = _lead_in(request)
    if lead:
        said.append(f"{lead}\n\n")
        yield Token(said[0])
    for event in set_prose(request.retrieval.hits, pieces, steps=steps):
        if request.stop():
            notes.append(Note("stopped", phrases.phrase("cut_short", language=request.language)))
            break
        if isinstance(event, Token):
            said.append(event.text)
        elif isinstance(event, Cited):
            citations.append(event)
        yield event
    answer = "".join(said)
    kept = tuple(citation for citation in citations if f"[{citation.number}]" in answer)
    yield Finished(answer, kept, "answered", NAME, tuple(notes))
