"""Words, stems and numbers of a sentence, as answering compares them."""

import re
from functools import lru_cache
from typing import Any

WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_COUNTED = re.compile(r"[^\W_]\S*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_COUNTING = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty
"""
_ROUND_NUMBERS = {"thirty": "30", "forty": "40", "fifty": "50", "hundred": "100"}
_NUMBER_WORDS = (
    {word: str(value) for value, word in enumerate(_COUNTING.split())}
    | _ROUND_NUMBERS
    | {"once": "1", "twice": "2", "half": "50"}
)

_FUNCTION_WORDS = """
    a about after all also an and any are as at be because been before being between both but by can could did do
    does doing done each for from get had has have having he her here hers him his how i if in into is it its itself
    just like may me might more most much must my need no nor not of off on once one only or other our out over own
    shall she should so some such than that the their them then there these they this those through to too up us use
    used using very was way we were what when where which while who whom whose why will with would you your
    na ya wa za la cha vya kwa ni katika au je nini gani lini wapi vipi ngapi nani kuwa ya hii hiyo hizo hilo hili huyo
    yake wake zake lake chake kama pia bila hadi kutoka kuhusu
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())


def words(text: str) -> list[str]:
    """The words of `text`, lower case, in order."""
    return [word.lower() for word in WORD.findall(text)]


def word_count(text: str) -> int:
    """How many words a reader would count: runs of non-space that hold a letter or digit."""
    return len(_COUNTED.findall(text))


@lru_cache(maxsize=1)
def _english_stemmer() -> Any:
    # Two thousand lines of generated rules: read when the first word is stemmed.
    import snowballstemmer  # type: ignore[import-untyped]

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The Snowball English stem; words of other languages pass through nearly unchanged."""
    return str(_english_stemmer().stemWord(word))


def content_words(text: str) -> list[str]:
    """The words that carry meaning, lower case, in order."""
    return [word for word in words(text) if word not in STOP_WORDS and len(word) > 1]


def content_stems(text: str) -> set[str]:
    """The stems of the content words; hyphenated words also give their parts."""
    found: set[str] = set()
    for word in content_words(text):
        found.add(stem(word))
        if "-" in word or "." in word:
            found.update(stem(part) for part in re.split(r"[-.]", word) if part and part not in STOP_WORDS)
    return found


def numbers(text: str, *, spelled: bool = False) -> set[str]:
    """Numbers in digits without thousands separators; `spelled` adds number words (one to fifty) as digits."""
    found = {re.sub(r",(?=\d{3}\b)", "", match).rstrip(".,") for match in _NUMBER.findall(text)}
    if spelled:
        found |= {_NUMBER_WORDS[word] for word in words(text) if word in _NUMBER_WORDS}
    return found
