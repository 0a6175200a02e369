"""What the question types share: sides to show, the parts of a question as a learner meets them, and what was given.

A *part* is one place to answer: a left side to match, an item to place, a gap, a marker. Part ids are random, since
ids that grow with time, or name their place, would tell the key.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints

from lms_core.content.courses.schemas import NO_CONTROL

LONGEST_PART = 500

PartId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
SideText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=NO_CONTROL)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_PART, pattern=NO_CONTROL)
]

T = TypeVar("T")


class Frozen(BaseModel):
    """Base of what keys are made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Side(Frozen):
    """A text to show, Markdown, with the id by which answers name it; the id is given when the question is kept."""

    id: PartId | None = None
    text: SideText


class PartKind(StrEnum):
    """How a part is answered: the id of an option, a place in the order (from 1), words, a number, "x,y"."""

    OPTION = "option"
    RANK = "rank"
    TEXT = "text"
    NUMBER = "number"
    POINT = "point"


@dataclass(frozen=True, slots=True)
class Part:
    """A part without its text. `options` are the ids of its own; none: those of the whole question."""

    id: str
    kind: PartKind
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a learner may answer: parts and shared options, in the order they are shown."""

    parts: tuple[Part, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered: words, or part id -> chosen id or text. `seed` is that of the question in this attempt."""

    text: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    seed: str = ""


@dataclass(frozen=True, slots=True)
class PartResult:
    """A part after the fact: what was given and what would have been right, as ids of options or as text."""

    id: str
    correct: bool
    given: str
    right: tuple[str, ...]


def id_of(side: Side) -> str:
    """The id of a side that was kept."""
    assert side.id is not None
    return side.id


def shuffled(items: Sequence[T], ids: Sequence[object], seed: str | int) -> list[T]:
    """The items in the order that `seed` gives their ids, the same each time."""
    # Ranked by a hash, since `random` may shuffle otherwise in the next version of Python, in the middle of an exam.
    ranks = [hashlib.sha256(f"{seed}:{each}".encode()).digest() for each in ids]
    return [item for _, item in sorted(zip(ranks, items, strict=True), key=lambda pair: pair[0])]


def mean_share(results: Sequence[PartResult]) -> float:
    """Right parts / parts: each weighs the same, as in Moodle's `qtype_match` and `qtype_gapselect`."""
    return sum(result.correct for result in results) / len(results)
