"""What each sentence of a passage is, whatever is asked: worked out once per passage and kept.

A question looks at some fifty sentences; reading them again each time was nine tenths of an answer's cost.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.answering import citable
from rag.answering.definitions import Named, named
from rag.answering.question_kind import QuestionKind
from rag.answering.words import content_stems, numbers, word_count
from rag.schemas import Candidate, Sentence

KEPT_PASSAGES = 1500  # about 15 kB each
LABEL_WORDS = 5

_YEAR = re.compile(
    r"\b(?:1[0-9]|20)\d{2}\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|"
    r"december)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|so that|in order to|due to|reason|as a result|means that|therefore|kwa sababu|ili)\b",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"\b(?:whereas|while|unlike|than|but|however|differ\w*|both|compared|lakini|kuliko)\b", re.IGNORECASE
)
_QUIZ = re.compile(r"\b(?:questions?|quiz|answer|exercises?|maswali|swali|jibu|zoezi)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """One sentence, list item, code block or table row of a passage, and what can be said of it by itself.

    `shapes` are the kinds of question its wording suits. `label` is a list item of a few
    words that states nothing; `opens_line` tells an item from a further sentence of one.
    """

    kind: str
    text: str
    words: int
    stems: frozenset[str]
    shapes: frozenset[QuestionKind]
    named: Named
    has_number: bool
    citable: bool
    dangling: bool
    introduces: bool
    picture: bool
    label: bool
    aim: bool
    opens_line: bool

    @property
    def is_code(self) -> bool:
        """Whether it is shown as a block and counts no words."""
        return self.kind in ("code", "math")


def read(candidate: Candidate) -> tuple[Span, ...]:
    """The spans of the candidate's sentences, in their order."""
    return read_text(candidate.text, candidate.sentences)


@lru_cache(maxsize=KEPT_PASSAGES)
def read_text(text: str, sentences: tuple[Sentence, ...]) -> tuple[Span, ...]:
    """The same for a passage's text and where its sentences are."""
    found = [_span(text, sentence) for sentence in sentences]
    for run in runs(found):
        announced = run.start > 0 and found[run.start - 1].introduces and not _QUIZ.search(found[run.start - 1].text)
        quiz = not announced and _asks(found, run)
        for place in run:
            # A checklist may consist of questions when a sentence of the lesson announces it; a quiz is never quoted.
            if quiz or (announced and found[place].text.rstrip().endswith("?")):
                statement = found[place].text.rstrip("? \n")
                citable_now = not quiz and citable.is_citable(statement, kind=found[place].kind)
                found[place] = replace(found[place], citable=citable_now)
    return tuple(found)


def runs(found: Sequence[Span]) -> Iterator[range]:
    """Places of the spans of each list or table (rows only), in order."""
    start = 0
    while start < len(found):
        end = start
        while end < len(found) and found[end].kind == found[start].kind:
            end += 1
        if found[start].kind in ("list_item", "table_row"):
            yield range(start, end)
        start = end


def _asks(found: Sequence[Span], run: range) -> bool:
    """Whether most items ask something: what such a list states ("A stranger calls.") is part of its questions."""
    items = sum(found[place].opens_line for place in run)
    questions = sum(found[place].text.rstrip().endswith("?") for place in run)
    return 2 * questions > items


def _span(passage: str, sentence: Sentence) -> Span:
    text, kind = passage[sentence.start : sentence.end], sentence.kind
    words = word_count(text)
    introduces = citable.introduces_list(text)
    return Span(
        kind=kind,
        text=text,
        words=words,
        stems=frozenset(content_stems(text)),
        shapes=_shapes(text, kind=kind, introduces=introduces),
        named=named(text),
        has_number=bool(numbers(text)),
        citable=citable.is_citable(text, kind=kind),
        dangling=citable.opens_dangling(text),
        introduces=introduces,
        picture=citable.points_at_picture(text),
        label=kind == "list_item" and words <= LABEL_WORDS and text.rstrip()[-1:] not in ".!;",
        aim=kind == "list_item" and citable.is_aim(text),
        opens_line=not passage[: sentence.start].rpartition("\n")[2].strip(),
    )


def _shapes(text: str, *, kind: str, introduces: bool) -> frozenset[QuestionKind]:
    fits: dict[QuestionKind, bool] = {
        "how_to": kind == "list_item" or introduces,
        "code": kind == "code",
        "list": kind in ("table_row", "list_item"),
        "number": bool(numbers(text, spelled=True)),
        "date": bool(_YEAR.search(text)),
        "reason": bool(_REASON.search(text)),
        "comparison": bool(_COMPARES.search(text)),
    }
    return frozenset(shape for shape, fit in fits.items() if fit)
