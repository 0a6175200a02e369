"""The arithmetic of shares: plain numbers in, plain numbers out."""

from collections.abc import Sequence

from lms_core.kit.money import BASIS_POINTS, allocate, share


def by_course(net: int, courses: int) -> list[int]:
    """A line's price without tax over the courses it opens, in equal parts to the minor unit. None without courses."""
    return allocate(net, [1] * courses) if courses else []


def of_course(part: int, basis_points: Sequence[int]) -> list[int]:
    """What each share of a course earns of `part`; together never more than it. ValueError above 100 %."""
    rest = BASIS_POINTS - sum(basis_points)
    return allocate(part, [*basis_points, rest])[:-1]


def of_affiliate(net: int, basis_points: int, *, taken: int) -> int:
    """What an affiliate earns of a line, at most what instructors left of it."""
    return max(0, min(share(net, basis_points), net - taken))


def taken_back(earned: int, *, net: int, returned: int) -> int:
    """What of an earning is taken back in all, once `returned` of a line's `net` went back; all of it at the end."""
    returned = max(0, min(returned, net))
    return (2 * earned * returned + net) // (2 * net) if net > 0 else 0
