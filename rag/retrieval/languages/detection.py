"""Telling the language of a question or a passage, by script and by function words."""

import re
from collections import Counter

from rag.retrieval.languages.stopwords import STOP_WORDS

_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LONGEST_LOOKED_AT = 4000  # characters: enough function words for any verdict

_LATIN = ("en", "sw", "es", "fr", "pt", "de", "it", "nl", "tr", "id")

_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("ar", "؀-ۿݐ-ݿﭐ-﷿ﹰ-﻿"),
    ("ja", "぀-ヿ"),
    ("ko", "가-힯ᄀ-ᇿ"),
    ("zh", "㐀-鿿豈-﫿"),
    ("th", "฀-๿"),
    ("hi", "ऀ-ॿ"),
    ("bn", "ঀ-৿"),
    ("ta", "஀-௿"),
    ("te", "ఀ-౿"),
    ("am", "ሀ-፿"),
    ("he", "֐-׿"),
    ("el", "Ͱ-Ͽ"),
    ("ru", "Ѐ-ӿ"),
)
_SCRIPT_PATTERNS = tuple((language, re.compile(f"[{span}]")) for language, span in _SCRIPTS)
_PERSIAN = re.compile("[پچژگک]")
_URDU = re.compile("[ٹڈڑےں]")
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")

# subject + tense + stem: "anaitwa", "walisoma", "hutumika" (Ashton, Swahili Grammar, tables of the verb)
_SWAHILI_VERB = re.compile(
    r"^(?:ha|si)?(?:ni|u|a|tu|m|wa|i|zi|li|ya|ki|vi|ku|pa)(?:na|li|ta|me|nge|ngali|ki|ja)\w{2,}[aeiu]$|^hu\w{3,}[aei]$"
)
_TELLTALE_LETTERS = {
    "tr": re.compile("[ğşıİ]"),
    "de": re.compile("[ßäö]"),
    "pt": re.compile("[ãõ]"),
    "es": re.compile("[ñ¿¡]"),
}
_SWAHILI_SHAPE = re.compile(r"^(?:[bcdfghjklmnprstvwyz]{0,3}[aeiou]+)+$")


def detect(text: str) -> str:
    """The likely language of `text` as a BCP 47 tag; "en" when nothing tells.

    A script that carries one language of ours decides alone; Latin text goes
    to the language with most function words, English winning ties because
    course words without any function word are English most often.
    """
    text = text[:_LONGEST_LOOKED_AT]
    letters = sum(map(len, _LETTERS.findall(text)))
    for language, pattern in _SCRIPT_PATTERNS:
        share = len(pattern.findall(text)) / max(letters, 1)
        # Japanese mixes kana into Han: a little kana decides
        if share > (0.1 if language == "ja" else 0.3):
            return _within_script(language, text)
    return _latin_language(text)


def latin_script(language: str) -> bool:
    """Whether `language` is written in Latin letters, as far as this package knows."""
    return language.split("-")[0] not in {*dict(_SCRIPTS), "fa", "ur", "uk"}


def _within_script(language: str, text: str) -> str:
    if language == "ar" and _URDU.search(text):
        return "ur"
    if language == "ar" and _PERSIAN.search(text):
        return "fa"
    if language == "ru" and _UKRAINIAN.search(text):
        return "uk"
    return language


def _latin_language(text: str) -> str:
    words = [word.replace("’", "'") for word in _LETTERS.findall(text.casefold())]
    votes: Counter[str] = Counter()
    for word in words:
        for language in _LATIN:
            if word in STOP_WORDS[language]:
                votes[language] += 2
        if word not in STOP_WORDS["en"] and _SWAHILI_SHAPE.match(word) and _SWAHILI_VERB.match(word):
            votes["sw"] += 1
    for language, letters in _TELLTALE_LETTERS.items():
        votes[language] += len(letters.findall(text))
    best = max(_LATIN, key=lambda language: (votes[language], language == "en"))
    if votes[best] == votes["en"]:
        return "en"
    if best == "sw" and not _looks_swahili(words):
        return max((language for language in _LATIN if language != "sw"), key=lambda language: votes[language])
    return best


def _looks_swahili(words: list[str]) -> bool:
    """Swahili syllables are open; Spanish and French share "la", "ya", "ni" but not that."""
    long_words = [word for word in words if len(word) > 3]
    open_syllables = sum(bool(_SWAHILI_SHAPE.match(word)) for word in long_words)
    accented = sum(not word.replace("'", "").isascii() for word in words)
    return accented == 0 and open_syllables >= 0.4 * len(long_words)
