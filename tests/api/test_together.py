"""Requests that came together: served in one call, each with its own answer."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from api.together import Together


class Counter:
    """Doubles numbers, a call at a time, and remembers which came in which call. A 0 spoils its call."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.go = threading.Event()

    def serve(self, questions: Sequence[int]) -> list[int]:
        """Twice each, when told to go."""
        self.calls.append(list(questions))
        assert self.go.wait(30)
        if 0 in questions:
            raise ValueError("a nought")
        return [2 * each for each in questions]


async def _asked(counter: Counter, together: Together[int, int], numbers: Sequence[int]) -> list[int | BaseException]:
    """The first number's call is under way when the others are asked."""
    first = asyncio.create_task(together.ask(numbers[0]))
    while not counter.calls:
        await asyncio.sleep(0)
    rest = [asyncio.create_task(together.ask(each)) for each in numbers[1:]]
    await asyncio.sleep(0)
    counter.go.set()
    return await asyncio.gather(first, *rest, return_exceptions=True)


def test_those_who_come_meanwhile_are_served_in_one_call() -> None:
    counter = Counter()
    together = Together(counter.serve, largest=4)
    assert asyncio.run(_asked(counter, together, range(1, 8))) == [2, 4, 6, 8, 10, 12, 14]
    assert counter.calls == [[1], [2, 3, 4, 5], [6, 7]]


def test_a_failure_reaches_its_own_call_alone() -> None:
    counter = Counter()
    together = Together(counter.serve, largest=2)
    given = asyncio.run(_asked(counter, together, [1, 0, 2, 3, 4]))
    assert [given[0], *given[3:]] == [2, 6, 8]
    assert all(isinstance(each, ValueError) for each in given[1:3])


def test_who_left_is_not_waited_for() -> None:
    counter = Counter()
    together = Together(counter.serve, largest=10)

    async def leave() -> int:
        first = asyncio.create_task(together.ask(1))
        while not counter.calls:
            await asyncio.sleep(0)
        gone, stays = asyncio.create_task(together.ask(2)), asyncio.create_task(together.ask(3))
        await asyncio.sleep(0)
        gone.cancel()
        counter.go.set()
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert await first == 2
        return await stays

    assert asyncio.run(leave()) == 6
