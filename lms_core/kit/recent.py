"""Values of late, kept in this process: the least recently used go first when they weigh too much together.

A key must say everything its value depends on, the revision of what it was made
from above all: then nothing here is ever stale, and nobody has to forget anything.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """At most `capacity` of weight, by keys."""

    def __init__(self, *, capacity: int) -> None:
        self._capacity, self._weight = capacity, 0
        self._entries: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> V | None:
        """The value, unless it was pushed out or never kept."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def keep(self, key: Hashable, value: V, *, weight: int = 1) -> None:
        """Keep `value`; one that weighs more than all may weigh together is not kept."""
        if weight > self._capacity:
            return
        with self._lock:
            self._weight += weight - self._entries.pop(key, (value, 0))[1]
            self._entries[key] = (value, weight)
            while self._weight > self._capacity:
                self._weight -= self._entries.popitem(last=False)[1][1]
