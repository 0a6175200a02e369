"""What is kept of an answer that was sent: what its question asks for and nothing else."""

from collections.abc import Mapping

from lms_core.kit.errors import Invalid
from lms_core.learning.assessments.models import AttemptAnswer, QuestionType
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.schemas import CHOICE_TYPES, AnswerIn
from lms_core.learning.assessments.showing import sheet_of
from lms_core.learning.assessments.types.fitting import EXPECTED, fits
from lms_core.learning.assessments.types.shapes import Sheet

PARTLY = frozenset(
    {
        QuestionType.MATCHING,
        QuestionType.ORDERING,
        QuestionType.CLOZE,
        QuestionType.DRAG_TEXT,
        QuestionType.HOTSPOT,
    }
)


def response(question: PaperQuestion, answer: AnswerIn) -> tuple[list[str], str, dict[str, str]]:
    """Choices that were offered, text, and answered parts, each where the question asks for it; Invalid.

    Nothing for an upload: its files are kept as they come.
    """
    if question.type in CHOICE_TYPES:
        given = set(answer.choices)
        return [str(choice.id) for choice in question.choices if choice.id in given], "", {}
    if question.type in PARTLY:
        return [], "", _parts(sheet_of(question, seed=0), answer.parts)
    return [], "" if question.type == QuestionType.UPLOAD else answer.text, {}


def keep(row: AttemptAnswer, question: PaperQuestion, answer: AnswerIn) -> None:
    """Write the answer into its row; Invalid."""
    choices, text, parts = response(question, answer)
    row.choices, row.text = choices, text
    row.certainty = answer.certainty
    if question.type != QuestionType.UPLOAD:
        row.parts = parts


def says(row: AttemptAnswer, question: PaperQuestion, answer: AnswerIn) -> bool:
    """Whether the row holds just this answer."""
    choices, text, parts = response(question, answer)
    same_parts = question.type == QuestionType.UPLOAD or row.parts == parts
    kept = (row.choices, row.text, row.flagged, row.certainty)
    return same_parts and kept == (choices, text, answer.flagged, answer.certainty)


def _parts(sheet: Sheet, given: Mapping[str, str]) -> dict[str, str]:
    """Answered parts in the order of the question; the order in which options are offered is no matter here."""
    known = {part.id for part in sheet.parts}
    if not given.keys() <= known:
        raise _refused("The question has no such part. Load the attempt again.")
    kept = {part.id: given[part.id] for part in sheet.parts if given.get(part.id, "").strip()}
    for part in sheet.parts:
        options = part.options or sheet.options
        if part.id in kept and not fits(part.kind, kept[part.id], options=options, places=len(sheet.parts)):
            raise _refused(f"A part cannot be answered so: it takes {EXPECTED[part.kind]}.")
    return kept


def _refused(told: str) -> Invalid:
    return Invalid(told, fields=[{"field": "parts", "message": told}])
