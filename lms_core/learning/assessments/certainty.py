"""Certainty-based marking, as Moodle does it since 2.6 (`question_cbm` in question/behaviour/behaviourbase.php).

After A. R. Gardner-Medwin, "Confidence assessment in the teaching of basic science", ALT-J 3 (1995), 80-85: whoever is
right earns more for being certain, whoever is wrong loses more, and what pays best is to say how certain one is.

    certainty        1      2      3
    right (share s)  1 s    2 s    3 s
    wrong (s = 0)    0     -2     -6

in units of the question's points. So all right with certainty 1 is 100 percent, and 300 percent is the most. An answer
that says nothing of its certainty counts as 1; no answer earns 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lms_core.learning.assessments.schemas.conduct import Certainty

RIGHT: dict[int, int] = {1: 1, 2: 2, 3: 3}
WRONG: dict[int, int] = {1: 0, 2: -2, 3: -6}
# Between which shares of right answers each certainty earns most, as `question_cbm::$lowlimit` and `$highlimit`.
IDEAL: dict[int, tuple[float, float]] = {1: (0.0, 2 / 3), 2: (2 / 3, 0.8), 3: (0.8, 1.0)}
DEFAULT: Certainty = 1
NOTHING = 5e-8
BONUS_WEIGHT = 0.1  # Gardner-Medwin 2013, IUPS: it makes accuracy and bonus together most reliable
CLEAR = 0.5  # of (share - limit)^2 * answers: beyond it the certainty is clearly off


@dataclass(frozen=True, slots=True)
class Judged:
    """A question that asks for certainty: its points, the share earned without it, and the certainty; None: no answer.

    `mark` is the points with certainty.
    """

    points: float
    share: float
    certainty: int | None
    mark: float


@dataclass(frozen=True, slots=True)
class Level:
    """How the answers of one certainty went. Shares from 0 to 1; `verdict`: right, over or under, `clear` or not."""

    certainty: int
    answers: int
    share: float
    ideal: tuple[float, float]
    verdict: str
    clear: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """Accuracy (0 to 1), the average mark per point (-6 to 3), the bonus for knowing it, and both together."""

    questions: int
    accuracy: float
    average: float
    bonus: float
    accuracy_and_bonus: float
    levels: tuple[Level, ...]


def adjusted(share: float, certainty: int) -> float:
    """What a share is worth with this certainty, from -6 to 3."""
    return float(WRONG[certainty]) if share <= NOTHING else RIGHT[certainty] * share


def summary(judged: Iterable[Judged]) -> Summary | None:
    """What certainties came to, as `qbehaviour_deferredcbm_type::summarise_usage`; None without any question."""
    all_of_them = list(judged)
    weight = sum(each.points for each in all_of_them)
    if not weight:
        return None
    accuracy = sum(each.points * each.share for each in all_of_them) / weight
    average = sum(each.mark for each in all_of_them) / weight
    bonus = BONUS_WEIGHT * (average - _best_expected(accuracy))
    levels = (_level(certainty, all_of_them) for certainty in (3, 2, 1))
    return Summary(
        questions=len(all_of_them),
        accuracy=accuracy,
        average=average,
        bonus=bonus,
        accuracy_and_bonus=accuracy + bonus,
        levels=tuple(level for level in levels if level is not None),
    )


def _best_expected(accuracy: float) -> float:
    """The average mark of somebody of this accuracy who gives every answer the one certainty that pays best."""
    return max(accuracy * RIGHT[each] + (1 - accuracy) * WRONG[each] for each in RIGHT)


def _level(certainty: int, judged: Iterable[Judged]) -> Level | None:
    chosen = [each for each in judged if each.certainty == certainty]
    if not chosen:
        return None
    share = sum(each.points * each.share for each in chosen) / sum(each.points for each in chosen)
    low, high = IDEAL[certainty]
    verdict, off = "right", 0.0
    if share < low - NOTHING:
        verdict, off = "over", low - share
    elif share > high + NOTHING:
        verdict, off = "under", share - high
    return Level(certainty, len(chosen), share, (low, high), verdict, off * off * len(chosen) > CLEAR)
