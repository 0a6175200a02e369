"""What blind guessing earns, as a share of a question's points, on average (Moodle: random guess score)."""

from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.types.cloze import ChoiceGap, ClozeKey
from lms_core.learning.assessments.types.drag_text import DragTextKey
from lms_core.learning.assessments.types.matching import MatchingKey
from lms_core.learning.assessments.types.ordering import OrderingKey


def guess_score(question: PaperQuestion) -> float | None:
    """From 0 to 1; None where nobody can say: several choices, places in a picture, and what a person judges.

    One choice: the mean of what the choices earn. Matching, dragged words: 1 / options. Gaps: the mean over gaps, of
    which typed ones earn nothing. Ordering: 1 / items, each item being as likely at each place.
    """
    if question.type in (QuestionType.SINGLE, QuestionType.TRUE_FALSE):
        earned = [_worth(choice.correct, choice.weight) for choice in question.choices]
        return sum(earned) / len(earned)
    if question.type in (QuestionType.NUMERIC, QuestionType.SHORT_TEXT, QuestionType.FORMULA):
        return 0.0
    match question.key:
        case MatchingKey() as key:
            return 1 / len({pair.right.text for pair in key.pairs} | {side.text for side in key.extra})
        case DragTextKey() as key:
            return 1 / len({gap.word.text for gap in key.gaps} | {side.text for side in key.extra})
        case OrderingKey() as key:
            return 1 / len(key.items)
        case ClozeKey() as key:
            gaps = [_gap(gap) if isinstance(gap, ChoiceGap) else 0.0 for gap in key.gaps]
            return sum(gaps) / len(gaps)
        case _:
            return None


def _worth(correct: bool, weight: float | None) -> float:
    return float(correct) if weight is None else min(1.0, max(0.0, weight / 100))


def _gap(gap: ChoiceGap) -> float:
    return sum(option.correct for option in gap.options) / len(gap.options)
