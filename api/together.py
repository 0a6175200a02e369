"""Requests that came together are served together: one thread and one transaction for all who wait.

A request that finds nobody at work is served at once. Those that come while it is served wait for its end, and
are served next, all in one call: the more come, the less each costs.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import anyio.to_thread

Asked = TypeVar("Asked")
Given = TypeVar("Given")


class Together(Generic[Asked, Given]):
    """`serve` takes 1 to `largest` questions on a thread, and gives an answer for each in their order.

    Lives in one event loop.
    """

    def __init__(self, serve: Callable[[Sequence[Asked]], Sequence[Given]], *, largest: int) -> None:
        self._serve, self._largest = serve, largest
        self._waiting: list[tuple[Asked, asyncio.Future[Given]]] = []
        self._at_work: asyncio.Task[None] | None = None

    async def ask(self, question: Asked) -> Given:
        """The answer; what `serve` raises, every question of that call is told."""
        answer: asyncio.Future[Given] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._at_work is None:
            self._at_work = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[: self._largest], self._waiting[self._largest :]
                questions = [question for question, _ in taken]
                try:
                    given = await anyio.to_thread.run_sync(self._serve, questions)
                except Exception as error:
                    for _, answer in taken:
                        if not answer.done():
                            answer.set_exception(error)
                    continue
                for (_, answer), each in zip(taken, given, strict=True):
                    if not answer.done():  # whoever asked may be gone
                        answer.set_result(each)
        finally:
            self._at_work = None
