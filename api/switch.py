"""Which router a request is for, found by its path's segments and not by asking one router after the other.

FastAPI tries every route of every router in turn, and builds a router's routes when it is first asked. With
hundreds of routes that costs a request more than its work, and the first one seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

CHOSEN = "mwalimu.chosen_route"


@dataclass(slots=True)
class _Node:
    """What may follow the segments that lead here. Numbers are places in the order of mounting."""

    named: dict[str, "_Node"] = field(default_factory=dict)
    any: "_Node | None" = None
    ends: list[int] = field(default_factory=list)
    rests: list[int] = field(default_factory=list)  # whatever follows belongs to these


class Switch(BaseRoute):
    """Stands for the routers it knows and hands each request to the first of them that takes it whole.

    As with routers in a row, one that takes the path but not the method says so when no other takes both.
    """

    def __init__(self) -> None:
        self.routers: list[BaseRoute] = []
        self._root = _Node()

    def know(self, router: BaseRoute, paths: Iterable[str]) -> None:
        """Hand requests for these path patterns (`/courses/{slug}`) to `router`, after those known before it."""
        number = len(self.routers)
        self.routers.append(router)
        for path in paths:
            self._place(path, number)

    def _place(self, path: str, number: int) -> None:
        node = self._root
        for segment in path.split("/")[1:]:
            if ":path}" in segment:
                node.rests.append(number)
                return
            if "{" in segment:
                node.any = node.any or _Node()
                node = node.any
            else:
                node = node.named.setdefault(segment, _Node())
        node.ends.append(number)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first router that takes the request whole, else the first that takes its path."""
        best, found = Match.NONE, dict[str, Any]()
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        for number in sorted(self._candidates(path)):
            match, inside = self.routers[number].matches(scope)
            if match.value > best.value:
                best, found = match, {**inside, CHOSEN: self.routers[number]}
            if match is Match.FULL:
                break
        return best, found

    def _candidates(self, path: str) -> set[int]:
        found: set[int] = set()
        nodes = [self._root]
        for segment in path.split("/")[1:]:
            found.update(*(node.rests for node in nodes))
            named = [node.named[segment] for node in nodes if segment in node.named]
            nodes = named + [node.any for node in nodes if node.any is not None]
        return found.union(*(node.ends for node in nodes))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request by the router that was chosen."""
        await scope.pop(CHOSEN).handle(scope, receive, send)
