"""Time that nobody watched: no picture came, none was looked at, or one check could not be made.

Such time is told apart from everything else and is never a violation. Two of its
forms also stand in the list of anomalies, at severity `info` and weight 0, so
that a reviewer meets them on the timeline: lost network and missing snapshots.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from proctoring.signals.schemas import Gap, Kind, Picture, Rules, Signal

LATE = 2.5  # intervals without a picture before the time counts as not watched; jitter is at most half of one
NO_PICTURES, WAITING, FAILED = "no_pictures", "waiting", "model_error"
CHECK_MISSING, NO_CONTACT = "check_unavailable", "no_contact"


def gaps(pictures: Sequence[Picture], *, started_at: datetime, until: datetime, rules: Rules) -> tuple[Gap, ...]:
    """Spans of [`started_at`, `until`] in which no picture was looked at, and why, in order; `pictures` in order."""
    looked = [picture for picture in pictures if picture.analysis is not None]
    limit = timedelta(seconds=LATE * rules.interval_seconds)
    reach = timedelta(seconds=rules.interval_seconds)  # what one picture stands for, after it was taken
    found = []
    edges = [started_at, *(picture.at for picture in looked if started_at <= picture.at <= until), until]
    for before, after in pairwise(edges):
        if after - before > limit:
            start = before if before == started_at else before + reach
            found.append(Gap(start, after, _reason(pictures, before, after)))
    return (*found, *_missing_checks(looked, started_at=started_at, until=until, reach=reach, limit=limit))


def _reason(pictures: Sequence[Picture], before: datetime, after: datetime) -> str:
    between = [picture for picture in pictures if before < picture.at < after and picture.analysis is None]
    if not between:
        return NO_PICTURES
    return FAILED if any(picture.failure for picture in between) else WAITING


def _missing_checks(
    looked: Sequence[Picture], *, started_at: datetime, until: datetime, reach: timedelta, limit: timedelta
) -> list[Gap]:
    """Per check that could not be made: the time its pictures stand for, joined.

    A picture stands for the time up to the next one (the first also for what came before it); where that is longer
    than `limit`, for `reach`, since the rest is a gap of its own.
    """
    spans: dict[str, list[Gap]] = {}
    for place, picture in enumerate(looked):
        following = looked[place + 1].at if place + 1 < len(looked) else until
        end = following if following - picture.at <= limit else picture.at + reach
        start = started_at if place == 0 and picture.at - started_at <= limit else picture.at
        for check in sorted(picture.analysis.unavailable if picture.analysis is not None else ()):
            known = spans.setdefault(check.value, [])
            if known and known[-1].ended_at >= start:
                known[-1] = Gap(known[-1].started_at, max(end, known[-1].ended_at), CHECK_MISSING, check.value)
            else:
                known.append(Gap(start, max(end, start), CHECK_MISSING, check.value))
    return [gap for check in sorted(spans) for gap in spans[check]]


def missing_snapshots(pictures: Sequence[Picture]) -> tuple[Signal, ...]:
    """Sequence numbers that never arrived, as the span between their neighbours; `pictures` in order of sequence."""
    found = []
    for before, after in pairwise(sorted(pictures, key=lambda picture: picture.sequence)):
        missing = after.sequence - before.sequence - 1
        if missing > 0:
            start, end = sorted((before.at, after.at))
            numbers = {"missing": float(missing)}
            found.append(Signal(Kind.SNAPSHOTS_MISSING, start, end, 1.0, (before.id, after.id), numbers))
    return tuple(found)


def silences(spans: Iterable[tuple[datetime, datetime | None]], *, started_at: datetime, until: datetime) -> list[Gap]:
    """Spans in which the server heard nothing from the page, cut to the session; one without an end lasts."""
    cut = ((max(start, started_at), min(end or until, until)) for start, end in spans)
    return [Gap(start, end, NO_CONTACT) for start, end in cut if start < end]


def total_seconds(spans: Iterable[Gap], *, of_checks: bool = False) -> float:
    """Seconds covered by the whole gaps, overlaps counted once; `of_checks`: by those of single checks as well."""
    covered, reached = 0.0, None
    counted = (gap for gap in spans if of_checks or not gap.check)
    for gap in sorted(counted, key=lambda gap: (gap.started_at, gap.ended_at)):
        start = gap.started_at if reached is None else max(gap.started_at, reached)
        if gap.ended_at > start:
            covered += (gap.ended_at - start).total_seconds()
            reached = gap.ended_at
    return covered
