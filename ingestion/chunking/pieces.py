"""Pieces: blocks, or parts of blocks too long for the window, with their citable spans."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingestion.chunking.sentences import sentence_spans
from lms_core.content.text.schemas import Block
from rag.schemas import Sentence

# One span each: half a command or half a row answers nothing.
WHOLE = frozenset({"code", "table_row", "table_header", "math", "image"})


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that stays together. `spans` are offsets in `text`; `tokens` and `words` measure it."""

    block: Block
    text: str
    spans: tuple[Sentence, ...]
    tokens: int
    words: int


class TokenCounter:
    """`count_tokens` with a memory: rows, captions and commands repeat within a lesson."""

    def __init__(self, count_tokens: Callable[[str], int]) -> None:
        self._count = count_tokens
        self._seen: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        """Tokens of `text`."""
        known = self._seen.get(text)
        if known is None:
            known = self._seen[text] = self._count(text)
        return known


def pieces_of(block: Block, *, count: TokenCounter, budget: int, target_words: int) -> list[Piece]:
    """`block` as one piece, or as several of at most `budget` tokens when it is longer.

    Prose is also cut near `target_words`, between sentences.
    """
    words = len(block.text.split())
    prose = block.kind not in WHOLE
    too_wordy = prose and words > target_words * 3 // 2
    if not too_wordy and count(block.text) <= budget:
        return [_piece(block, block.text, count=count)]
    limit = target_words if prose else None
    return [_piece(block, text, count=count) for text in _cut(block, count=count, budget=budget, limit=limit)]


def smaller(piece: Piece, *, count: TokenCounter) -> list[Piece]:
    """`piece` in two halves at a word or line boundary (or inside one word); itself when it is one character."""
    text = piece.text
    if len(text) < 2:
        return [piece]
    middle = _halfway(text)
    halves = (text[:middle].strip(), text[middle:].strip())
    return [_piece(piece.block, half, count=count) for half in halves if half]


def _piece(block: Block, text: str, *, count: TokenCounter) -> Piece:
    spans = [(0, len(text))] if block.kind in WHOLE else sentence_spans(text)
    sentences = tuple(Sentence(start, end, block.kind) for start, end in spans)
    return Piece(block, text, sentences, count(text), len(text.split()))


def _cut(block: Block, *, count: TokenCounter, budget: int, limit: int | None) -> list[str]:
    text = block.text
    units = _line_units(text) if block.kind == "code" else sentence_spans(text)
    fitting = [part for unit in units for part in _fit(text, unit, count=count, budget=budget)]
    return _join(text, fitting, count=count, budget=budget, limit=limit)


def _line_units(text: str) -> list[tuple[int, int]]:
    units, start = [], 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            units.append((start, start + len(line.rstrip())))
        start += len(line)
    return units


def _fit(text: str, unit: tuple[int, int], *, count: TokenCounter, budget: int) -> list[tuple[int, int]]:
    """`unit` in parts of at most `budget` tokens: halved at spaces, or inside a word as a last resort."""
    pending, done = [unit], []
    while pending:
        start, end = pending.pop()
        part = text[start:end]
        if len(part) < 2 or count(part) <= budget:
            done.append((start, end))
            continue
        middle = start + _halfway(part)
        left, right = (start, middle), (middle, end)
        pending.extend(span for span in (_trimmed(text, right), _trimmed(text, left)) if span[0] < span[1])
    return done


def _halfway(text: str) -> int:
    """An offset strictly inside `text`: after the white space nearest its middle, if there is some."""
    middle = len(text) // 2
    before = max(text.rfind(" ", 1, middle), text.rfind("\n", 1, middle)) + 1
    if before > len(text) // 8:
        return before
    spaces = [place for place in (text.find(" ", middle), text.find("\n", middle)) if place > 0]
    after = min(spaces, default=0) + 1
    return after if 1 < after < len(text) else max(1, middle)


def _trimmed(text: str, span: tuple[int, int]) -> tuple[int, int]:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _join(
    text: str, units: Sequence[tuple[int, int]], *, count: TokenCounter, budget: int, limit: int | None
) -> list[str]:
    """Neighbouring units joined, verbatim, up to `budget` tokens and about `limit` words."""
    joined: list[str] = []
    start, tokens, words = -1, 0, 0
    end = 0
    for unit_start, unit_end in units:
        unit = text[unit_start:unit_end]
        more_tokens, more_words = count(unit), len(unit.split())
        full = tokens + more_tokens > budget or (limit is not None and words >= limit)
        if start >= 0 and full:
            joined.append(text[start:end])
            start, tokens, words = -1, 0, 0
        start = unit_start if start < 0 else start
        end, tokens, words = unit_end, tokens + more_tokens, words + more_words
    if start >= 0:
        joined.append(text[start:end])
    return joined
