"""Terms of the sparse index: tokens of a text, less function words, stemmed by language."""

import re
import unicodedata
import zlib
from collections.abc import Callable
from functools import lru_cache

from rag.retrieval.languages.stopwords import STOP_WORDS

# Scripts written without spaces give character bigrams (Han, kana, Thai, Lao, Khmer, Burmese).
_UNSPACED = "㐀-鿿豈-﫿぀-ヿ฀-๿຀-໿ក-៿က-႟"
_TOKEN = re.compile(rf"[{_UNSPACED}]+|[a-z](?:\+\+|#)|(?:(?![{_UNSPACED}])[^\W_])+(?:['’](?![{_UNSPACED}])[^\W_]+)*")
_UNSPACED_RUN = re.compile(rf"^[{_UNSPACED}]")
_LONGEST_TOKEN = 64

_SNOWBALL = {
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}

_ARABIC_MARKS = re.compile("[ً-ٰٟـ]")
_ARABIC_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي"})
_ARABIC_PREFIXES = ("وال", "بال", "كال", "فال", "لل", "ال", "و")
_ARABIC_SUFFIXES = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")


def terms(text: str, language: str) -> list[str]:
    """Index terms of `text` in reading order, repeated as often as they occur."""
    base = language.split("-")[0]
    found: list[str] = []
    for token in tokens(text):
        if _UNSPACED_RUN.match(token):
            found += [token] if len(token) == 1 else [token[i : i + 2] for i in range(len(token) - 1)]
        elif stem := _term(token, base):
            found.append(stem)
    return found


def tokens(text: str) -> list[str]:
    """Folded words of `text`: NFKC, lower case, no punctuation; runs of unspaced scripts stay whole."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return [token[:_LONGEST_TOKEN] for token in _TOKEN.findall(folded)]


def course_words(text: str) -> set[str]:
    """Words of `text` that a loanword may be matched with: Latin letters, four or more."""
    return {token for token in tokens(text) if len(token) >= 4 and token.isascii() and token.isalpha()}


@lru_cache(maxsize=200_000)
def term_id(stem: str) -> int:
    """A stable id of `stem` for the sparse index: CRC-32 of its UTF-8 bytes."""
    return zlib.crc32(stem.encode())


@lru_cache(maxsize=200_000)
def _term(token: str, language: str) -> str:
    """The stem of one token, or "" for a function word."""
    if token in STOP_WORDS.get(language, frozenset()):
        return ""
    token = token.removesuffix("'s").removesuffix("'")
    if language == "fr" or language == "it":
        token = token.rsplit("'", 1)[-1]
    if token in STOP_WORDS.get(language, frozenset()):
        return ""
    if not token.isascii() and re.match("[؀-ۿ]", token):
        return _arabic_stem(token)
    if language == "sw":
        return _swahili_stem(token)
    # Latin words inside a lesson of another script are English most often
    return _stemmer(language if language in _SNOWBALL and not _foreign(token, language) else "en")(token)


def _foreign(token: str, language: str) -> bool:
    return token.isascii() and language in {"ru", "el", "hi", "ta", "hy", "ne", "yi"}


@lru_cache(maxsize=64)
def _stemmer(language: str) -> Callable[[str], str]:
    # imported on first use: loading every algorithm takes a tenth of a second
    import snowballstemmer

    stem: Callable[[str], str] = snowballstemmer.stemmer(_SNOWBALL[language]).stemWord
    return stem


def _arabic_stem(token: str) -> str:
    """Light stemming after Larkey, Ballesteros and Connell (2002), "light10" with unified letters."""
    token = _ARABIC_MARKS.sub("", token).translate(_ARABIC_LETTERS)
    for prefix in _ARABIC_PREFIXES:
        if token.startswith(prefix) and len(token) - len(prefix) >= (3 if prefix == "و" else 2):
            token = token[len(prefix) :]
            break
    for suffix in _ARABIC_SUFFIXES:
        if token.endswith(suffix) and len(token) - len(suffix) >= 2:
            token = token[: -len(suffix)]
    return token


_SWAHILI_PREFIX = re.compile(
    r"^(?:(?:ha|si)?(?:ni|u|a|tu|m|wa|i|zi|li|ya|ki|vi|ku|pa)(?:na|li|ta|me|nge|ngali|ki|ja)(?:ye|o|yo|cho|vyo|lo|zo|po)?"
    r"|ku|hu|wa|mi|vi|ma)(?=\w{4,})"
)


def _swahili_stem(token: str) -> str:
    """Strip the verb's subject and tense and a few endings, so that forms of one verb or noun meet."""
    stem = _SWAHILI_PREFIX.sub("", token, count=1)
    for suffix in ("ni", "wa", "sha", "ana", "ia", "ea"):
        if stem.endswith(suffix) and len(stem) - len(suffix) >= 3:
            stem = stem[: -len(suffix)]
            break
    return stem[:-1] if len(stem) > 4 and stem[-1] in "aei" else stem
