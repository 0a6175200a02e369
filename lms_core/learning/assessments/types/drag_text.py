"""Words to drag into the gaps of a text, from one bank that may hold words for no gap.

share = gaps with a right word / gaps. Words with the same text stand for each other.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from lms_core.learning.assessments.types.shapes import (
    Frozen,
    Given,
    Part,
    PartId,
    PartKind,
    PartResult,
    Sheet,
    Side,
    id_of,
    mean_share,
    shuffled,
)


class WordGap(Frozen):
    """A gap and the word that belongs there."""

    id: PartId | None = None
    word: Side


class DragTextKey(Frozen):
    """The gaps by their numbers in the text, and words for none. `reuse`: each word may be placed several times."""

    type: Literal["drag_text"] = "drag_text"
    gaps: tuple[WordGap, ...] = Field(min_length=1, max_length=50)
    extra: tuple[Side, ...] = Field(default=(), max_length=50)
    reuse: bool = False

    @model_validator(mode="after")
    def _offers_a_choice(self) -> Self:
        right = {gap.word.text for gap in self.gaps}
        if right & {side.text for side in self.extra}:
            raise ValueError("a word for no gap is the same as the word of a gap")
        if len(right) + len(self.extra) < 2:
            raise ValueError("offer at least two different words")
        return self


def texts(key: DragTextKey) -> dict[str, str]:
    """Markdown by id."""
    return {id_of(word): word.text for word in _words(key)}


def sheet(key: DragTextKey, *, seed: str) -> Sheet:
    """The gaps in order, the words shuffled."""
    ids = [id_of(word) for word in _words(key)]
    parts = tuple(Part(id=gap.id or "", kind=PartKind.OPTION) for gap in key.gaps)
    return Sheet(parts=parts, options=tuple(shuffled(ids, ids, seed)))


def results(key: DragTextKey, given: Given) -> tuple[PartResult, ...]:
    """One for each gap."""
    words = _words(key)
    said = {id_of(word): word.text for word in words}
    by_text = {word.text: id_of(word) for word in reversed(words)}
    return tuple(
        PartResult(
            id=gap.id or "",
            correct=said.get(given.parts.get(gap.id or "", "")) == gap.word.text,
            given=given.parts.get(gap.id or "", ""),
            right=(by_text[gap.word.text],),
        )
        for gap in key.gaps
    )


def share(key: DragTextKey, given: Given) -> float:
    """From 0 to 1."""
    return mean_share(results(key, given))


def _words(key: DragTextKey) -> list[Side]:
    """The bank: where words may be used again, each text once."""
    words = [*(gap.word for gap in key.gaps), *key.extra]
    if not key.reuse:
        return words
    return list({word.text: word for word in reversed(words)}.values())
