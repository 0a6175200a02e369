"""Sets chosen sentences as short Markdown: paragraphs, lists, code and tables, each with its citation.

Raw HTML must be off in whatever renders this Markdown: lesson text is quoted as it stands.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from rag.answering import citable, spans
from rag.answering.schemas import AnswerEvent, Cited, Token
from rag.answering.selection import Piece
from rag.schemas import Hit

Block = Literal["paragraph", "steps", "bullets", "code", "table"]
CELL = " | "

_FOREIGN_MARKER = re.compile(r"\[(\d{1,3})\]")
_LANGUAGE_HINTS = ((re.compile(r"^\s*(?:\$|sudo |pip |npm |cd |ls |git )", re.M), "sh"),)


@dataclass(frozen=True, slots=True)
class _Quote:
    """Adjacent sentences of one block of one chunk: one quote, one number."""

    hit: Hit
    pieces: tuple[Piece, ...]
    start: int
    end: int


def cite(number: int, hit: Hit, *, spans: Sequence[tuple[int, int]], score: float) -> Cited:
    """A citation of `hit` from the first span's start to the last span's end."""
    found = hit.candidate
    start, end = spans[0][0], spans[-1][1]
    return Cited(
        number=number,
        chunk_id=found.chunk_id,
        lesson_id=found.lesson_id,
        start=start,
        end=end,
        spans=tuple(spans),
        quote=found.text[start:end],
        score=round(score, 4),
        anchor=found.anchor,
        page=found.page,
        start_seconds=found.start_seconds,
    )


def protect_markers(text: str) -> str:
    """The text with its own `[3]` escaped, so that only ours read as citations."""
    return _FOREIGN_MARKER.sub(r"\\[\1\\]", text)


def fenced(code: str) -> str:
    """The code as a Markdown fence longer than any inside it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * max(3, longest + 1)
    language = next((name for pattern, name in _LANGUAGE_HINTS if pattern.search(code)), "")
    return f"{fence}{language}\n{code.rstrip()}\n{fence}"


def set_prose(hits: Sequence[Hit], pieces: Sequence[Piece], *, steps: bool) -> Iterator[AnswerEvent]:
    """Stream the pieces as Markdown. A `Cited` comes just before the first `[n]` that uses it.

    `steps` numbers the items of a list that is quoted from its first item on.
    """
    number = 0
    for block_index, (block, quotes) in enumerate(_blocks(hits, pieces, steps=steps)):
        if block_index:
            yield Token("\n\n")
        if block == "table":
            yield from _table(quotes, first_number=number + 1)
            number += len(quotes)
            continue
        for position, quote in enumerate(quotes):
            number += 1
            yield _citation(number, quote)
            for order, piece in enumerate(quote.pieces):
                opening = _opening(block, quote, position=position, order=order)
                yield Token(f"{opening}{_shown(piece)}{chr(10) if piece.is_code else ' '}[{number}]")


def _citation(number: int, quote: _Quote) -> Cited:
    sentences = quote.hit.candidate.sentences
    held = [(sentences[piece.index].start, sentences[piece.index].end) for piece in quote.pieces]
    held[0] = (quote.start, held[0][1])
    return cite(number, quote.hit, spans=held, score=max(piece.score for piece in quote.pieces))


def _shown(piece: Piece) -> str:
    if piece.is_code:
        return fenced(piece.text)
    text = " ".join(piece.text[citable.ornament_length(piece.text) :].split())
    return protect_markers(text)


def _opening(block: Block, quote: _Quote, *, position: int, order: int) -> str:
    if order:
        return " "
    if block == "paragraph":
        return " " if position else ""
    if block == "code":
        return "\n\n" if position else ""
    starts_item = _starts_line(quote.hit.candidate.text, quote.pieces[0], quote.hit)
    if not starts_item and position:
        return " "
    mark = f"{_item_number(quote)}. " if block == "steps" else "- "
    return ("\n" if position else "") + mark


def _item_number(quote: _Quote) -> int:
    """The item's place in its list, counted over the chunk's list items that begin a line."""
    count = 0
    sentences = quote.hit.candidate.sentences
    for index in range(quote.pieces[0].index, -1, -1):
        if sentences[index].kind != "list_item":
            break
        start = sentences[index].start
        count += start == 0 or quote.hit.candidate.text[start - 1] == "\n"
    return max(count, 1)


def _starts_line(text: str, piece: Piece, hit: Hit) -> bool:
    start = hit.candidate.sentences[piece.index].start
    return start == 0 or text[:start].rstrip(" ").endswith("\n") or not text[:start].strip()


def _blocks(hits: Sequence[Hit], pieces: Sequence[Piece], *, steps: bool) -> list[tuple[Block, list[_Quote]]]:
    """Runs of quotes of one look, broken where the chunk changes."""
    numbered = {hit for hit in {piece.hit for piece in pieces} if steps and _from_first_item(hits[hit], pieces, hit)}

    def look(piece: Piece) -> tuple[int, Block]:
        if piece.is_code:
            return piece.hit, "code"
        if piece.kind == "list_item":
            return piece.hit, "steps" if piece.hit in numbered else "bullets"
        if piece.kind in ("table_row", "table_header"):
            return piece.hit, "table"
        return piece.hit, "paragraph"

    return [(block, _quotes(hits, list(run))) for (_, block), run in groupby(pieces, key=look)]


def _from_first_item(hit: Hit, pieces: Sequence[Piece], number: int) -> bool:
    """Whether the quoted items of this chunk are an unbroken run from the start of their list."""
    indices = [piece.index for piece in pieces if piece.hit == number and piece.kind == "list_item"]
    if len(indices) < 2:
        return False
    read = spans.read(hit.candidate)
    left_out = set(range(indices[0], indices[-1])).difference(indices)
    # A question inside an item may be left out, an item may not.
    if any(read[index].opens_line for index in left_out):
        return False
    before = indices[0] - 1
    return before >= 0 and hit.candidate.sentences[before].kind != "list_item"


def _quotes(hits: Sequence[Hit], run: list[Piece]) -> list[_Quote]:
    """Adjacent sentences of the same line become one quote; everything else stands alone."""
    groups: list[list[Piece]] = []
    for piece in run:
        hit = hits[piece.hit].candidate
        last = groups[-1][-1] if groups else None
        if last is not None and piece.index == last.index + 1 and not piece.is_code:
            gap = hit.text[hit.sentences[last.index].end : hit.sentences[piece.index].start]
            if "\n" not in gap and not gap.strip() and piece.kind == last.kind and piece.kind != "table_row":
                groups[-1].append(piece)
                continue
        groups.append([piece])
    return [_quote(hits[group[0].hit], group) for group in groups]


def _quote(hit: Hit, group: list[Piece]) -> _Quote:
    sentences = hit.candidate.sentences
    start = sentences[group[0].index].start
    if not group[0].is_code:
        start += citable.ornament_length(group[0].text)
    return _Quote(hit, tuple(group), start, sentences[group[-1].index].end)


def _table(quotes: Sequence[_Quote], *, first_number: int) -> Iterator[AnswerEvent]:
    """Rows under their header when it was chosen too, else as a list; the citation stands in the last cell."""
    rows = [[cell.strip() for cell in quote.pieces[0].text.split("|")] for quote in quotes]
    width = len(rows[0])
    as_table = quotes[0].pieces[0].kind == "table_header" and width > 1 and all(len(row) == width for row in rows)
    for position, (quote, row) in enumerate(zip(quotes, rows, strict=True)):
        number = first_number + position
        yield _citation(number, quote)
        line = "\n" if position else ""
        shown = [protect_markers(" ".join(cell.split())) for cell in row]
        if not as_table:
            yield Token(f"{line}- {', '.join(cell for cell in shown if cell)} [{number}]")
            continue
        yield Token(f"{line}| {CELL.join(shown)} [{number}] |")
        if position == 0:
            yield Token("\n|" + " --- |" * width)
