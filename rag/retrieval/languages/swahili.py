"""A Swahili question word by word in English, for ranking English lessons.

Function words fall away; every other word is looked up, then its affixes are
stripped, then it is matched as a loanword with the words of the course; names
and words that the course itself uses stay. Not a translation to show anyone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.retrieval.languages import lexicon as lexicons
from rag.retrieval.languages import loanwords
from rag.retrieval.languages.lexicon import Lexicon
from rag.retrieval.languages.morphology_sw import head_words
from rag.retrieval.languages.stopwords import STOP_WORDS
from rag.retrieval.languages.terms import term_id, terms
from rag.schemas import CourseStats

_WORD = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*")
_MEANING_WEIGHTS = (1.0, 0.7, 0.5)
_MOST_GUESSES_LOOKED_UP = 150
_QUESTION_WORDS = {
    "nani": "who",
    "nini": "what",
    "gani": "what",
    "lini": "when",
    "wapi": "where",
    "ngapi": "how many",
    "wangapi": "how many",
    "mangapi": "how many",
    "vipi": "how",
    "jinsi": "how",
    "namna": "how",
    "kwanini": "why",
    "mbona": "why",
    "ipi": "which",
    "upi": "which",
    "mingapi": "how many",
    "aje": "how",
    "yupi": "which",
}


@dataclass(frozen=True, slots=True)
class Gloss:
    """An English rendering: `text` for the embedding model; `words` for BM25, one dict of stem to weight a word.

    `found` is the share of content words that were understood.
    """

    text: str
    words: list[dict[str, float]]
    found: float


def translate(question: str, *, stats: CourseStats, lexicon: Lexicon | None = None) -> Gloss:
    """Render `question` in English, preferring meanings whose words the course uses."""
    lexicon = lexicon or lexicons.load()
    spelled = _WORD.findall(question)
    text: list[str] = []
    words: list[dict[str, float]] = []
    understood = total = position = 0
    while position < len(spelled):
        if (asked := _QUESTION_WORDS.get(spelled[position].casefold())) is not None:
            text.append(asked)
            position += 1
            continue
        taken, meanings = _meanings(spelled, position, stats, lexicon)
        position += taken
        if meanings is None:
            continue
        total += 1
        understood += bool(meanings)
        ranked = _known_first(meanings or (spelled[position - 1],), stats)
        text.append(ranked[0])
        words.append(_stems(ranked))
    return Gloss(" ".join(text) or question, [word for word in words if word], understood / max(total, 1))


def _meanings(
    spelled: Sequence[str], position: int, stats: CourseStats, lexicon: Lexicon
) -> tuple[int, tuple[str, ...] | None]:
    """How many words were read and what they mean: None for a function word, () for an unknown one."""
    for length in range(min(lexicon.longest, len(spelled) - position), 1, -1):
        phrase = " ".join(spelled[position : position + length]).casefold()
        if phrase in lexicon.meanings:
            return length, lexicon.meanings[phrase]
    word = spelled[position]
    folded = word.casefold().replace("’", "'")
    if folded in STOP_WORDS["sw"]:
        return 1, None
    name = position > 0 and word[0].isupper()
    if name and _used(word, stats):
        return 1, (word,)
    if folded in lexicon.meanings:
        return 1, lexicon.meanings[folded]
    if name or any(map(str.isdigit, word)) or _used(word, stats):
        return 1, (word,)
    for guess, _ in zip(head_words(folded), range(_MOST_GUESSES_LOOKED_UP), strict=False):
        if guess[0] in lexicon.meanings:
            return 1, lexicon.meanings[guess[0]]
    borrowed = loanwords.match(folded, stats.words)
    return 1, (borrowed,) if borrowed else ()


def _known_first(meanings: tuple[str, ...], stats: CourseStats) -> list[str]:
    """Meanings the course uses before those it does not, else in the lexicon's order."""
    return sorted(meanings[:3], key=lambda meaning: not _used(meaning, stats))


def _used(text: str, stats: CourseStats) -> bool:
    stems = terms(text, "en")
    return bool(stems) and all(stats.term_df.get(term_id(stem), 0) > 0 for stem in stems)


def _stems(meanings: Sequence[str]) -> dict[str, float]:
    stems: dict[str, float] = {}
    for meaning, weight in zip(meanings, _MEANING_WEIGHTS, strict=False):
        for stem in terms(meaning, "en"):
            stems.setdefault(stem, weight)
    return stems
