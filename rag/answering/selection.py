"""Chooses which sentences answer: seeds by score, what they lean on, then their neighbours.

Source of the method: three best sentences over the five best chunks, then
neighbours up to 90 words, was the best of six variants measured for containing
the fact (100 / 80 / 90 % plain, paraphrased, Swahili). Printed in text order.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.answering import citable
from rag.answering.question_kind import QuestionKind
from rag.answering.words import content_stems, numbers, word_count
from rag.schemas import Hit, Retrieval

HITS = 5
SEEDS = 3
MAX_SENTENCE_WORDS = 75  # SQuAD: 45 words lose 6 points of containment, 35 lose 16
MAX_INTRODUCTION_WORDS = 20
MAX_CODE_LINES = 25
MAX_CODE_BLOCKS = 2
SHAPE_BONUS = 0.15  # a sentence of the shape the question asks for
PICTURE_PENALTY = 0.2
DUPLICATE_OVERLAP = 0.8  # Jaccard of content stems

_YEAR = re.compile(
    r"\b(?:1[0-9]|20)\d{2}\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|"
    r"december)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|so that|in order to|due to|reason|as a result|means that|therefore|kwa sababu|ili)\b",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"\b(?:whereas|while|unlike|than|but|however|differ\w*|both|compared|lakini|kuliko)\b", re.IGNORECASE
)
_COPULA = r"(?:\s*\([^)]{1,40}\))?,?\s+(?:is|are|was|were|means?|refers? to|stands? for|ni|ina maana)\b|\s*[-–—:]\s"


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence span of one hit, a candidate for the answer."""

    hit: int
    index: int
    kind: str
    text: str
    words: int
    score: float

    @property
    def is_code(self) -> bool:
        return self.kind in ("code", "math")


class Draft:
    """The pieces chosen so far and the words they take; code is counted in blocks, not words."""

    def __init__(self, pieces: dict[tuple[int, int], Piece], *, budget: int, code: bool) -> None:
        self._pieces = pieces
        self.chosen: dict[tuple[int, int], Piece] = {}
        self.words = 0
        self.blocks = 0
        self._budget = budget
        self._code = code
        self._stems: list[set[str]] = []

    def at(self, hit: int, index: int) -> Piece | None:
        """The piece at that place when it exists and may be quoted."""
        piece = self._pieces.get((hit, index))
        return piece if piece is not None and citable.is_citable(piece.text, kind=piece.kind) else None

    def take(self, piece: Piece) -> bool:
        """Add the piece with all it leans on, or nothing when that does not fit or repeats what is there."""
        if self.at(piece.hit, piece.index) is None:
            return False
        needed = [part for part in self._closure(piece) or () if (part.hit, part.index) not in self.chosen]
        if not needed or piece not in needed:
            return False
        words = sum(part.words for part in needed if not part.is_code)
        blocks = sum(part.is_code for part in needed)
        if self.words + words > self._budget or self.blocks + blocks > MAX_CODE_BLOCKS or self._repeats(piece):
            return False
        for part in needed:
            self.chosen[(part.hit, part.index)] = part
            self._stems.append(content_stems(part.text))
        self.words += words
        self.blocks += blocks
        return True

    def _repeats(self, piece: Piece) -> bool:
        stems = content_stems(piece.text)
        return any(
            stems == other or (stems and len(stems & other) / len(stems | other) >= DUPLICATE_OVERLAP)
            for other in self._stems
        )

    def _closure(self, piece: Piece) -> list[Piece] | None:
        """The piece, what it refers back to and what it announces; None when that is not quotable."""
        needed = [piece]
        while not needed[0].is_code and citable.opens_dangling(needed[0].text):
            before = self.at(piece.hit, needed[0].index - 1)
            if before is None or before.is_code or len(needed) == 3 or citable.introduces_list(before.text):
                return None
            needed.insert(0, before)
        if piece.kind == "table_row" and (header := self._header(piece)) is not None:
            needed.insert(0, header)
        if piece.kind == "table_header":
            rows = self._announced(piece)
            return [piece, *rows] if rows else None
        if piece.kind == "list_item" and (introduction := self._introduction(piece)) is not None:
            needed.insert(0, introduction)
        if citable.introduces_list(piece.text):
            items = self._announced(piece)
            if not items:
                return None
            needed += items
        return needed

    def _introduction(self, item: Piece) -> Piece | None:
        """The short sentence that announces the list the item stands in, when the lesson has one."""
        index = item.index - 1
        while (before := self.at(item.hit, index)) is not None and before.kind == "list_item":
            index -= 1
        if before is None or before.words > MAX_INTRODUCTION_WORDS or before.is_code:
            return None
        fits = self.words + before.words + item.words <= self._budget
        announces = citable.introduces_list(before.text) and not citable.opens_dangling(before.text)
        return before if fits and announces else None

    def _header(self, row: Piece) -> Piece | None:
        """The header of the row's table, when the chunk has it and it still fits."""
        index = row.index - 1
        while (before := self.at(row.hit, index)) is not None and before.kind == "table_row":
            index -= 1
        if before is None or before.kind != "table_header":
            return None
        return before if self.words + before.words + row.words <= self._budget else None

    def _announced(self, piece: Piece) -> list[Piece]:
        """The items, rows or code after an introduction: all that fit, at least one; none when nothing follows."""
        items: list[Piece] = []
        words = self.words + piece.words
        following = self.at(piece.hit, piece.index + 1)
        while following and following.kind in ("list_item", "table_row", "table_header", "code", "math"):
            if following.is_code and (items or not self._code):
                break
            words += 0 if following.is_code else following.words
            if words > self._budget or len(items) == 8:
                break
            items.append(following)
            following = self.at(piece.hit, following.index + 1)
        if items and items[-1].kind == "table_header":
            items.pop()  # a header says nothing without a row
        return items


def choose(retrieval: Retrieval, *, kind: QuestionKind, question: str, budget: int, seeds: int = SEEDS) -> list[Piece]:
    """The pieces that answer, in reading order: by chunk as ranked by its best seed, then as in the lesson.

    `budget` is in words, code not counted. Empty when nothing in the hits may be quoted.
    """
    pieces = _pieces(retrieval.hits[:HITS], kind=kind, question=question)
    draft = Draft(pieces, budget=budget, code=kind in ("code", "how_to"))
    ranked = sorted(pieces.values(), key=lambda piece: (-piece.score, piece.hit, piece.index))
    if kind not in ("code", "how_to"):
        ranked = [piece for piece in ranked if not piece.is_code] or ranked
    planted: list[Piece] = []
    for piece in ranked:
        if len(planted) == seeds:
            break
        if piece.words <= MAX_SENTENCE_WORDS and draft.take(piece):
            planted.append(piece)
    if kind == "code":
        _take_code(draft, ranked, planted)
    _take_neighbours(draft, planted, code=kind in ("code", "how_to"))
    if not draft.chosen:
        next((piece for piece in ranked if draft.take(piece)), None)
    return _reading_order(_without_bare_headers(draft.chosen), planted)


def _pieces(hits: Iterable[Hit], *, kind: QuestionKind, question: str) -> dict[tuple[int, int], Piece]:
    found: dict[tuple[int, int], Piece] = {}
    asked = content_stems(question)
    defines = _definition_pattern(question)
    for rank, hit in enumerate(hits):
        for index, sentence in enumerate(hit.candidate.sentences):
            text = hit.candidate.text[sentence.start : sentence.end]
            if sentence.kind == "code" and text.count("\n") >= MAX_CODE_LINES:
                continue
            score = float(hit.sentence_scores[index]) if index < len(hit.sentence_scores) else 0.0
            score += _shape(text, block=sentence.kind, kind=kind, asked=asked, defines=defines)
            found[(rank, index)] = Piece(rank, index, sentence.kind, text, word_count(text), score)
    return found


def _definition_pattern(question: str) -> re.Pattern[str] | None:
    """Matches a sentence that defines the last content words of the question; None when there are none."""
    stems = [re.escape(word) for word in re.findall(r"\w[\w-]+", question.lower()) if content_stems(word)]
    if not stems:
        return None
    term = "|".join(word[:-1] if word.endswith("s") and len(word) > 4 else word for word in stems)
    opening = r"^\W*(?:(?:an?|the|each|most|all)\s+)?(?:[\w-]+\s+){0,2}"
    return re.compile(rf"{opening}(?:{term})\w*(?:{_COPULA})", re.IGNORECASE)


def _shape(text: str, *, block: str, kind: QuestionKind, asked: set[str], defines: re.Pattern[str] | None) -> float:
    """The bonus for having the shape the question asks for, less the penalty for describing a picture."""
    fits = (
        (kind == "definition" and defines is not None and bool(defines.search(text)))
        or (kind == "how_to" and (block == "list_item" or citable.introduces_list(text)))
        or (kind == "code" and block == "code")
        or (kind == "table" and block in ("table_row", "list_item"))
        or (kind == "number" and bool(numbers(text, spelled=True)))
        or (kind == "date" and bool(_YEAR.search(text)))
        or (kind == "reason" and bool(_REASON.search(text)))
        or (kind == "comparison" and (bool(_COMPARES.search(text)) or len(asked & content_stems(text)) >= 2))
    )
    return SHAPE_BONUS * fits - PICTURE_PENALTY * citable.points_at_picture(text)


def _take_code(draft: Draft, ranked: list[Piece], planted: list[Piece]) -> None:
    """One code block for a question that wants code: the nearest to the best sentences, else the best scored."""
    if any(piece.is_code for piece in draft.chosen.values()):
        return
    for seed in planted:
        for offset in (1, 2, -1):
            near = draft.at(seed.hit, seed.index + offset)
            if near is not None and near.is_code and draft.take(near):
                return
    next((piece for piece in ranked if piece.is_code and piece.hit < 2 and draft.take(piece)), None)


def _take_neighbours(draft: Draft, planted: list[Piece], *, code: bool) -> None:
    """Next, second next and previous of each seed while the words last; nothing is put before the best seed."""
    for offset in (1, 2, -1):
        for order, seed in enumerate(planted):
            near = draft.at(seed.hit, seed.index + offset)
            between = (seed.hit, seed.index + 1)
            if near is None or near.words > MAX_SENTENCE_WORDS or (near.is_code and not code):
                continue
            if (offset == 2 and between not in draft.chosen) or (offset == -1 and order == 0):
                continue
            draft.take(near)


def _without_bare_headers(chosen: dict[tuple[int, int], Piece]) -> list[Piece]:
    """The pieces less table headers none of whose rows was chosen: a header alone says nothing."""
    rows = {piece.hit for piece in chosen.values() if piece.kind == "table_row"}
    return [piece for piece in chosen.values() if piece.kind != "table_header" or piece.hit in rows]


def _reading_order(chosen: Iterable[Piece], planted: list[Piece]) -> list[Piece]:
    """By chunk as ranked by its best seed, then as in the lesson, but the run around the best sentence leads."""
    first: dict[int, int] = {}
    for order, seed in enumerate(planted):
        first.setdefault(seed.hit, order)
    pieces = sorted(chosen, key=lambda piece: (first.get(piece.hit, len(planted)), piece.hit, piece.index))
    if not planted or planted[0].kind != "paragraph":
        return pieces
    leading = _run(pieces, planted[0])
    return leading + [piece for piece in pieces if piece not in leading]


def _run(pieces: list[Piece], seed: Piece) -> list[Piece]:
    """The paragraph around `seed` and all that follows it without a gap."""
    places = {piece.index: piece for piece in pieces if piece.hit == seed.hit}
    begin = end = seed.index
    while begin - 1 in places and places[begin - 1].kind == "paragraph":
        begin -= 1
    while end + 1 in places:
        end += 1
    return [places[index] for index in range(begin, end + 1)]
