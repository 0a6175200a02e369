"""Stretches of a film as intervals of seconds: merged, measured, cut to what is plausible. Pure functions."""

from collections.abc import Iterable, Iterator, Sequence

Interval = tuple[float, float]
Intervals = tuple[Interval, ...]

GAP = 1.0  # seconds; players report their place a few times a second, so less than this was not skipped
FASTEST = 2.0  # the highest playback speed that is offered
GRACE = 60.0  # seconds credited beyond the clock: reports come late and clocks differ


def merged(stretches: Iterable[Sequence[float]], *, length: float) -> Intervals:
    """The union of `stretches` inside 0 to `length`: ordered, apart by more than GAP, rounded to a tenth.

    Stretches that run backwards or lie outside are nothing.
    """
    inside = sorted((round(max(0.0, start), 1), round(min(length, end), 1)) for start, end in stretches if start < end)
    union: list[Interval] = []
    for start, end in inside:
        if start >= end:
            continue
        if union and start - union[-1][1] <= GAP:
            union[-1] = (union[-1][0], max(union[-1][1], end))
        else:
            union.append((start, end))
    return tuple(union)


def total(intervals: Intervals) -> float:
    """How many seconds they cover together."""
    return sum(end - start for start, end in intervals)


def percent(intervals: Intervals, *, length: float) -> int:
    """How much of the film they cover, whole percent rounded down; within GAP of the whole counts as all of it."""
    if length <= 0:
        return 0
    covered = total(intervals)
    return 100 if covered >= length - GAP else int(covered * 100 / length)


def credible(known: Intervals, stretches: Iterable[Sequence[float]], *, length: float, elapsed: float) -> Intervals:
    """`known` with as much of the new `stretches` as can have been played in `elapsed` seconds since the last report.

    At FASTEST speed, with GRACE on top. What is beyond is cut from the later end, so a report that claims the whole
    film at once earns little.
    """
    allowed = max(0.0, elapsed) * FASTEST + GRACE
    credited: list[Interval] = []
    for start, end in _new_in(merged(stretches, length=length), known):
        if allowed <= 0:
            break
        end = min(end, start + allowed)
        allowed -= end - start
        credited.append((start, end))
    return merged((*known, *credited), length=length)


def _new_in(stretches: Intervals, known: Intervals) -> Iterator[Interval]:
    """The parts of `stretches` that `known` does not cover, in order."""
    for start, end in stretches:
        place = start
        for first, last in known:
            if last <= place or first >= end:
                continue
            if first > place:
                yield place, first
            place = last
        if place < end:
            yield place, end
