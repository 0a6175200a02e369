"""What an answer earns under an attempt's terms: certainty, tries with penalties, the cost of a wrong choice.

Tries, as Moodle's `qbehaviour_interactive::adjust_fraction`: with k - 1 wrong tries before it, a try whose answer is
worth the share s of the points earns

    max(0, s - (k - 1) * penalty)

There is one try more than there are hints. What is handed in unchecked is one more try, where that earns more than the
last one did: handing in costs nothing. Immediate feedback is one try.

Wrong choices of one among n (single choice and true or false, without weights of the author's own) earn, where the
quiz says so, -1 / (n - 1) of the points, so that guessing earns nothing on average ("formula scoring": Holzinger 1924,
On scoring multiple response tests, Journal of Educational Psychology 15), or a set percentage less than nothing. The
sum of an attempt is not below zero then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from lms_core.learning.assessments import certainty, grading
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.schemas.conduct import CHECKING, DEFAULT_PENALTY, Behaviour, Terms, WrongChoice

BY_PEOPLE = frozenset({QuestionType.ESSAY, QuestionType.UPLOAD})
ONE_CHOICE = frozenset({QuestionType.SINGLE, QuestionType.TRUE_FALSE})


class Answer(Protocol):
    """What marks are computed from: a row of `AttemptAnswer`, or a part of one."""

    @property
    def choices(self) -> Sequence[str]: ...

    @property
    def text(self) -> str: ...

    @property
    def parts(self) -> Mapping[str, str]: ...

    @property
    def certainty(self) -> int | None: ...

    @property
    def tries(self) -> Sequence[Mapping[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as marks are computed from it."""

    choices: tuple[str, ...] = ()
    text: str = ""
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is answered."""
        return not self.choices and not self.parts and not self.text.strip()


def said_in(row: Answer) -> Said:
    """What the row answers."""
    return Said(tuple(row.choices), row.text, tuple(sorted(row.parts.items())))


def said_at(tried: Mapping[str, Any]) -> Said:
    """What was answered at a kept try."""
    return Said(tuple(tried["choices"]), tried["text"], tuple(sorted(tried["parts"].items())))


def share_of(question: PaperQuestion, said: Said, *, seed: int) -> float | None:
    """The part of the points that the answer earns by itself; None when a person has to judge."""
    chosen = [UUID(choice) for choice in said.choices]
    return grading.share_of(question, choices=chosen, text=said.text, parts=dict(said.parts), seed=seed)


def tries_allowed(question: PaperQuestion, terms: Terms) -> int:
    """How often the question may be checked; 0: it is not checked before the attempt is handed in."""
    if terms.behaviour not in CHECKING or question.type in BY_PEOPLE:
        return 0
    return len(question.hints) + 1 if terms.behaviour == Behaviour.INTERACTIVE else 1


def asks_certainty(question: PaperQuestion, terms: Terms) -> bool:
    """Whether an answer says how certain it is."""
    return terms.behaviour == Behaviour.CERTAINTY and question.type not in BY_PEOPLE


def is_settled(question: PaperQuestion, row: Answer | None, terms: Terms) -> bool:
    """Whether the question was answered right, or has no try left: nothing changes it any more."""
    if row is None or not row.tries:
        return False
    return row.tries[-1]["share"] >= 1 or len(row.tries) >= tries_allowed(question, terms)


def penalty_of(question: PaperQuestion) -> float:
    """The part of the points that a wrong try costs."""
    return (DEFAULT_PENALTY if question.penalty_percent is None else question.penalty_percent) / 100


def points_for(question: PaperQuestion, row: Answer, *, terms: Terms, seed: int) -> float | None:
    """Points of an answer that is handed in, two decimals; None when a person has to judge."""
    said = said_in(row)
    share = share_of(question, said, seed=seed)
    if share is None:
        return None
    match terms.behaviour:
        case Behaviour.CERTAINTY if not said.is_empty and question.type not in BY_PEOPLE:
            worth = certainty.adjusted(share, row.certainty or certainty.DEFAULT)
        case Behaviour.INTERACTIVE if tries_allowed(question, terms):
            worth = _after_tries(question, row, share, terms)
        case Behaviour.DEFERRED | Behaviour.IMMEDIATE if said.choices and share <= 0:
            worth = 0.0 - cost_of_wrong(question, terms)  # not -0.0, which would be shown
        case _:
            worth = share
    return round(worth * question.points, 2)


def total(points: float, terms: Terms) -> float:
    """The sum of an attempt: not below zero where the quiz says so."""
    floored = terms.wrong_choice != WrongChoice.FREE or terms.certainty_floor
    return max(0.0, points) if floored else points


def cost_of_wrong(question: PaperQuestion, terms: Terms) -> float:
    """The part of the points that a wrong choice takes away."""
    weighted = any(choice.weight is not None for choice in question.choices)
    if question.type not in ONE_CHOICE or weighted or len(question.choices) < 2:
        return 0.0
    match terms.wrong_choice:
        case WrongChoice.BY_NUMBER:
            return 1 / (len(question.choices) - 1)
        case WrongChoice.PERCENT:
            return terms.wrong_choice_percent / 100
        case _:
            return 0.0


def _after_tries(question: PaperQuestion, row: Answer, share: float, terms: Terms) -> float:
    penalty, before = penalty_of(question), len(row.tries)
    checked = row.tries[-1]["share"] - (before - 1) * penalty if row.tries else 0.0
    if is_settled(question, row, terms):
        return max(0.0, checked)
    return max(0.0, checked, share - before * penalty)
