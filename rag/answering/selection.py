"""Chooses which sentences answer: seeds by score, what they lean on, then their neighbours.

Source of the method: three best sentences over the five best chunks, then
neighbours up to 90 words, was the best of six variants measured for containing
the fact (100 / 80 / 90 % plain, paraphrased, Swahili). Printed in text order.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rag.answering import citable, spans
from rag.answering.definitions import Definitions
from rag.answering.lists import list_bonus, rarity
from rag.answering.question_kind import QuestionKind
from rag.answering.spans import Span
from rag.answering.words import content_stems
from rag.schemas import Hit, Retrieval

HITS = 5
LIST_HITS = 10  # a list asked for may stand under a heading of its own, away from the best passage
SEEDS = 3
MAX_SENTENCE_WORDS = 75  # SQuAD: 45 words lose 6 points of containment, 35 lose 16
MAX_INTRODUCTION_WORDS = 20
MAX_CODE_LINES = 25
MAX_CODE_BLOCKS = 2
SHAPE_BONUS = 0.15  # a sentence of the shape the question asks for
DEFINITION_BONUS = {"exact": 0.6, "loose": 0.15, "none": 0.0}
PICTURE_PENALTY = 0.2
FURNITURE_PENALTY = 1.0  # stands under "Objectives", "Further reading", ...
EMPTY_PENALTY = 1.0  # repeats the question's words and adds none
LABEL_PENALTY = 0.15  # a list item of a few words without an introduction
# How far below the best seed another may score. SQuAD, range: fact in the answer, in its first sentence; words
# any: 86.7, 51.0 %; 86    .8: 86.5, 54.7 %; 80    .5: 86.5, 61.5 %; 75    .3: 85.7, 64.5 %; 70
SEED_RANGE = 0.5
NEIGHBOUR_RANGE = 0.8  # how far below the best seed a neighbour's relevance may be; short answers are good answers
LIST_LEAD_RANGE = 0.15  # steps this little below a sentence still lead: who asks how wants them first
DUPLICATE_OVERLAP = 0.8  # Jaccard of content stems
WANTS_CODE = frozenset({"code", "how_to"})
WANTS_LISTS = frozenset({"how_to", "list"})


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence span of one hit, a candidate for the answer. `relevance` is its score less every bonus."""

    hit: int
    index: int
    span: Span
    score: float
    relevance: float
    asked_for: bool = False  # stands in a list or table about the question, where the question asks for one

    @property
    def kind(self) -> str:
        return self.span.kind

    @property
    def text(self) -> str:
        return self.span.text

    @property
    def words(self) -> int:
        return self.span.words

    @property
    def is_code(self) -> bool:
        return self.span.is_code


class Draft:
    """The pieces chosen so far and the words they take; code is counted in blocks, not words."""

    def __init__(self, pieces: dict[tuple[int, int], Piece], *, budget: int, kind: QuestionKind) -> None:
        self._pieces = pieces
        self.chosen: dict[tuple[int, int], Piece] = {}
        self.words = 0
        self.blocks = 0
        self._budget = budget
        self._code = kind in WANTS_CODE
        self._whole = kind in WANTS_LISTS
        self._numbered = kind == "how_to"
        self._stems: list[frozenset[str]] = []

    def at(self, hit: int, index: int) -> Piece | None:
        """The piece at that place when it exists and may be quoted."""
        piece = self._pieces.get((hit, index))
        return piece if piece is not None and piece.span.citable else None

    def take(self, piece: Piece) -> bool:
        """Add the piece with all it leans on, or nothing when that does not fit or repeats what is there."""
        if self.at(piece.hit, piece.index) is None:
            return False
        needed = [part for part in self._closure(piece) or () if (part.hit, part.index) not in self.chosen]
        if not needed or piece not in needed:
            return False
        words = sum(self._cost(part) for part in needed)
        blocks = sum(part.is_code for part in needed)
        if self.words + words > self._budget or self.blocks + blocks > MAX_CODE_BLOCKS or self._repeats(piece):
            return False
        for part in needed:
            self.chosen[(part.hit, part.index)] = part
            self._stems.append(part.span.stems)
        self.words += words
        self.blocks += blocks
        return True

    def _cost(self, piece: Piece) -> int:
        """The words a piece takes; the number of a step is a word to its reader."""
        if piece.is_code:
            return 0
        return piece.words + (self._numbered and piece.kind == "list_item" and piece.span.opens_line)

    def _repeats(self, piece: Piece) -> bool:
        stems = piece.span.stems
        return any(
            stems == other or (stems and len(stems & other) / len(stems | other) >= DUPLICATE_OVERLAP)
            for other in self._stems
        )

    def _closure(self, piece: Piece) -> list[Piece] | None:
        """The piece, what it refers back to and what it announces; None when that is not quotable."""
        needed = (self._whole and self._whole_list(piece)) or [piece]
        while not needed[0].is_code and needed[0].span.dangling:
            before = self.at(piece.hit, needed[0].index - 1)
            if before is None or before.is_code or len(needed) == 3 or before.span.introduces:
                return None
            needed.insert(0, before)
        if piece.kind == "table_row" and (header := self._header(piece)) is not None:
            needed.insert(0, header)
        if piece.kind == "table_header":
            rows = self._announced(piece)
            return [piece, *rows] if rows else None
        if piece.kind == "list_item" and (introduction := self._introduction(piece)) is not None:
            needed.insert(0, introduction)
        if piece.span.introduces:
            items = self._announced(piece)
            if not items:
                return None
            needed += items
        return needed

    def _whole_list(self, item: Piece) -> list[Piece]:
        """The list or table rows that `item` stands in: all of it, else from the first item on as far as it fits.

        Empty when it is no list, when more than half are labels, or when what fits does not reach `item`.
        """
        if item.kind not in ("list_item", "table_row"):
            return []
        first = last = item.index
        while (before := self._pieces.get((item.hit, first - 1))) is not None and before.kind == item.kind:
            first -= 1
        while (after := self._pieces.get((item.hit, last + 1))) is not None and after.kind == item.kind:
            last += 1
        whole = [self._pieces[(item.hit, index)] for index in range(first, last + 1)]
        labels = sum(one.span.label for one in whole)
        # A question inside an item ("Is it the right one?") may be left out; an item may not.
        if any(one.span.opens_line and not one.span.citable for one in whole) or 2 * labels > len(whole):
            return []
        return self._fitting([one for one in whole if one.span.citable], item)

    def _fitting(self, items: list[Piece], wanted: Piece) -> list[Piece]:
        """The first of `items` that the words left allow, without half an item; none when `wanted` is not in them."""
        left, kept = self._budget - self.words, 0
        for place, item in enumerate(items):
            left -= self._cost(item) if (item.hit, item.index) not in self.chosen else 0
            if left < 0:
                break
            if place + 1 == len(items) or items[place + 1].span.opens_line:
                kept = place + 1
        return items[:kept] if wanted in items[:kept] else []

    def _introduction(self, item: Piece) -> Piece | None:
        """The short sentence that announces the list the item stands in, when the lesson has one."""
        index = item.index - 1
        while (before := self.at(item.hit, index)) is not None and before.kind == "list_item":
            index -= 1
        if before is None or before.words > MAX_INTRODUCTION_WORDS or before.is_code:
            return None
        fits = self.words + before.words + item.words <= self._budget
        announces = before.span.introduces and not before.span.dangling
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


def choose(
    retrieval: Retrieval, *, kind: QuestionKind, wordings: Sequence[str], budget: int, seeds: int = SEEDS
) -> list[Piece]:
    """The pieces that answer, in reading order: by chunk as ranked by its best seed, then as in the lesson.

    `wordings` are the question in the lessons' language, then as asked. `budget` is in
    words, code not counted. Empty when nothing in the hits may be quoted.
    """
    pieces = _pieces(retrieval.hits[: LIST_HITS if kind in WANTS_LISTS else HITS], kind=kind, wordings=wordings)
    draft = Draft(pieces, budget=budget, kind=kind)
    ranked = sorted(pieces.values(), key=lambda piece: (-piece.score, piece.hit, piece.index))
    if kind not in WANTS_CODE:
        ranked = [piece for piece in ranked if not piece.is_code] or ranked
    planted: list[Piece] = []
    for piece in ranked:
        if len(planted) == seeds or (planted and piece.score < planted[0].score - SEED_RANGE):
            break
        if piece.words <= MAX_SENTENCE_WORDS and draft.take(piece):
            planted.append(piece)
    if kind == "code":
        _take_code(draft, ranked, planted)
    _take_neighbours(draft, planted, code=kind in WANTS_CODE)
    if not draft.chosen:
        next((piece for piece in ranked if draft.take(piece)), None)
    return _reading_order(_without_bare_headers(draft.chosen), planted, lists=kind in WANTS_LISTS)


def _pieces(hits: Sequence[Hit], *, kind: QuestionKind, wordings: Sequence[str]) -> dict[tuple[int, int], Piece]:
    found: dict[tuple[int, int], Piece] = {}
    asked = content_stems(" ".join(wordings))
    definitions = Definitions(wordings) if kind == "definition" else None
    passages = [spans.read(hit.candidate) for hit in hits]
    gains = _list_gains(hits, passages, asked, kind=kind) if kind in WANTS_LISTS else {}
    for rank, (hit, read) in enumerate(zip(hits, passages, strict=True)):
        furniture = FURNITURE_PENALTY * citable.is_furniture(hit.candidate.heading_path)
        for index, span in enumerate(read):
            gain = gains.get((rank, index), 0.0)
            if (rank >= HITS and not gain) or (span.kind == "code" and span.text.count("\n") >= MAX_CODE_LINES):
                continue
            relevance = float(hit.sentence_scores[index]) if index < len(hit.sentence_scores) else 0.0
            relevance -= furniture + _emptiness(span, asked) + PICTURE_PENALTY * span.picture
            score = relevance + gain + SHAPE_BONUS * _fits(span, kind, asked)
            if definitions is not None:
                score += DEFINITION_BONUS[definitions.grade(span.named)]
            found[(rank, index)] = Piece(rank, index, span, score, relevance, asked_for=gain > 0)
    return found


def _list_gains(
    hits: Sequence[Hit], passages: Sequence[tuple[Span, ...]], asked: AbstractSet[str], *, kind: QuestionKind
) -> dict[tuple[int, int], float]:
    """The bonus of every span that stands in a list or table about the question, by hit and place."""
    telling = rarity(asked, passages)
    gains: dict[tuple[int, int], float] = {}
    for rank, (hit, read) in enumerate(zip(hits, passages, strict=True)):
        headings = hit.candidate.heading_path
        if citable.is_furniture(headings):
            continue
        for run in spans.runs(read):
            gain = list_bonus(read, run, headings=headings, asked=telling, steps=kind == "how_to")
            if gain:
                # A list answers as a whole: its best item speaks for the others.
                scores = hit.sentence_scores[run.start : run.stop]
                lead = float(scores.max(initial=0.0))
                gains |= {(rank, index): gain + lead - float(scores[index - run.start]) for index in run[: len(scores)]}
    return gains


def _fits(span: Span, kind: QuestionKind, asked: AbstractSet[str]) -> bool:
    """Whether the span has the shape the question asks for."""
    return kind in span.shapes or (kind == "comparison" and len(asked & span.stems) >= 2)


def _emptiness(span: Span, asked: AbstractSet[str]) -> float:
    """The penalty for telling the asker nothing: only words of the question, a bare label or an aim in a list."""
    if span.is_code or span.kind == "table_header":
        return 0.0
    if span.stems <= asked and not span.has_number:
        return EMPTY_PENALTY
    return LABEL_PENALTY * (span.label + 2 * span.aim)


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
            # code beside a lesser seed is seldom the code that was asked for
            if near is None or near.words > MAX_SENTENCE_WORDS or (near.is_code and not (code and order == 0)):
                continue
            if near.relevance < planted[0].relevance - NEIGHBOUR_RANGE:
                continue
            if (offset == 2 and between not in draft.chosen) or (offset == -1 and order == 0):
                continue
            draft.take(near)


def _without_bare_headers(chosen: dict[tuple[int, int], Piece]) -> list[Piece]:
    """The pieces less table headers none of whose rows was chosen: a header alone says nothing."""
    rows = {piece.hit for piece in chosen.values() if piece.kind == "table_row"}
    return [piece for piece in chosen.values() if piece.kind != "table_header" or piece.hit in rows]


def _reading_order(chosen: Iterable[Piece], planted: list[Piece], *, lists: bool) -> list[Piece]:
    """By chunk as ranked by its best seed, then as in the lesson, but the run around the best sentence leads;
    where `lists` are asked for, the first that fits or is hardly worse than that sentence leads instead.
    """
    first: dict[int, int] = {}
    for order, seed in enumerate(planted):
        first.setdefault(seed.hit, order)
    pieces = sorted(chosen, key=lambda piece: (first.get(piece.hit, len(planted)), piece.hit, piece.index))
    seeds = [seed for seed in planted if seed in pieces]  # a table's bare header is left out again
    if not seeds or seeds[0].is_code:
        return pieces
    leads = (seed for seed in seeds if lists and _may_lead(seed, seeds[0]))
    leading = _run(pieces, next(leads, seeds[0]))
    return leading + [piece for piece in pieces if piece not in leading]


def _may_lead(seed: Piece, best: Piece) -> bool:
    is_list = seed.kind in ("list_item", "table_row")
    return seed.asked_for or (is_list and seed.score >= best.score - LIST_LEAD_RANGE)


def _belongs(before: Piece, piece: Piece) -> bool:
    """Whether `piece` cannot lead without what stands before it."""
    if piece.kind == "paragraph":
        return piece.span.dangling and before.kind == "paragraph"
    return before.kind in (piece.kind, "table_header") or before.span.introduces


def _run(pieces: list[Piece], seed: Piece) -> list[Piece]:
    """What `seed` refers back to, the seed, and all that follows without a gap; of a list or table all of it.

    Beginning at the paragraph's first chosen sentence instead put the fact in the first sentence of 61.7 %
    of SQuAD's answers, not of 68.3 %.
    """
    places = {piece.index: piece for piece in pieces if piece.hit == seed.hit}
    begin = end = seed.index
    while (before := _next(places, begin, -1)) is not None and _belongs(places[before], places[begin]):
        begin = before
    while (after := _next(places, end, 1)) is not None:
        end = after
    return [places[index] for index in range(begin, end + 1) if index in places]


def _next(places: Mapping[int, Piece], place: int, step: int) -> int | None:
    """The next place that way without a gap; between two items of a list a question that is not quoted is none."""
    if place + step in places:
        return place + step
    beyond = places.get(place + 2 * step)
    within = beyond is not None and beyond.kind == places[place].kind == "list_item"
    return place + 2 * step if within else None
