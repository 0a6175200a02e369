"""Rewording questions with WordNet 3.0's database files (Debian: wordnet-base), for training only.

Reads `index.<pos>` and `data.<pos>` as documented in wndb(5WN). Nothing at run
time needs it.
"""

import random
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from rag.retrieval.languages import terms

FOLDER = Path("/usr/share/wordnet")
_SENSES = 2  # the most usual ones
_RELATIONS = frozenset({"@", "+", "&", "~"})  # hypernym, derived form, similar, hyponym
_MOST_HYPONYMS = 2
_ENDINGS = (("ies", "y"), ("es", ""), ("es", "e"), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""))
_WORD = re.compile(r"[A-Za-z]+")


class WordNetMissing(Exception):
    """The database files are not installed; the message says how to get them."""


def reworded(question: str, *, seed: int, share: float = 0.85) -> str:
    """`question` with most content words exchanged for related ones; names and unknown words stay."""
    chance = random.Random(seed)

    def other(match: re.Match[str]) -> str:
        word = match[0]
        inside_name = word[0].isupper() and match.start() > 0
        if inside_name or not terms(word, "en") or chance.random() > share:
            return word
        choices = related(word.casefold())
        return chance.choice(choices) if choices else word

    return _WORD.sub(other, question)


@lru_cache(maxsize=20_000)
def related(word: str) -> tuple[str, ...]:
    """Words near in meaning to `word` that do not share its stem, most usual sense first."""
    index = _index()
    bases = [word, *(word[: -len(end)] + new for end, new in _ENDINGS if word.endswith(end))]
    base = next((one for one in bases if one in index), None)
    if base is None:
        return ()
    own = set(terms(word, "en"))
    found: dict[str, None] = {}
    for place, offset in index[base]:
        found |= dict.fromkeys(_lemmas(place, offset))
    return tuple(lemma for lemma in found if not own & set(terms(lemma, "en")))


def _lemmas(place: str, offset: int) -> list[str]:
    """The synset's words, then those of the synsets it points at."""
    words, pointers = _synset(place, offset)
    hyponyms = 0
    for symbol, target, target_place in pointers:
        hyponyms += symbol == "~"
        if symbol in _RELATIONS and (symbol != "~" or hyponyms <= _MOST_HYPONYMS):
            words = words + _synset(target_place, target)[0][:1]
    return words


@lru_cache(maxsize=50_000)
def _synset(place: str, offset: int) -> tuple[list[str], list[tuple[str, int, str]]]:
    line = _data(place)[offset:].split(b"\n", 1)[0].decode("ascii")
    fields = line.split("|")[0].split()
    count = int(fields[3], 16)
    words = [re.sub(r"\(.*\)", "", word).replace("_", " ") for word in fields[4 : 4 + 2 * count : 2]]
    rest = fields[5 + 2 * count :]
    pointers = [
        (rest[at], int(rest[at + 1]), _FILES[rest[at + 2]]) for at in range(0, 4 * int(fields[4 + 2 * count]), 4)
    ]
    return words, pointers


_FILES = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}


@lru_cache(maxsize=4)
def _data(place: str) -> bytes:
    return (FOLDER / f"data.{place}").read_bytes()


@lru_cache(maxsize=1)
def _index() -> Mapping[str, list[tuple[str, int]]]:
    """Lemma to (file, offset) of its most usual senses as the part of speech it is tagged as most often."""
    senses: dict[str, list[tuple[str, int]]] = {}
    tagged: dict[str, int] = {}
    for place in ("noun", "verb", "adj", "adv"):
        path = FOLDER / f"index.{place}"
        if not path.exists():
            raise WordNetMissing(f"{path} is missing: apt-get install wordnet-base, then train again")
        for line in path.read_text("ascii").splitlines():
            if not line.startswith(" "):
                lemma, _, count, pointers, *rest = line.split()
                uses = int(rest[int(pointers) + 1])
                if uses <= tagged.get(lemma, -1):
                    continue
                offsets = rest[int(pointers) + 2 :][: min(_SENSES, int(count))]
                tagged[lemma], senses[lemma] = uses, [(place, int(offset)) for offset in offsets]
    return senses
