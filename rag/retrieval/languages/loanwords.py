"""Loanwords: a Swahili spelling matched with the English words of a course.

"kompyuta", "teknolojia" or "sensa" sound like their English source; both are
respelt by sound and compared by letter pairs.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

LEAST_LIKENESS = 0.6  # Dice over letter pairs
_SHORTEST = 4

_ENGLISH_SOUNDS: tuple[tuple[str, str], ...] = (
    (r"tion\b|sion\b", "sheni"),
    (r"ture\b", "cha"),
    (r"ology\b", "olojia"),
    (r"(?:graphy)\b", "grafia"),
    (r"sch|sk", "sk"),
    (r"ph", "f"),
    (r"ck|qu(?=e\b)", "k"),
    (r"qu", "kw"),
    (r"x", "ks"),
    (r"c(?=[eiy])", "s"),
    (r"c(?!h)", "k"),
    (r"g(?=[eiy])", "j"),
    (r"(?:er|or|ar|re|ure)\b", "a"),
    (r"(?:ee|ea|ie)", "i"),
    (r"(?:oo|ou)", "u"),
    (r"y(?=[^aeiou]|\b)", "i"),
    (r"e\b", ""),
    (r"(.)\1", r"\1"),
)
_SOUNDS = tuple((re.compile(pattern), sound) for pattern, sound in _ENGLISH_SOUNDS)


def match(word: str, course_words: Iterable[str]) -> str | None:
    """The course word that `word` was most likely borrowed from, or None."""
    if len(word) < _SHORTEST:
        return None
    own = _pairs(_trimmed(word))
    best, likeness = None, LEAST_LIKENESS
    for candidate in course_words:
        if abs(len(candidate) - len(word)) > 4 or candidate[0] not in _first_letters(word[0]):
            continue
        found = _dice(own, _english_pairs(candidate))
        if found > likeness or (found == likeness and best is not None and candidate < best):
            best, likeness = candidate, found
    return best


def _first_letters(letter: str) -> str:
    return {"k": "kcq", "s": "sc", "f": "fp", "j": "jg", "i": "ie", "y": "yu", "e": "ea"}.get(letter, letter)


@lru_cache(maxsize=100_000)
def _english_pairs(word: str) -> Counter[str]:
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return _pairs(_trimmed(word))


def _trimmed(word: str) -> str:
    return word[:-1] if len(word) > 4 and word[-1] in "aeiou" else word


def _pairs(word: str) -> Counter[str]:
    padded = f"^{word}"
    return Counter(padded[i : i + 2] for i in range(len(padded) - 1))


def _dice(left: Counter[str], right: Counter[str]) -> float:
    shared = (left & right).total()
    return 2 * shared / max(left.total() + right.total(), 1)
