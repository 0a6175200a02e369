"""Swahili word forms to the head words they may come from, cheapest guess first.

Tables of noun classes, subject, tense, relative and object markers and of the
verb's extensions after Ashton, "Swahili Grammar" (1947) and Mohamed, "Modern
Swahili Grammar" (2001). Guesses are many and loose: the lexicon decides.
"""

import heapq
from collections.abc import Iterator

_SHORTEST = 2
_MOST_GUESSES = 400
_DEAREST = 5.0

_SUBJECTS = ("ni", "u", "a", "tu", "m", "mw", "wa", "i", "li", "ya", "ki", "vi", "zi", "ku", "pa")
_TENSES = ("na", "li", "ta", "me", "ka", "ki", "nge", "ngali", "mesha", "nali", "ku", "ja", "po", "si")
_RELATIVES = ("", "ye", "o", "yo", "lo", "cho", "vyo", "zo", "po", "ko", "mo")
_OBJECTS = ("ni", "ku", "kw", "m", "mw", "wa", "w", "tu", "u", "i", "li", "ya", "ki", "vi", "zi", "ji", "j")

_VERB_PREFIXES: dict[str, float] = {"ku": 1.0, "kw": 1.2, "hu": 1.0, "ha": 1.4, "si": 1.4, "ku" + "to": 1.6}
for _subject in _SUBJECTS:
    _VERB_PREFIXES.setdefault(_subject, 1.3)  # subjunctive and general relative: no tense marker
    for _tense in _TENSES:
        for _relative in _RELATIVES:
            _form = _subject + _tense + _relative
            _VERB_PREFIXES[_form] = min(_VERB_PREFIXES.get(_form, 9), 1.0 if not _relative else 1.1)
            _VERB_PREFIXES.setdefault(_form + "ku", 1.3)  # monosyllabic verbs keep ku-
            _VERB_PREFIXES["ha" + _form] = 1.3
_LONGEST_PREFIX = max(map(len, _VERB_PREFIXES))

# plural or agreeing form -> singular or bare stem
_NOUN_PREFIXES: tuple[tuple[str, str, float], ...] = (
    ("wa", "m", 0.6),
    ("wa", "mw", 0.7),
    ("w", "mw", 0.8),
    ("wa", "", 1.0),
    ("mi", "m", 0.6),
    ("mi", "mw", 0.8),
    ("mi", "", 1.0),
    ("ma", "", 0.6),
    ("ma", "ji", 0.8),
    ("me", "ji", 1.0),
    ("ma", "u", 0.9),
    ("vi", "ki", 0.5),
    ("vi", "", 1.0),
    ("ki", "", 1.1),
    ("vy", "ch", 0.5),
    ("ny", "u", 0.9),
    ("nyu", "u", 0.9),
    ("mb", "w", 1.2),
    ("mb", "b", 1.0),
    ("nd", "l", 1.2),
    ("nd", "r", 1.1),
    ("nj", "j", 1.2),
    ("n", "", 1.1),
    ("ny", "", 1.1),
    ("m", "", 1.1),
    ("mw", "", 1.1),
    ("u", "", 1.1),
    ("u", "m", 1.2),
    ("uw", "", 1.3),
    ("li", "", 1.3),
    ("ji", "", 1.2),
    ("pa", "", 1.3),
    ("ch", "", 1.3),
    ("j", "", 1.3),
    ("", "u", 1.2),
    ("", "ki", 1.4),
)

# ending -> what the head word ends in
_SUFFIXES: tuple[tuple[str, str, float], ...] = (
    ("je", "", 0.3),
    ("ni", "", 0.5),
    ("mo", "", 0.9),
    ("po", "", 0.9),
    ("ko", "", 0.9),
    ("vyo", "", 0.9),
    ("cho", "", 0.9),
    ("yo", "", 0.9),
    ("zo", "", 0.9),
    ("lo", "", 0.9),
    ("ye", "", 0.9),
    ("e", "a", 0.5),
    ("i", "a", 0.6),
    ("o", "a", 1.3),
    ("u", "a", 1.3),
    ("wa", "a", 0.7),
    ("liwa", "a", 0.8),
    ("lewa", "a", 0.8),
    ("iwa", "a", 0.8),
    ("ewa", "a", 0.8),
    ("liwa", "lia", 0.6),
    ("iwa", "ia", 0.6),
    ("ewa", "ea", 0.6),
    ("uliwa", "ua", 0.6),
    ("olewa", "oa", 0.6),
    ("ia", "a", 0.8),
    ("ea", "a", 0.8),
    ("lia", "a", 0.9),
    ("lea", "a", 0.9),
    ("ana", "a", 0.8),
    ("isha", "a", 0.8),
    ("esha", "a", 0.8),
    ("iza", "a", 0.8),
    ("eza", "a", 0.8),
    ("sha", "ka", 0.8),
    ("sha", "a", 1.0),
    ("za", "a", 0.9),
    ("za", "la", 0.9),
    ("ya", "a", 1.0),
    ("vya", "wa", 1.0),
    ("ika", "a", 0.8),
    ("eka", "a", 0.8),
    ("ikana", "a", 0.8),
    ("ekana", "a", 0.8),
    ("kana", "a", 1.0),
    ("ua", "a", 1.1),
    ("aji", "a", 0.9),
    ("ji", "", 1.0),
    ("zi", "a", 1.2),
    ("zi", "lia", 1.2),
    ("si", "ka", 1.2),
    ("shi", "sha", 1.0),
    ("vu", "va", 1.2),
    ("fu", "pa", 1.3),
    ("io", "ia", 1.0),
    ("eo", "ea", 1.0),
)


def head_words(word: str) -> Iterator[tuple[str, float]]:
    """Guesses of the head word of `word` with their costs, cheapest first, `word` itself not among them."""
    queue: list[tuple[float, str, bool]] = [(0.0, word, False)]
    seen: dict[tuple[str, bool], float] = {}
    given = {word}
    for _ in range(_MOST_GUESSES):
        if not queue:
            return
        cost, form, bare = heapq.heappop(queue)
        if seen.get((form, bare), _DEAREST) <= cost:
            continue
        seen[form, bare] = cost
        if form not in given:
            given.add(form)
            yield form, cost
        for shorter, price, strips_prefix in _steps(form, bare):
            if cost + price < _DEAREST:
                heapq.heappush(queue, (cost + price, shorter, bare or strips_prefix))


def _steps(form: str, bare: bool) -> Iterator[tuple[str, float, bool]]:
    """One affix less: (form, price, whether it was a prefix). A verb loses one prefix and one object."""
    for ending, head, price in _SUFFIXES:
        if form.endswith(ending) and len(form) - len(ending) >= _SHORTEST:
            yield form[: len(form) - len(ending)] + head, price, False
    if bare:
        for marker in _OBJECTS:
            if form.startswith(marker) and len(form) - len(marker) > _SHORTEST:
                yield form[len(marker) :], 0.9, True
        return
    for length in range(1, min(_LONGEST_PREFIX, len(form) - _SHORTEST) + 1):
        price_of_verb = _VERB_PREFIXES.get(form[:length])
        if price_of_verb is not None:
            yield form[length:], price_of_verb - 0.02 * length, True
    for prefix, head, price in _NOUN_PREFIXES:
        if form.startswith(prefix) and len(form) - len(prefix) >= _SHORTEST:
            yield head + form[len(prefix) :], price, True
