"""Finds the sentence that says what something is, for questions that ask just that, in English and Swahili.

A sentence is read once (`named`) into the words before its copula and those after
"called"; a question compares its term with them, so no pattern is made per question.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.answering.words import content_stems

Grade = Literal["none", "loose", "exact"]
Words = tuple[str, ...]

_HEAD = 300  # characters of a sentence that are looked at
_MOST_WORDS = 8  # a longer subject is no term
_KIND_WORDS = 2  # words before the term that make it a kind of it: "a soil moisture sensor is"
_WORD = re.compile(r"\w+")
_TERM_WORD = re.compile(r"\w[\w-]*")
_ARTICLE = re.compile(r"^\W*(?:(?:an?|the|each|every)\s+)?", re.IGNORECASE)
_COPULA = re.compile(
    r"(?:\s*\([^)]{1,40}\))?['\"’”]?,?\s+(?:\w+ly\s+)?(?:is|are|was|were|means?|refers?\s+to|stands?\s+for|involves?|"
    r"ni|ina\s+maana|humaanisha|maana\s+yake)\b|['\"’”]?\s*[-–—:]\s",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:called|known\s+as|termed|named|huitwa|inaitwa|unaitwa|yaitwa)\s+(?:an?\s+|the\s+)?[\"'“‘]?", re.IGNORECASE
)
_NOT_A_DEFINITION = re.compile(
    r"\b(?:is|are|was|were)\s+(?:also|not|now|still|often|usually|available|akin|similar|"
    r"sold|made|found|kept|seen|given|taken|held|built|done|shown|set|\w{3,}ed)\b",
    re.IGNORECASE,
)
_ASKING = frozenset(
    {"mean", "means", "meaning", "define", "definition", "explain", "maana", "eleza", "fafanua", "neno"}
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a sentence may define: words before each copula, words after each "called".

    `says_what` is false when what follows the copula is no definition ("is often used").
    """

    subjects: tuple[Words, ...]
    called: tuple[Words, ...]
    says_what: bool


def named(sentence: str) -> Named:
    """Read one sentence; only its first part counts."""
    head = sentence[:_HEAD]
    begin = _ARTICLE.match(head)
    start = begin.end() if begin else 0
    subjects = []
    for copula in _COPULA.finditer(head, start):
        subject = _split(head[start : copula.start()])
        if len(subject) > _MOST_WORDS:
            break
        if subject:
            subjects.append(subject)
    called = tuple(_split(head[match.end() : match.end() + 80])[:_MOST_WORDS] for match in _CALLED.finditer(head))
    return Named(tuple(subjects), called, _NOT_A_DEFINITION.search(head[:100]) is None)


class Definitions:
    """Recognises sentences that define what one of `wordings` of a question asks about."""

    def __init__(self, wordings: Sequence[str]) -> None:
        self._terms = [words for words in dict.fromkeys(map(_term, wordings)) if words]
        self._single = frozenset(word for words in self._terms for word in words)

    def grade(self, found: Named) -> Grade:
        """`exact` when the whole term is defined or named, `loose` when only a part of it or a kind of it is."""
        if any(_same(subject, term) for subject in found.subjects for term in self._terms):
            return "exact" if found.says_what else "loose"
        if any(_same(words[: len(term)], term) for words in found.called for term in self._terms):
            return "exact"
        parts = (words for words in found.subjects if len(words) <= _KIND_WORDS + 1)
        return "loose" if any(_base(words[-1]) in self._single for words in parts) else "none"


def _term(wording: str) -> Words:
    """The content words of a question, as they stand: "What is a dry season?" asks about (dry, season)."""
    asked = (word for word in _TERM_WORD.findall(wording.lower()) if word not in _ASKING and content_stems(word))
    return tuple(_base(part) for word in asked for part in _split(word))


def _same(words: Words, term: Words) -> bool:
    return len(words) == len(term) and all(_base(word) == part for word, part in zip(words, term, strict=True))


def _split(text: str) -> Words:
    return tuple(_WORD.findall(text.lower()))


def _base(word: str) -> str:
    """The word without its plural ending."""
    if len(word) > 4 and word.endswith("es") and word[-3] in "sxzh":
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
