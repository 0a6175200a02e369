"""The key check: does the course, asked the question, answer with the key, from the span the draft names?"""

from collections.abc import Callable

from rag.answering.extractive import ExtractiveAnswerer
from rag.answering.schemas import AnswerRequest, Cited
from rag.answering.words import content_stems
from rag.drafts.models import Check, DraftKind
from rag.drafts.proposals import Proposal
from rag.schemas import Retrieval

OF_A_LIST = 0.5  # of a list's items, those that the answer has to hold
HELD = 0.9  # of a wrong answer's content words, in the source: then it may be right there too

Search = Callable[[str, str], Retrieval]  # question and its language


def check(proposal: Proposal, search: Search) -> Check:
    """Ask the default answerer. `search` finds passages for a question, drafts included."""
    if any(_stands_in(each, proposal.quote) for each in proposal.wrong):
        return Check.WRONG_FITS
    language = proposal.passage.language
    retrieval = search(proposal.asked, language)
    request = AnswerRequest(question=proposal.asked, retrieval=retrieval, language=language)
    cited = [event for event in ExtractiveAnswerer().answer(request) if isinstance(event, Cited)]
    if not cited:
        return Check.REFUSED
    here = [
        each
        for each in cited
        if each.chunk_id == proposal.passage.chunk_id and each.start < proposal.end and proposal.start < each.end
    ]
    said = " ".join(" ".join(each.quote.split()) for each in here).casefold()
    held = sum(" ".join(key.split()).casefold() in said for key in proposal.keys)
    listed = proposal.kind in (DraftKind.LIST, DraftKind.STEPS)
    wanted = OF_A_LIST * len(proposal.keys) if listed else len(proposal.keys)
    return Check.PASSED if here and held >= wanted else Check.ELSEWHERE


def _stands_in(wrong: str, quote: str) -> bool:
    """Whether a wrong answer is said in the source, word for word or nearly."""
    if " ".join(wrong.split()).casefold() in " ".join(quote.split()).casefold():
        return True
    stems = content_stems(wrong)
    return len(stems) > 1 and len(stems & content_stems(quote)) / len(stems) >= HELD
