"""Who answered what at one question, and what its figures hint at. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import fmean
from uuid import UUID

from lms_core.learning.assessments.comparing import folded
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.papers import PaperQuestion, seed_of
from lms_core.learning.assessments.schemas import CHOICE_TYPES
from lms_core.learning.assessments.schemas.analysis import AnswerCount, Flag
from lms_core.learning.assessments.statistics import Item
from lms_core.learning.assessments.types import HANDLING
from lms_core.learning.assessments.types.shapes import Given

MOST_ANSWERS = 12
LONGEST = 120
ENOUGH = 10  # attempts below which figures hint at nothing
ENOUGH_FOR_CHOICES = 30
EASY, HARD = 0.95, 0.05
TELLING = 0.15  # a correlation below it tells hardly anything (Ebel and Frisbie 1991 put the limit of "poor" at 0.2)
TYPED = frozenset({QuestionType.NUMERIC, QuestionType.SHORT_TEXT, QuestionType.FORMULA})


@dataclass(frozen=True, slots=True)
class Reply:
    """What one attempt has at the question; empty where nothing was answered. `percent`: of the whole attempt."""

    attempt_id: UUID
    seed: int
    choices: Sequence[str]
    text: str
    parts: Mapping[str, str]
    points: float
    percent: float


def answers_to(
    question: PaperQuestion, replies: Sequence[Reply], *, upper: Collection[UUID], lower: Collection[UUID]
) -> tuple[AnswerCount, ...]:
    """The answers that were given, each with how many gave it; nothing for essays and files."""
    counted = _Counting(upper, lower)
    if question.type in CHOICE_TYPES:
        keyed = [(str(choice.id), choice) for choice in question.choices]
        found = [
            counted.row(choice.html, choice.correct, [reply for reply in replies if key in reply.choices])
            for key, choice in keyed
        ]
        return (*found, *counted.nothing(r for r in replies if not r.choices))
    if question.type in TYPED:
        return _typed(question, replies, counted)
    if question.type in HANDLING and question.type != QuestionType.UPLOAD:
        return _parts(question, replies, counted)
    return ()


def flags_of(item: Item, *, guess: float | None, answers: Sequence[AnswerCount], choices: bool) -> tuple[Flag, ...]:
    """What the figures hint at; nothing below ten attempts."""
    if item.n < ENOUGH:
        return ()
    right_draws = max((each.upper for each in answers if each.right), default=0)
    wrong = [each for each in answers if each.right is False and each.html]
    hints: dict[Flag, bool] = {
        Flag.EVERYBODY_RIGHT: item.facility >= EASY,
        Flag.NOBODY_RIGHT: item.facility <= HARD,
        Flag.BEST_GET_IT_WRONG: item.discrimination is not None and item.discrimination < 0,
        Flag.TELLS_LITTLE: item.discrimination is not None and 0 <= item.discrimination < TELLING,
        Flag.LIKE_GUESSING: bool(guess) and guess is not None and HARD < item.facility <= guess,
        Flag.WRONG_CHOICE_DRAWS_BEST: choices and any(each.upper > right_draws for each in wrong),
        Flag.UNUSED_CHOICE: choices and item.n >= ENOUGH_FOR_CHOICES and any(each.count == 0 for each in wrong),
    }
    return tuple(flag for flag, hinted in hints.items() if hinted)


@dataclass(frozen=True, slots=True)
class _Counting:
    """Counts replies, also those of the best and worst third."""

    upper: Collection[UUID]
    lower: Collection[UUID]

    def row(self, html: str, right: bool | None, replies: Iterable[Reply]) -> AnswerCount:
        those = list(replies)
        return AnswerCount(
            html=html,
            right=right,
            count=len(those),
            upper=sum(reply.attempt_id in self.upper for reply in those),
            lower=sum(reply.attempt_id in self.lower for reply in those),
            mean_percent=round(fmean(reply.percent for reply in those), 2) if those else None,
        )

    def nothing(self, replies: Iterable[Reply]) -> tuple[AnswerCount, ...]:
        row = self.row("", False, replies)
        return (row,) if row.count else ()


def _typed(question: PaperQuestion, replies: Sequence[Reply], counted: _Counting) -> tuple[AnswerCount, ...]:
    """The answers given most often; equal but for case, accents and spaces is one."""
    said: dict[str, list[Reply]] = {}
    for reply in replies:
        said.setdefault(folded(reply.text), []).append(reply)
    empty = said.pop("", [])
    often = sorted(said.values(), key=lambda those: (-len(those), those[0].text))[:MOST_ANSWERS]
    rows = [counted.row(_excerpt(those[0].text), _right(question, those), those) for those in often]
    return (*rows, *counted.nothing(empty))


def _parts(question: PaperQuestion, replies: Sequence[Reply], counted: _Counting) -> tuple[AnswerCount, ...]:
    """Each part with those who have it right."""
    right: dict[str, list[Reply]] = {}
    for reply in replies:
        given = Given(text=reply.text, parts=reply.parts, seed=seed_of(question, reply.seed))
        for result in HANDLING[question.type].results(question.key, given):
            those = right.setdefault(result.id, [])
            if result.correct:
                those.append(reply)
    return tuple(
        counted.row(question.sides.get(part) or str(place), True, those)
        for place, (part, those) in enumerate(right.items(), 1)
    )


def _right(question: PaperQuestion, replies: Sequence[Reply]) -> bool | None:
    """Whether they earn all, nothing, or something between (or not all the same, where values differ)."""
    shares = {reply.points >= question.points for reply in replies}
    if shares == {True}:
        return True
    return False if all(reply.points <= 0 for reply in replies) else None


def _excerpt(text: str) -> str:
    plain = " ".join(text.split())
    return escape(plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…")
