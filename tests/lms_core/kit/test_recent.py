"""What is kept of late: by weight, least recently used first out, from any thread."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from lms_core.kit.recent import Recent


def test_the_least_recently_used_goes_first() -> None:
    recent: Recent[str] = Recent(capacity=2)
    recent.keep("a", "1")
    recent.keep("b", "2")
    assert recent.get("a") == "1"
    recent.keep("c", "3")
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == ("1", None, "3")


def test_what_is_too_heavy_is_not_kept() -> None:
    recent: Recent[str] = Recent(capacity=10)
    recent.keep("a", "light", weight=6)
    recent.keep("b", "heavy", weight=11)
    assert (recent.get("a"), recent.get("b")) == ("light", None)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6)), max_size=60))
def test_kept_values_are_right_and_never_weigh_too_much(kept: list[tuple[int, int]]) -> None:
    recent: Recent[int] = Recent(capacity=12)
    last: dict[int, int] = {}
    for key, weight in kept:
        recent.keep(key, weight, weight=weight)
        last[key] = weight
        there = [found for each in last if (found := recent.get(each)) is not None]
        assert recent.get(key) == weight
        assert sum(there) <= 12
        assert all(recent.get(each) in (None, value) for each, value in last.items())


def test_threads_share_it() -> None:
    recent: Recent[int] = Recent(capacity=50)

    def use(number: int) -> bool:
        recent.keep(number % 70, number % 70)
        return recent.get(number % 70) in (None, number % 70)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(2000)))
