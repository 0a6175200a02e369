"""Fingerprints of text by winnowing: shared passages are found whatever stands around them.

After Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document
Fingerprinting", SIGMOD 2003. Text is reduced to its letters and digits, every
run of `K` of them is hashed, and of each window of `WINDOW` hashes the smallest
one is kept (the rightmost of equals). A shared passage of `K + WINDOW - 1`
characters is always found, one shorter than `K` never.
"""

import sys
from array import array
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

K = 30  # letters and digits, about six words: shorter runs are phrases that everybody uses
WINDOW = 31
BASE = 1_000_003
MODULUS = (1 << 61) - 1
EXCERPT = 600  # characters of a passage that are shown
MOST_PASSAGES = 12


@dataclass(frozen=True, slots=True)
class Passage:
    """The same words in two texts, as each of them writes them."""

    first: str
    second: str


def fingerprints(text: str) -> dict[int, tuple[int, int]]:
    """Chosen hashes, each with the first place (start, end) in `text` of the characters it stands for."""
    letters, places = _letters(text)
    found: dict[int, tuple[int, int]] = {}
    for position, value in _winnow(_hashes(letters)):
        found.setdefault(value, (places[position], places[position + K - 1] + 1))
    return found


def pack(hashes: Collection[int]) -> bytes:
    """Hashes as bytes: sorted, 64-bit, little-endian."""
    return _numbers(array("Q", sorted(hashes))).tobytes()


def unpack(packed: bytes) -> frozenset[int]:
    """What `pack` packed."""
    numbers = array("Q")
    numbers.frombytes(packed)
    return frozenset(_numbers(numbers))


def share(first: Collection[int], second: Collection[int], common: int) -> float:
    """How much of the shorter text is in the other, in percent."""
    shorter = min(len(first), len(second))
    return round(100.0 * common / shorter, 1) if shorter else 0.0


def passages(
    first: str, second: str, ours: Mapping[int, tuple[int, int]], theirs: Mapping[int, tuple[int, int]]
) -> list[Passage]:
    """Where two texts say the same, longest first: neighbouring fingerprints joined, excerpts cut at `EXCERPT`."""
    shared = sorted((*ours[each], *theirs[each]) for each in ours.keys() & theirs.keys())
    joined: list[list[int]] = []
    for start, end, other_start, other_end in shared:
        last = joined[-1] if joined else None
        near = last is not None and start <= last[1] + K and last[2] <= other_start <= last[3] + K
        if last is not None and near:
            last[1], last[3] = max(last[1], end), max(last[3], other_end)
        else:
            joined.append([start, end, other_start, other_end])
    longest = sorted(joined, key=lambda each: each[0] - each[1])[:MOST_PASSAGES]
    return [Passage(first[a:b][:EXCERPT], second[c:d][:EXCERPT]) for a, b, c, d in longest]


def _letters(text: str) -> tuple[list[int], list[int]]:
    """Code points of the letters and digits in lower case, and where in `text` each stands."""
    codes, places = [], []
    for place, character in enumerate(text):
        if character.isalnum():
            codes.append(ord(character.lower()[0]))
            places.append(place)
    return codes, places


def _hashes(codes: list[int]) -> list[int]:
    """A polynomial hash of every run of `K` codes, rolled from one to the next (Karp and Rabin)."""
    if len(codes) < K:
        return []
    leaving = pow(BASE, K - 1, MODULUS)
    value = 0
    for code in codes[:K]:
        value = (value * BASE + code) % MODULUS
    found = [value]
    for old, new in zip(codes, codes[K:], strict=False):
        value = ((value - old * leaving) * BASE + new) % MODULUS
        found.append(value)
    return found


def _winnow(hashes: list[int]) -> Iterator[tuple[int, int]]:
    """Of each window the smallest hash, the rightmost of equals, with its place; each place once."""
    waiting: deque[tuple[int, int]] = deque()
    chosen = -1
    for place, value in enumerate(hashes):
        while waiting and waiting[-1][1] >= value:
            waiting.pop()
        waiting.append((place, value))
        if waiting[0][0] <= place - WINDOW:
            waiting.popleft()
        full = place >= min(WINDOW, len(hashes)) - 1
        if full and waiting[0][0] != chosen:
            chosen = waiting[0][0]
            yield waiting[0]


def _numbers(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
