"""What an answer is worth: pure functions over a paper's question and what was answered.

Several right choices, without weights of the author's own (rule "false" of `exams_eval` in R/exams: Zeileis, Umlauf
and Leisch 2014, Journal of Statistical Software 58(1)): with C right and W wrong choices offered, of which c and w
are chosen,

    share = max(0, c / C - w / W)        (the second term is 0 when W = 0)

so that choosing every right one alone earns all, and choosing everything earns nothing.

With weights (Moodle's, in percent of the points): share = the sum of the chosen weights / 100, kept within 0 and 1.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from lms_core.learning.assessments.comparing import is_near, says
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.papers import PaperQuestion, seed_of
from lms_core.learning.assessments.types import HANDLING
from lms_core.learning.assessments.types.shapes import Given

NO_PARTS: Mapping[str, str] = {}


def points_for(
    question: PaperQuestion,
    *,
    choices: Collection[UUID] = (),
    text: str = "",
    parts: Mapping[str, str] = NO_PARTS,
    seed: int = 0,
) -> float | None:
    """Points between 0 and the question's, two decimals; None when a person has to judge: an essay, files.

    `seed` is the attempt's.
    """
    share = share_of(question, choices=choices, text=text, parts=parts, seed=seed)
    return None if share is None else round(share * question.points, 2)


def share_of(
    question: PaperQuestion,
    *,
    choices: Collection[UUID] = (),
    text: str = "",
    parts: Mapping[str, str] = NO_PARTS,
    seed: int = 0,
) -> float | None:
    """The part of the points that the answer earns, from 0 to 1; None when a person has to judge."""
    match question.type:
        case QuestionType.ESSAY:
            return None if text.strip() else 0.0
        case QuestionType.NUMERIC:
            return float(is_near(text, value=question.value or 0.0, tolerance=question.tolerance))
        case QuestionType.SHORT_TEXT:
            return float(says(text, question.accepted, match_case=question.match_case))
        case QuestionType.MULTIPLE:
            return _several(question, frozenset(choices))
        case QuestionType.SINGLE | QuestionType.TRUE_FALSE:
            return _one(question, frozenset(choices))
        case _:
            return _by_key(question, Given(text=text, parts=parts, seed=seed_of(question, seed)))


def _by_key(question: PaperQuestion, given: Given) -> float | None:
    share = HANDLING[question.type].share(question.key, given)
    if share is None or question.partial_credit:
        return share
    return float(share >= 1.0)


def _one(question: PaperQuestion, chosen: frozenset[UUID]) -> float:
    picked = [choice for choice in question.choices if choice.id in chosen]
    if len(picked) != 1:
        return 0.0
    weight = picked[0].weight
    return float(picked[0].correct) if weight is None else _within(weight / 100)


def _several(question: PaperQuestion, chosen: frozenset[UUID]) -> float:
    right = frozenset(choice.id for choice in question.choices if choice.correct)
    wrong = frozenset(choice.id for choice in question.choices if not choice.correct)
    if not question.partial_credit:
        return float(chosen & (right | wrong) == right)
    weights = [choice.weight for choice in question.choices if choice.id in chosen and choice.weight is not None]
    if any(choice.weight is not None for choice in question.choices):
        return _within(sum(weights) / 100)
    penalty = len(chosen & wrong) / len(wrong) if wrong else 0.0
    return _within(len(chosen & right) / len(right) - penalty)


def _within(share: float) -> float:
    return min(1.0, max(0.0, share))
