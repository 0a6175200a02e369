"""From blocks to chunks: sections packed to size, small neighbours merged, every chunk measured."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ingestion.chunking.pieces import Piece, TokenCounter, pieces_of, smaller
from lms_core.content.text.schemas import Block
from rag.schemas import ChunkDraft, Sentence

PREFIX_SHARE = 4  # headings may take up to 1/4 of the window
SMALL_SHARE = 0.4  # of target_words: sections below it may join a neighbour
SOFT_SHARE = 1.25  # of target_words: how far a chunk may run over before it is closed


@dataclass(frozen=True, slots=True)
class _Group:
    """Pieces that make one chunk, and the headings that name it."""

    pieces: tuple[Piece, ...]
    heading_path: tuple[str, ...]
    prefix: str

    def words(self) -> int:
        return sum(piece.words for piece in self.pieces)

    def tokens(self) -> int:
        return sum(piece.tokens for piece in self.pieces)


def chunk(
    blocks: Sequence[Block],
    *,
    title: str,
    count_tokens: Callable[[str], int],
    max_tokens: int = 240,
    target_words: int = 150,
) -> list[ChunkDraft]:
    """Cut a lesson's `blocks` into chunks, in reading order.

    `count_tokens` counts what the embedding model's tokeniser makes of a text;
    prefix, line end and text of a chunk never make more than `max_tokens`
    (which must leave room for the model's own special tokens). The text of every
    block except headings is in the chunks, white space aside; a table cut in two
    repeats its header row. Equal input gives equal output.
    """
    count = TokenCounter(count_tokens)
    cutter = _Cutter(title=title, count=count, max_tokens=max_tokens, target_words=target_words)
    body = (block for block in blocks if block.kind != "heading" and block.text.strip())
    groups: list[_Group] = []
    for _, section in groupby(body, key=lambda block: (block.heading_path, block.anchor)):
        groups.extend(cutter.section(list(section)))
    measured = [part for group in cutter.merged(groups) for part in cutter.measured(group)]
    return [_draft(group, ordinal=ordinal) for ordinal, group in enumerate(measured)]


class _Cutter:
    """The limits of one lesson's chunks and the steps that keep them."""

    def __init__(self, *, title: str, count: TokenCounter, max_tokens: int, target_words: int) -> None:
        self.title = title
        self.count = count
        self.max_tokens = max_tokens
        self.target = target_words
        self._prefixes: dict[tuple[str, ...], str] = {}

    def prefix(self, path: tuple[str, ...]) -> str:
        """`title > heading > sub`, shortened from the middle when it would fill the window."""
        if path not in self._prefixes:
            names = [name for name in (self.title, *path) if name]
            if len(names) > 1 and names[0] == names[1]:
                del names[0]
            limit = self.max_tokens // PREFIX_SHARE
            while len(names) > 2 and self.count(" > ".join(names)) > limit:
                del names[1]
            prefix = " > ".join(names)
            while prefix and self.count(prefix) > limit:
                prefix = prefix[: len(prefix) * 2 // 3].rstrip()
            self._prefixes[path] = prefix
        return self._prefixes[path]

    def budget(self, prefix: str) -> int:
        """Tokens left for text beside `prefix`."""
        return max(1, self.max_tokens - self.count(prefix))

    def section(self, blocks: list[Block]) -> Iterable[_Group]:
        """The blocks under one heading, packed."""
        path = blocks[0].heading_path
        prefix = self.prefix(path)
        budget = self.budget(prefix)
        current: list[Piece] = []
        header: Piece | None = None
        for block in blocks:
            for piece in pieces_of(block, count=self.count, budget=budget, target_words=self.target):
                header = self._header(header, piece)
                if current and self._full(current, piece, budget=budget):
                    carried = self._introduction(current, piece, budget=budget)
                    if carried:
                        current.pop()
                    yield _Group(tuple(current), path, prefix)
                    current = carried or self._repeated(header, piece, budget=budget)
                current.append(piece)
        yield _Group(tuple(current), path, prefix)

    def _header(self, header: Piece | None, piece: Piece) -> Piece | None:
        if piece.block.kind == "table_header":
            return piece
        return header if piece.block.kind == "table_row" else None

    def _full(self, current: list[Piece], piece: Piece, *, budget: int) -> bool:
        tokens = sum(held.tokens for held in current) + piece.tokens
        if tokens > budget:
            return True
        words = sum(held.words for held in current)
        last = current[-1].block.kind
        if (piece.block.kind == "code" and last != "code") or last == "table_header":
            return False
        return words >= self.target or (words * 2 >= self.target and words + piece.words > self.target * SOFT_SHARE)

    def _introduction(self, current: list[Piece], piece: Piece, *, budget: int) -> list[Piece]:
        """The paragraph that introduces a code block or table, when both fit in the next chunk."""
        last = current[-1]
        introduced = piece.block.kind in ("code", "table_header", "math") and last.block.kind == "paragraph"
        heads = piece.block.kind == "table_row" and last.block.kind == "table_header"
        if len(current) > 1 and (introduced or heads) and last.tokens + piece.tokens <= budget:
            return [last]
        return []

    def _repeated(self, header: Piece | None, piece: Piece, *, budget: int) -> list[Piece]:
        if header is None or piece.block.kind != "table_row" or header.tokens * 2 > budget:
            return []
        return [header] if header.tokens + piece.tokens <= budget else []

    def merged(self, groups: Sequence[_Group]) -> list[_Group]:
        """Small neighbours joined: an introduction with its first sub-section, siblings with siblings."""
        done: list[_Group] = []
        for group in groups:
            both = self._merge(done[-1], group) if done else None
            if both is not None:
                done[-1] = both
            else:
                done.append(group)
        return done

    def _merge(self, first: _Group, second: _Group) -> _Group | None:
        small = self.target * SMALL_SHARE
        a, b = first.heading_path, second.heading_path
        if a == b or first.words() > small or first.words() + second.words() > self.target:
            return None
        if b[: len(a)] == a:
            path, prefix = b, second.prefix
        elif len(a) == len(b) and a[:-1] == b[:-1] and second.words() <= small:
            # Both headings are named: a chunk found by the second must still say so.
            path = a
            named = (*a[:-1], f"{first.prefix.rpartition(' > ')[2]} · {b[-1]}")
            prefix = self.prefix(named)
            if not prefix.endswith(b[-1]):
                return None
        else:
            return None
        if first.tokens() + second.tokens() > self.budget(prefix):
            return None
        return _Group(first.pieces + second.pieces, path, prefix)

    def measured(self, group: _Group) -> list[_Group]:
        """`group`, or parts of it, each counted whole: a tokeniser need not be additive over lines."""
        pending, done = [group], []
        while pending:
            part = pending.pop()
            if self.count(f"{part.prefix}\n{_text(part.pieces)}") <= self.max_tokens:
                done.append(part)
                continue
            pieces = part.pieces
            if len(pieces) == 1:
                halves = smaller(pieces[0], count=self.count)
                if len(halves) == 1 and halves[0].text == pieces[0].text:
                    done.append(replace(part, prefix=""))
                    continue
                pieces = tuple(halves)
            middle = max(1, len(pieces) // 2)
            parts = [pieces[:middle], pieces[middle:]]
            pending.extend(replace(part, pieces=half) for half in reversed(parts) if half)
        return done


def _text(pieces: Sequence[Piece]) -> str:
    return "\n".join(piece.text for piece in pieces)


def _draft(group: _Group, *, ordinal: int) -> ChunkDraft:
    sentences: list[Sentence] = []
    offset = 0
    for piece in group.pieces:
        sentences.extend(Sentence(span.start + offset, span.end + offset, span.kind) for span in piece.spans)
        offset += len(piece.text) + 1
    text, first = _text(group.pieces), group.pieces[0].block
    spans = ";".join(f"{span.start},{span.end},{span.kind}" for span in sentences)
    # The unit separator cannot be typed into a lesson by accident, so parts cannot run into each other.
    digest = hashlib.sha256("\x1f".join((group.prefix, text, spans)).encode("utf-8", "surrogatepass"))
    return ChunkDraft(
        ordinal=ordinal,
        text=text,
        prefix=group.prefix,
        sentences=tuple(sentences),
        heading_path=group.heading_path,
        anchor=first.anchor,
        page=first.page,
        start_seconds=first.start_seconds,
        content_hash=digest.hexdigest(),
    )
