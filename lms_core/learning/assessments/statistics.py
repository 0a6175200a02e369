"""Statistics of a test and its items: pure functions over the marks of attempts.

The formulas are those of Moodle's quiz statistics (docs.moodle.org/dev/Quiz_statistics_calculations; `mod/quiz/report/
statistics`), so that numbers can be compared. With S attempts, x the mark of one item, T the total, X = T - x the rest
of the test, V a variance and C a covariance over attempts (both with S - 1):

    facility                   mean(x) / maximum
    discrimination             C(x, X) / sqrt(V(x) V(X))     the point-biserial correlation, item left out of the total
    discriminative efficiency  C(x, X) / Cmax(x, X)          Cmax: both sorted, the most the two distributions allow
    effective weight           sqrt(C(x, T)) / sum of the same over items     none where C(x, T) < 0
    internal consistency       k / (k - 1) (1 - sum V(x) / V(T))      Cronbach's alpha, Moodle's CIC
    error ratio                sqrt(1 - alpha);   standard error   error ratio * SD
    skewness                   k3 / k2^1.5,  k2 = S m2 / (S - 1),  k3 = S^2 m3 / ((S - 1)(S - 2))
    kurtosis                   k4 / k2^2,  k4 = S^2 ((S + 1) m4 - 3 (S - 1) m2^2) / ((S - 1)(S - 2)(S - 3))

m2, m3, m4: mean powers of the distance from the mean; skewness and kurtosis are so the G1 and G2 of Joanes and Gill
1998 (The Statistician 47). Attempts may have been asked different questions: an item counts over those that were asked
it, the rest of the test as a part of its points, and alpha over the questions that every attempt was asked.

Besides, per item: the facility in the best third of attempts less that in the worst (Kelley's index, with thirds).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from operator import mul
from statistics import fmean, median
from uuid import UUID

BINS = 10
SMALL = 1e-12  # a variance below it is one of rounding


@dataclass(frozen=True, slots=True)
class Marked:
    """One attempt: points by question it was asked (0 where nothing was answered), and the most of each."""

    id: UUID
    marks: Mapping[UUID, float]
    maximum: Mapping[UUID, float]
    score: float
    points: float

    @property
    def percent(self) -> float:
        """0 to 100, or beyond where weights were negative."""
        return 100 * self.score / self.points if self.points else 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """A test as a whole, in percent of its points; None where there are too few attempts or nothing varies."""

    n: int
    mean: float | None
    median: float | None
    sd: float | None
    skewness: float | None
    kurtosis: float | None
    alpha: float | None
    alpha_items: int
    error_ratio: float | None
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class Item:
    """One item; shares from 0 to 1, correlations from -1 to 1."""

    n: int
    facility: float
    sd: float | None
    intended_weight: float
    effective_weight: float | None
    discrimination: float | None
    efficiency: float | None
    upper_lower: float | None


def summary(attempts: Sequence[Marked]) -> Summary:
    """The figures of the whole test."""
    if not attempts:
        return Summary(0, None, None, None, None, None, None, 0, None, None)
    percents = [attempt.percent for attempt in attempts]
    mean = fmean(percents)
    sd = deviation(percents)
    alpha, used = consistency(attempts)
    ratio = sqrt(max(0.0, 1 - alpha)) if alpha is not None else None
    return Summary(
        n=len(attempts),
        mean=mean,
        median=median(percents),
        sd=sd,
        skewness=skewness(percents),
        kurtosis=kurtosis(percents),
        alpha=alpha,
        alpha_items=used,
        error_ratio=ratio,
        standard_error=ratio * sd if ratio is not None and sd is not None else None,
    )


def items(attempts: Sequence[Marked]) -> dict[UUID, Item]:
    """The figures of every question that was asked, in the order in which they first come."""
    asked: dict[UUID, list[Marked]] = {}
    for attempt in attempts:
        for question_id in attempt.marks:
            asked.setdefault(question_id, []).append(attempt)
    best, worst = thirds(attempts)
    shared = {each: _with_total(each, those) for each, those in asked.items()}
    together = sum(share for share in shared.values() if share is not None)
    return {
        each: _item(each, those, best, worst, weight=_part(shared[each], together)) for each, those in asked.items()
    }


def thirds(attempts: Sequence[Marked]) -> tuple[list[Marked], list[Marked]]:
    """The best and the worst third of attempts by percent; both empty below three. Of equals, earlier ones first."""
    third = len(attempts) // 3
    ranked = sorted(attempts, key=lambda attempt: -attempt.percent)
    return (ranked[:third], ranked[-third:]) if third else ([], [])


def histogram(attempts: Sequence[Marked]) -> list[int]:
    """How many attempts in each tenth of the percents; 100 is in the last one."""
    counts = [0] * BINS
    for attempt in attempts:
        counts[min(BINS - 1, max(0, int(attempt.percent * BINS / 100)))] += 1
    return counts


def consistency(attempts: Sequence[Marked]) -> tuple[float | None, int]:
    """Cronbach's alpha over the questions that every attempt was asked, and how many these are."""
    common = [each for each in attempts[0].marks if all(each in attempt.marks for attempt in attempts)]
    if len(common) < 2 or len(attempts) < 2:
        return None, len(common)
    columns = [[attempt.marks[each] for attempt in attempts] for each in common]
    whole = covariance(totals := [sum(row) for row in zip(*columns, strict=True)], totals)
    if whole < SMALL:
        return None, len(common)
    parts = sum(covariance(column, column) for column in columns)
    return len(common) / (len(common) - 1) * (1 - parts / whole), len(common)


def deviation(values: Sequence[float]) -> float | None:
    """The standard deviation of a sample; None for one value."""
    return sqrt(max(0.0, covariance(values, values))) if len(values) > 1 else None


def covariance(one: Sequence[float], other: Sequence[float]) -> float:
    """The covariance of a sample of at least two."""
    one_mean, other_mean = fmean(one), fmean(other)
    distances = map(mul, [x - one_mean for x in one], [y - other_mean for y in other])
    return float(sum(distances)) / (len(one) - 1)


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Pearson's correlation; None below two, and where one of them does not vary."""
    if len(one) < 2:
        return None
    varied = covariance(one, one) * covariance(other, other)
    return covariance(one, other) / sqrt(varied) if varied > SMALL**2 else None


def efficiency(one: Sequence[float], other: Sequence[float]) -> float | None:
    """The covariance as a part of the most that two samples with these values can have."""
    if len(one) < 2:
        return None
    most = covariance(sorted(one), sorted(other))
    return covariance(one, other) / most if most > SMALL else None


def skewness(values: Sequence[float]) -> float | None:
    """G1; None below three values, and where they do not vary."""
    size = len(values)
    second, third = _moment(values, 2), _moment(values, 3)
    if size < 3 or second < SMALL:
        return None
    k2, k3 = size * second / (size - 1), size**2 * third / ((size - 1) * (size - 2))
    return float(k3 / k2**1.5)


def kurtosis(values: Sequence[float]) -> float | None:
    """G2, 0 for a normal distribution; None below four values, and where they do not vary."""
    size = len(values)
    second, fourth = _moment(values, 2), _moment(values, 4)
    if size < 4 or second < SMALL:
        return None
    k2 = size * second / (size - 1)
    k4 = size**2 * ((size + 1) * fourth - 3 * (size - 1) * second**2) / ((size - 1) * (size - 2) * (size - 3))
    return float(k4 / k2**2)


def _moment(values: Sequence[float], power: int) -> float:
    mean = fmean(values)
    return fmean((value - mean) ** power for value in values)


def _with_total(question_id: UUID, attempts: Sequence[Marked]) -> float | None:
    """sqrt(C(x, T)); None where it is negative or cannot be told."""
    if len(attempts) < 2:
        return None
    shared = covariance([each.marks[question_id] for each in attempts], [each.score for each in attempts])
    return sqrt(shared) if shared >= 0 else None


def _part(share: float | None, together: float) -> float | None:
    return share / together if share is not None and together > SMALL else None


def _item(
    question_id: UUID,
    attempts: Sequence[Marked],
    best: Sequence[Marked],
    worst: Sequence[Marked],
    *,
    weight: float | None,
) -> Item:
    shares = [each.marks[question_id] / each.maximum[question_id] for each in attempts]
    rests = [_rest(each, question_id) for each in attempts]
    upper, lower = _facility(question_id, best), _facility(question_id, worst)
    return Item(
        n=len(attempts),
        facility=fmean(shares),
        sd=deviation(shares),
        intended_weight=fmean(each.maximum[question_id] / each.points for each in attempts),
        effective_weight=weight,
        discrimination=correlation(shares, rests),
        efficiency=efficiency(shares, rests),
        upper_lower=upper - lower if upper is not None and lower is not None else None,
    )


def _rest(attempt: Marked, question_id: UUID) -> float:
    """What was earned of the rest of the test, as a share of what it could earn."""
    points = attempt.points - attempt.maximum[question_id]
    return (attempt.score - attempt.marks[question_id]) / points if points > SMALL else 0.0


def _facility(question_id: UUID, attempts: Sequence[Marked]) -> float | None:
    shares = [each.marks[question_id] / each.maximum[question_id] for each in attempts if question_id in each.marks]
    return fmean(shares) if shares else None
