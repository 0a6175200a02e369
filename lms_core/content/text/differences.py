"""What changed between two texts: lines beside each other, with the words in them that differ.

Python's difflib finds the common parts (Ratcliff and Obershelp, "Pattern Matching: The Gestalt Approach", 1988).
Its time grows with the product of the lengths, so what is too long is shown as replaced.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

LineKind = Literal["same", "changed", "removed", "added", "skipped"]

CONTEXT = 2  # unchanged lines shown around a change
MAX_PRODUCT = 2_000_000  # lines of one text times lines of the other
MAX_WORDS = 600  # of one line
MAX_LINES = 3_000  # shown
ALIKE = 0.4  # two lines less alike than this are one removed and one added
WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters of a line, and whether the other text lacks it."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A line in both texts. Numbers from 1, None where a text has no such line; "skipped" stands for `count` lines."""

    kind: LineKind
    before: tuple[Span, ...] = ()
    after: tuple[Span, ...] = ()
    before_number: int | None = None
    after_number: int | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Differences:
    """Two texts compared. `added` and `removed` count lines, a changed one in both; `cut`: there are more lines."""

    lines: tuple[ComparedLine, ...]
    added: int
    removed: int
    cut: bool


def compare(before: str, after: str) -> Differences:
    """Compare two texts line by line; long unchanged stretches are one "skipped" line."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[ComparedLine] = []
    for tag, a, b, c, d in _operations(old, new):
        if tag == "equal":
            lines.extend(_same(old, a, b, c, last=b == len(old) and d == len(new)))
        else:
            lines.extend(_replaced(old[a:b], new[c:d], a, c))
    added = sum(line.kind in ("added", "changed") for line in lines)
    removed = sum(line.kind in ("removed", "changed") for line in lines)
    return Differences(tuple(lines[:MAX_LINES]), added, removed, len(lines) > MAX_LINES)


def _operations(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    found: list[tuple[str, int, int, int, int]] = [("equal", 0, head, 0, head)] if head else []
    if len(a) * len(b) > MAX_PRODUCT:
        found.append(("replace", head, head + len(a), head, head + len(b)))
    else:
        codes = SequenceMatcher(None, a, b).get_opcodes()
        found += [(tag, i + head, j + head, k + head, m + head) for tag, i, j, k, m in codes]
    if tail:
        found.append(("equal", len(old) - tail, len(old), len(new) - tail, len(new)))
    return found


def _same(old: Sequence[str], start: int, end: int, new_start: int, *, last: bool) -> list[ComparedLine]:
    """Unchanged lines: those near a change, the others skipped."""
    before_change = 0 if last else CONTEXT
    after_change = 0 if start == 0 and new_start == 0 else CONTEXT
    hidden = range(start + after_change, end - before_change)
    shift = new_start - start
    found = []
    for number in range(start, end):
        if len(hidden) > 1 and number in hidden:
            if number == hidden[0]:
                found.append(ComparedLine("skipped", count=len(hidden)))
            continue
        spans = (Span(old[number], False),)
        found.append(ComparedLine("same", spans, spans, number + 1, number + shift + 1))
    return found


def _replaced(old: Sequence[str], new: Sequence[str], a: int, c: int) -> list[ComparedLine]:
    pairs = min(len(old), len(new))
    found: list[ComparedLine] = []
    for place in range(pairs):
        found.extend(_pair(old[place], new[place], a + place + 1, c + place + 1))
    found.extend(ComparedLine("removed", (Span(old[n], True),), (), a + n + 1) for n in range(pairs, len(old)))
    found.extend(ComparedLine("added", (), (Span(new[n], True),), None, c + n + 1) for n in range(pairs, len(new)))
    return found


def _pair(old: str, new: str, before_number: int, after_number: int) -> list[ComparedLine]:
    a, b = WORD.findall(old), WORD.findall(new)
    if max(len(a), len(b)) <= MAX_WORDS:
        matcher = SequenceMatcher(None, a, b, autojunk=False)
        if matcher.ratio() >= ALIKE:
            before: list[Span] = []
            after: list[Span] = []
            for tag, i, j, k, m in matcher.get_opcodes():
                if i < j:
                    before.append(Span("".join(a[i:j]), tag != "equal"))
                if k < m:
                    after.append(Span("".join(b[k:m]), tag != "equal"))
            return [ComparedLine("changed", tuple(before), tuple(after), before_number, after_number)]
    removed = ComparedLine("removed", (Span(old, True),), (), before_number)
    return [removed, ComparedLine("added", (), (Span(new, True),), None, after_number)]
