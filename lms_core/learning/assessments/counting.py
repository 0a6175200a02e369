"""Which of several attempts gives the result: pure, over whatever has a number and a percentage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from lms_core.learning.assessments.models import CountingAttempt


class Numbered(Protocol):
    """An attempt that is marked and counts."""

    @property
    def number(self) -> int: ...

    @property
    def percent(self) -> float | None: ...


Attempt = TypeVar("Attempt", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Result(Generic[Attempt]):
    """The percentage that counts, and the attempt it is of; with the average: the latest, since it is of all."""

    percent: float
    attempt: Attempt


def result_of(attempts: Sequence[Attempt], rule: CountingAttempt) -> Result[Attempt] | None:
    """What counts of somebody's marked attempts; None without any. Of equal best ones the earliest."""
    if not attempts:
        return None
    match rule:
        case CountingAttempt.FIRST:
            chosen = min(attempts, key=lambda attempt: attempt.number)
        case CountingAttempt.LAST | CountingAttempt.AVERAGE:
            chosen = max(attempts, key=lambda attempt: attempt.number)
        case _:
            chosen = max(attempts, key=lambda attempt: (attempt.percent or 0.0, -attempt.number))
    if rule == CountingAttempt.AVERAGE:
        average = sum(attempt.percent or 0.0 for attempt in attempts) / len(attempts)
        return Result(round(average, 2), chosen)
    return Result(chosen.percent or 0.0, chosen)
