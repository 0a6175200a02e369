"""Work that steps aside while the process that does it has something more urgent to take in.

What must be answered in milliseconds says that it came (`note`); work that may come a moment later begins in a pause
(`in_quiet`). Threads share one interpreter and one writer's turn at the database, so it is the only way to be quick.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PAUSE, LONGEST_WAIT = 0.2, 1.0  # seconds without anything urgent that count as quiet, and how long they are waited for


class Calm:
    """How busy this process is with what is urgent."""

    def __init__(self) -> None:
        self._last_came = 0.0
        self._amid = threading.Lock()

    def note(self) -> None:
        """Something urgent came just now."""
        self._last_came = time.monotonic()

    @contextmanager
    def in_quiet(self) -> Iterator[None]:
        """Work when nothing urgent came for PAUSE seconds.

        After LONGEST_WAIT in any case, but then only one thread at a time works.
        """
        deadline = time.monotonic() + LONGEST_WAIT
        while (left := self._last_came + PAUSE - time.monotonic()) > 0:
            if time.monotonic() > deadline:
                with self._amid:
                    yield
                return
            time.sleep(left)
        yield
