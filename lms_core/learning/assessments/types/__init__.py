"""Question types whose key is more than choices, a number or words: one small module for each.

A module holds its key (what an author writes, checked), what a learner is shown of it, and what an answer is worth.
`HANDLING` says which module handles which type; all of them offer the functions of `Handling`.
"""

from typing import Annotated, Any, Protocol

from pydantic import Field

from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.types import cloze, drag_text, formula, hotspot, matching, ordering, upload
from lms_core.learning.assessments.types.shapes import Given, PartResult, Sheet

Key = Annotated[
    matching.MatchingKey
    | ordering.OrderingKey
    | cloze.ClozeKey
    | drag_text.DragTextKey
    | hotspot.HotspotKey
    | formula.FormulaKey
    | upload.UploadKey,
    Field(discriminator="type"),
]


class Handling(Protocol):
    """What every module of a type offers; `key` is its own."""

    def texts(self, key: Any) -> dict[str, str]:
        """Markdown to show, by id."""

    def sheet(self, key: Any, *, seed: str) -> Sheet:
        """What a learner may answer, shuffled by the seed; nothing in it tells the key."""

    def results(self, key: Any, given: Given) -> tuple[PartResult, ...]:
        """What each part came to."""

    def share(self, key: Any, given: Given) -> float | None:
        """The part of the points that is earned, from 0 to 1; None when a person has to judge."""


HANDLING: dict[QuestionType, Handling] = {
    QuestionType.MATCHING: matching,
    QuestionType.ORDERING: ordering,
    QuestionType.CLOZE: cloze,
    QuestionType.DRAG_TEXT: drag_text,
    QuestionType.HOTSPOT: hotspot,
    QuestionType.FORMULA: formula,
    QuestionType.UPLOAD: upload,
}
# Their text has places for gaps.
WITH_GAPS = (cloze.ClozeKey, drag_text.DragTextKey)
