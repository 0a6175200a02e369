"""A child process that parses risky files, so that a hostile one can neither hang nor crash the server.

One child reads many files, one after the other. Requests and answers are lines
of JSON: nothing a taken-over child could write is ever executed here.
"""

import base64
import json
import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from ingestion.readers.schemas import Image, Limits, ReadDocument, Unreadable

REPOSITORY = Path(__file__).resolve().parents[2]
STOPPED = "Reading the file crashed its reader: it is damaged. Export it again from its source, then import that."
TOO_MUCH_MEMORY = "Reading the file takes too much memory. Split it, or export it again more simply."
ANSWER_BYTES = 1 << 30


class ReaderProcess:
    """A reader's child process, started with the first file, and again after a file that ended it.

    One thread may use it at a time.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "ReaderProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, path: Path, *, name: str) -> ReadDocument:
        """The document in the file. Raises Unreadable, `too_slow` past the time limit."""
        child = self._started()
        request = json.dumps({"path": str(path), "name": name, "limits": asdict(self._limits)}) + "\n"
        assert child.stdin is not None
        try:
            child.stdin.write(request.encode())
            child.stdin.flush()
            answer = json.loads(self._answer(child))
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise Unreadable("corrupt", STOPPED) from error
        except BaseException:
            self.close()
            raise
        if answer.get("spent"):
            self.close()  # what filled its memory may not all be given back
        if "code" in answer:
            raise Unreadable(answer["code"], answer["reason"])
        return _document(answer)

    def close(self) -> None:
        """End the child process, if there is one."""
        child, self._child = self._child, None
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
            paths = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
            # A reader of foreign files gets no secrets from the environment.
            environment = {"PYTHONPATH": os.pathsep.join(paths), "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
            self._child = subprocess.Popen(  # noqa: S603 - this interpreter, with no argument from outside
                [sys.executable, "-m", "ingestion.readers", str(self._limits.memory_bytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        return self._child

    def _answer(self, child: "subprocess.Popen[bytes]") -> bytes:
        assert child.stdout is not None
        output = child.stdout.fileno()
        ends = time.monotonic() + self._limits.seconds
        pieces: list[bytes] = []
        size = 0
        while size < ANSWER_BYTES:
            left = ends - time.monotonic()
            if left <= 0 or not select.select([output], [], [], left)[0]:
                reason = f"Reading took longer than {self._limits.seconds:g} seconds and was stopped. Split the file."
                raise Unreadable("too_slow", reason)
            piece = os.read(output, 1 << 20)
            if not piece:
                raise EOFError
            pieces.append(piece)
            size += len(piece)
            if piece.endswith(b"\n"):
                return b"".join(pieces)
        raise EOFError


def answer_line(document: ReadDocument) -> str:
    """The document as one line of JSON."""
    values = asdict(document)
    for image in values["images"]:
        image["content"] = base64.b64encode(image["content"]).decode()
    return json.dumps(values)


def _document(values: dict[str, Any]) -> ReadDocument:
    images = tuple(Image(i["name"], base64.b64decode(i["content"]), i["media_type"]) for i in values.pop("images"))
    return ReadDocument(**values, images=images)
