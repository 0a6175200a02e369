"""Where sentences end, in the languages courses come in.

Latin, Cyrillic and Arabic scripts end a sentence by a mark and a space; Chinese,
Japanese and Indic ones by a mark alone. Decimals, versions, file names and
addresses have no space after their dots, so only abbreviations need a list.
"""

import re

END = re.compile(
    r"[.!?…؟۔]+[\"'”’»)\]]*(?=\s)"  # a mark, closing quotes, then a space
    r"|[。！？｡।॥]+[\"'”’」』）)\]]*"  # marks that need no space after
    r"|(?<=[؟۔])(?=\S)"
)
# Words whose dot never ends a sentence: titles and the like, English and Swahili.
NEVER = frozenset(
    {"dr", "mr", "mrs", "ms", "prof", "st", "vs", "e.g", "i.e", "cf", "fig", "figs", "eq", "eqs", "no", "nos", "vol"}
    | {"ch", "sec", "pp", "ed", "eds", "al", "approx", "gen", "sgt", "capt", "rev", "hon", "jr", "sr", "viz"}
    | {"bw", "bi", "dkt", "mhe", "k.m", "k.v", "uk", "taz"}
)
WORD_BEFORE = re.compile(r"([^\s(\[\"'“‘]*)$")
INITIAL = re.compile(r"[A-Z](?:\.[A-Z])*")
LOOK_BACK = 40


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end offsets of the sentences of `text`, in order, white space around them left out.

    Together they hold every character of `text` that is not white space.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for found in END.finditer(text):
        if found.end() > start and _ends(text, found.start(), found.end(), sentence_start=start):
            _append(spans, text, start, found.end())
            start = found.end()
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        begin = start + len(piece) - len(piece.lstrip())
        spans.append((begin, begin + len(stripped)))


def _ends(text: str, mark: int, after: int, *, sentence_start: int) -> bool:
    """Whether the mark at `mark` really ends the sentence begun at `sentence_start`."""
    if mark >= len(text) or text[mark] not in ".…!?":
        return True
    following = _next_visible(text, after)
    # A sentence may begin with a lower-case name, but far more often "..." or "?" is inside one.
    if following.islower():
        return False
    if text[mark] != "." or text.startswith("..", mark):
        return True
    found = WORD_BEFORE.search(text, max(sentence_start, mark - LOOK_BACK), mark)
    word = found.group(1) if found else ""
    if word.lower() in NEVER:
        # "No." and the like are also whole answers: as abbreviations they stand before a number or a name.
        return word.lower() == "no" and not following.isdigit()
    numbered = word.isdigit() and mark - len(word) == sentence_start
    # "J. K. Rowling", "U.S. Army"; "1. Open the lid".
    return not (numbered or INITIAL.fullmatch(word))


def _next_visible(text: str, position: int) -> str:
    while position < len(text) and (text[position].isspace() or text[position] in "\"'“‘([*"):
        position += 1
    return text[position] if position < len(text) else ""
