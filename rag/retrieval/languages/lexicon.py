"""The Swahili-English lexicon: the project's own list, CLDR names, FreeDict when installed."""

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_OWN = Path(__file__).with_name("lexicon_sw.tsv")
FREEDICT_INDEX = Path("/usr/share/dictd/freedict-swh-eng.index")  # Debian: dict-freedict-swh-eng
_MOST_MEANINGS = 3
_B64 = {
    letter: value for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """English meanings by lower-case Swahili head word, most usual first; `longest` head word in words."""

    meanings: Mapping[str, tuple[str, ...]]
    longest: int


@lru_cache(maxsize=4)
def load(freedict: Path | None = FREEDICT_INDEX) -> Lexicon:
    """The lexicon; `freedict` is a dictd index file whose .dict.dz lies beside it, unused when absent.

    The project's own entries come first, then CLDR names, then FreeDict.
    """
    meanings: dict[str, tuple[str, ...]] = {}
    for head, english in [*_own_entries(), *_cldr_names()]:
        meanings.setdefault(head, english)
    if freedict is not None and freedict.exists():
        for head, english in _freedict_entries(freedict):
            meanings.setdefault(head, english)
    return Lexicon(meanings, longest=min(3, max(len(head.split()) for head in meanings)))


def _own_entries() -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in _OWN.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            head, english = line.split("\t")
            yield head, tuple(english.split("|"))


def _cldr_names() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Territories, languages, months and days as CLDR names them in both languages."""
    # imported on first use: locale data loads in tens of milliseconds
    from babel import Locale

    swahili, english = Locale("sw"), Locale("en")
    for kind in ("territories", "languages"):
        theirs, ours = getattr(swahili, kind), getattr(english, kind)
        for code, name in theirs.items():
            if code in ours and not code.isdigit():
                yield name.casefold(), (ours[code],)
    for kind in ("months", "days"):
        theirs, ours = (getattr(locale, kind)["format"]["wide"] for locale in (swahili, english))
        for code, name in theirs.items():
            yield name.casefold(), (ours[code],)


def _freedict_entries(index: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    packed = index.with_suffix(".dict.dz")
    if not packed.exists():
        return
    text = gzip.decompress(packed.read_bytes())
    for line in index.read_text("utf-8").splitlines():
        head, offset, length = line.split("\t")[:3]
        if head.startswith("00"):
            continue
        start = _number(offset)
        entry = text[start : start + _number(length)].decode("utf-8", errors="replace")
        if english := _freedict_meanings(entry):
            yield head.casefold().strip("-"), english


def _freedict_meanings(entry: str) -> tuple[str, ...]:
    """The translations in a dictd entry: the lines after the head word, less notes in brackets."""
    body = " ".join(entry.split("\n")[1:])
    body = re.sub(r"<[^>]*>|\([^)]*\)|\[[^\]]*\]|\d+\.", ";", body)
    parts = [re.sub(r"^(?:to|an?|the)\s+", "", part.strip()) for part in re.split(r"[;,]", body)]
    return tuple(part for part in parts if part and len(part.split()) <= 3)[:_MOST_MEANINGS]


def _number(digits: str) -> int:
    """A dictd offset: base 64 digits, most significant first."""
    value = 0
    for digit in digits:
        value = value * 64 + _B64[digit]
    return value
