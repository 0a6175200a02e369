"""Cloze: a text with gaps to fill by words, a number, or one of some options.

share = right gaps / gaps. Words are compared without case, accents and spare spaces unless the gap says that case
matters; numbers as in numeric questions.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lms_core.learning.assessments.comparing import is_near, says
from lms_core.learning.assessments.types.shapes import (
    Frozen,
    Given,
    Part,
    PartId,
    PartKind,
    PartResult,
    Sheet,
    Side,
    Words,
    id_of,
    mean_share,
    shuffled,
)


class TextGap(Frozen):
    """A gap for words."""

    kind: Literal["text"] = "text"
    id: PartId | None = None
    accepted: tuple[Words, ...] = Field(min_length=1, max_length=100)
    match_case: bool = False


class NumberGap(Frozen):
    """A gap for a number, right within `tolerance`, both ends included."""

    kind: Literal["number"] = "number"
    id: PartId | None = None
    value: float = Field(ge=-1e15, le=1e15, allow_inf_nan=False)
    tolerance: float = Field(default=0.0, ge=0, le=1e15, allow_inf_nan=False)


class GapOption(Side):
    """One of the options of a gap."""

    correct: bool = False


class ChoiceGap(Frozen):
    """A gap with options of its own."""

    kind: Literal["choice"] = "choice"
    id: PartId | None = None
    options: tuple[GapOption, ...] = Field(min_length=2, max_length=20)

    @model_validator(mode="after")
    def _has_its_key(self) -> Self:
        if not any(option.correct for option in self.options):
            raise ValueError("mark the right option of each gap")
        return self


Gap = Annotated[TextGap | NumberGap | ChoiceGap, Field(discriminator="kind")]


class ClozeKey(Frozen):
    """The gaps by their numbers in the text."""

    type: Literal["cloze"] = "cloze"
    gaps: tuple[Gap, ...] = Field(min_length=1, max_length=50)


def texts(key: ClozeKey) -> dict[str, str]:
    """Markdown by id: that of options."""
    options = [option for gap in key.gaps if isinstance(gap, ChoiceGap) for option in gap.options]
    return {id_of(option): option.text for option in options}


def sheet(key: ClozeKey, *, seed: str) -> Sheet:
    """The gaps in order, options shuffled."""
    return Sheet(parts=tuple(_part(gap, seed) for gap in key.gaps))


def results(key: ClozeKey, given: Given) -> tuple[PartResult, ...]:
    """One for each gap."""
    return tuple(_result(gap, given.parts.get(gap.id or "", "")) for gap in key.gaps)


def share(key: ClozeKey, given: Given) -> float:
    """From 0 to 1."""
    return mean_share(results(key, given))


def _part(gap: Gap, seed: str) -> Part:
    assert gap.id is not None
    if isinstance(gap, ChoiceGap):
        ids = [id_of(option) for option in gap.options]
        return Part(id=gap.id, kind=PartKind.OPTION, options=tuple(shuffled(ids, ids, seed)))
    return Part(id=gap.id, kind=PartKind.NUMBER if isinstance(gap, NumberGap) else PartKind.TEXT)


def _result(gap: Gap, said: str) -> PartResult:
    assert gap.id is not None
    match gap:
        case ChoiceGap():
            right = tuple(id_of(option) for option in gap.options if option.correct)
            correct = said in right
        case NumberGap():
            right = (f"{gap.value:.15g}",)
            correct = is_near(said, value=gap.value, tolerance=gap.tolerance)
        case TextGap():
            right = gap.accepted
            correct = says(said, gap.accepted, match_case=gap.match_case)
    return PartResult(id=gap.id, correct=correct, given=said, right=right)
