"""A child process that works on files nobody vouches for, so that a hostile one can neither hang nor crash the server.

Requests and answers are lines of JSON: nothing that a taken-over child could write is ever executed here.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingestion.readers.schemas import Limits, Unreadable
from lms_core.kit.children import bare_environment

REPOSITORY = Path(__file__).resolve().parents[2]
STOPPED = "Reading the file crashed its reader: it is damaged. Export it again from its source, then import that."
ANSWER_BYTES = 1 << 30

Tell = Callable[[list[Any]], None]


class Child:
    """The child process `python -m module`, started with the first request, and again after one that ended it.

    One thread may use it at a time.
    """

    def __init__(self, module: str, limits: Limits) -> None:
        self._module = module
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None
        self._unread = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, request: dict[str, Any], *, tell: Tell | None = None) -> dict[str, Any]:
        """The answer to a request; `tell` hears of the progress before it.

        Raises Unreadable: what the child says, or `corrupt` when it ended, or `too_slow` past the time limit.
        """
        child = self._started()
        assert child.stdin is not None
        ends = time.monotonic() + self._limits.seconds
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            while "progress" in (answer := json.loads(self._line(child, ends))):
                if tell is not None:
                    tell(answer["progress"])
        except (OSError, EOFError, ValueError, TypeError) as error:
            self.close()
            raise Unreadable("corrupt", STOPPED) from error
        except BaseException:
            self.close()
            raise
        if answer.get("spent"):
            self.close()  # what filled its memory may not all be given back
        if "code" in answer:
            raise Unreadable(answer["code"], answer["reason"])
        found: dict[str, Any] = answer
        return found

    def close(self) -> None:
        """End the child process, if there is one."""
        child, self._child, self._unread = self._child, None, b""
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with suppress(OSError):  # unsent bytes of a request to a child that has ended
                    stream.close()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self.close()
            # Where this process found the product, whatever folder the child starts in.
            paths = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
            environment = bare_environment(PYTHONPATH=os.pathsep.join(paths))
            self._child = subprocess.Popen(  # noqa: S603 - this interpreter, with no argument from outside
                [sys.executable, "-m", self._module, str(self._limits.memory_bytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        return self._child

    def _line(self, child: "subprocess.Popen[bytes]", ends: float) -> bytes:
        assert child.stdout is not None
        output = child.stdout.fileno()
        pieces, size, self._unread = [self._unread], len(self._unread), b""
        while b"\n" not in pieces[-1]:
            left = ends - time.monotonic()
            if left <= 0 or not select.select([output], [], [], left)[0]:
                reason = f"Reading took longer than {self._limits.seconds:g} seconds and was stopped. Split the file."
                raise Unreadable("too_slow", reason)
            piece = os.read(output, 1 << 20)
            pieces.append(piece)
            size += len(piece)
            if not piece or size > ANSWER_BYTES:
                raise EOFError
        last, _, self._unread = pieces.pop().partition(b"\n")
        return b"".join([*pieces, last])
