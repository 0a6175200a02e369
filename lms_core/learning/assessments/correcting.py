"""Corrections of questions that were asked already: a mended key, full marks for everybody, or out of the total.

An attempt keeps its paper: the texts, choices and parts that were in front of somebody stay. A mended key reaches it
by ids, which stay the same from revision to revision:

- a choice takes whether it is right, and its weight, from the choice with its id; one not offered any more is wrong;
- a number, accepted words, and the key of a question with parts are the present ones, when its parts and options are
  still those of the paper;
- where choices, options or items have other texts now, what has the same text counts before what has the same id: a key
  is often mended by exchanging two texts, and a learner chose what they read;
- a formula's variables must be the paper's, since they gave each attempt its values.

Points stay those of the paper. Where a key does not fit, `Unfit` says why, and the marks stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from lms_core.learning.assessments import keys
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.papers import PaperChoice, PaperQuestion
from lms_core.learning.assessments.schemas import CHOICE_TYPES, View
from lms_core.learning.assessments.types.drag_text import DragTextKey
from lms_core.learning.assessments.types.formula import FormulaKey
from lms_core.learning.assessments.types.matching import MatchingKey
from lms_core.learning.assessments.types.ordering import OrderingKey
from lms_core.learning.assessments.types.shapes import Frozen, Side

Unfit = Literal["removed", "type", "parts", "values", "no_right_choice", "by_person"]
BY_PERSON = frozenset({QuestionType.ESSAY, QuestionType.UPLOAD})


class How(StrEnum):
    """What becomes of a question: judged by its present key, full marks for everybody, or out of the total."""

    KEY = "key"
    FULL = "full"
    EXCLUDED = "excluded"


class Correction(View):
    """One question's correction. `question`: as it is now, for `KEY`; None when the quiz has it no more.

    `was`: what an excluded question was, as `dropping` tells it; "" of one that the quiz had no more.
    """

    how: How
    question: PaperQuestion | None = None
    was: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """The questions of one attempt as they count now, and those that earn all, or nothing, whatever was answered."""

    questions: Mapping[UUID, PaperQuestion]
    full: frozenset[UUID] = frozenset()
    excluded: frozenset[UUID] = frozenset()

    @property
    def excluded_points(self) -> float:
        """Points of the paper that do not count."""
        return round(sum(self.questions[each].points for each in self.excluded), 2)


def corrected(asked: Mapping[UUID, PaperQuestion], corrections: Mapping[UUID, Correction]) -> Corrected:
    """What an attempt was asked, with these corrections; those of questions it was not asked, or unfit, are left."""
    questions = dict(asked)
    dropped: dict[How, set[UUID]] = {How.FULL: set(), How.EXCLUDED: set()}
    for question_id, correction in corrections.items():
        if question_id not in asked:
            continue
        if correction.how != How.KEY:
            dropped[correction.how].add(question_id)
            continue
        mended = rekeyed(asked[question_id], correction.question)
        if isinstance(mended, PaperQuestion):
            questions[question_id] = mended
    return Corrected(questions, frozenset(dropped[How.FULL]), frozenset(dropped[How.EXCLUDED]))


def rekeyed(asked: PaperQuestion, now: PaperQuestion | None) -> PaperQuestion | Unfit:
    """The question of a paper, judged as `now` is; or why it cannot be."""
    if now is None:
        return "removed"
    if asked.type in BY_PERSON:
        return "by_person"
    if asked.type != now.type:
        return "type"
    told = {"partial_credit": now.partial_credit, "feedback_html": now.feedback_html}
    if asked.type in CHOICE_TYPES:
        choices = _choices(asked, now)
        right = sum(choice.correct for choice in choices)
        if right == 0 or (right > 1 and asked.type != QuestionType.MULTIPLE):
            return "no_right_choice"
        return asked.model_copy(update=told | {"choices": choices})
    if asked.key is None:
        plain = {name: getattr(now, name) for name in ("value", "tolerance", "accepted", "match_case")}
        return asked.model_copy(update=told | plain)
    key: Any = _key(asked.key, now.key)
    if isinstance(key, Frozen):
        return asked.model_copy(update=told | {"key": key})
    return "values" if key == "values" else "parts"


def _choices(asked: PaperQuestion, now: PaperQuestion) -> tuple[PaperChoice, ...]:
    by_id = {choice.id: choice for choice in now.choices}
    by_text = {choice.html: choice for choice in now.choices}
    weighted = any(choice.weight is not None for choice in now.choices)
    found = []
    for choice in asked.choices:
        same = by_id.get(choice.id)
        mended = same if same is not None and same.html == choice.html else by_text.get(choice.html, same)
        if mended is None:
            told: dict[str, Any] = {"correct": False, "weight": 0.0 if weighted else None}
        else:
            told = {name: getattr(mended, name) for name in ("correct", "weight", "feedback_html")}
        found.append(choice.model_copy(update=told))
    return tuple(found)


def _key(asked: Any, now: Any) -> Any:
    """The present key for the parts of the paper, or why it does not fit them."""
    if isinstance(asked, MatchingKey):
        return _matching(asked, now)
    if isinstance(asked, DragTextKey):
        return _drag_text(asked, now)
    if isinstance(asked, OrderingKey):
        return _ordering(asked, now)
    if isinstance(asked, FormulaKey):
        return now if asked.variables == now.variables else "values"
    ids = [sorted(keys.part_ids(key.model_dump(mode="json"))) for key in (asked, now)]
    return now if ids[0] == ids[1] else "parts"


def _matching(asked: MatchingKey, now: MatchingKey) -> MatchingKey | Unfit:
    """The lefts of the paper, each with the option of the paper that is its right one now."""
    rights = [*(pair.right for pair in asked.pairs), *asked.extra]
    present = {pair.left.id: pair.right for pair in now.pairs}
    found = [_on_paper(rights, present.get(pair.left.id)) for pair in asked.pairs]
    if None in found:
        return "parts"
    pairs = tuple(pair.model_copy(update={"right": side}) for pair, side in zip(asked.pairs, found, strict=True))
    used = {side.id for side in found if side is not None}
    extra = tuple(side for side in rights if side.id not in used)
    return asked.model_copy(update={"pairs": pairs, "extra": extra})


def _drag_text(asked: DragTextKey, now: DragTextKey) -> DragTextKey | Unfit:
    """The gaps of the paper, each with the word of the paper that belongs there now."""
    words = [*(gap.word for gap in asked.gaps), *asked.extra]
    present = {gap.id: gap.word for gap in now.gaps}
    found = [_on_paper(words, present.get(gap.id)) for gap in asked.gaps]
    if None in found:
        return "parts"
    gaps = tuple(gap.model_copy(update={"word": word}) for gap, word in zip(asked.gaps, found, strict=True))
    used = {word.id for word in found if word is not None}
    return asked.model_copy(update={"gaps": gaps, "extra": tuple(word for word in words if word.id not in used)})


def _ordering(asked: OrderingKey, now: OrderingKey) -> OrderingKey | Unfit:
    """The items of the paper in their present order."""
    found = [_on_paper(asked.items, item) for item in now.items]
    if len(found) != len(asked.items) or {side.id for side in found if side} != {side.id for side in asked.items}:
        return "parts"
    return asked.model_copy(update={"items": tuple(found), "scoring": now.scoring})


def _on_paper(sides: Sequence[Side], wanted: Side | None) -> Side | None:
    """The side of the paper with the wanted text, else with its id."""
    if wanted is None:
        return None
    same_text = (side for side in sides if side.text == wanted.text)
    return next(same_text, next((side for side in sides if side.id == wanted.id), None))
