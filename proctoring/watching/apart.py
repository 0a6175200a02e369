"""A detector in a process of its own, which ends when nobody has asked it for a while.

The image libraries, and what exporting a network leaves behind, take more
memory than the whole server; none of it can be given back but by ending the
process that holds it. The child decodes pictures that strangers sent, so what it
answers is JSON and never code. It ends when the pipe closes, so also when its
parent is killed.
"""

import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from proctoring.detection import errors
from proctoring.detection.runtime import CPU
from proctoring.detection.schemas import Check, PictureAnalysis
from proctoring.watching import coding

IDLE_SECONDS = 15.0
POLITENESS = 5  # learners' pages and answers come first on a crowded processor
END_SECONDS = 5.0
LENGTH = struct.Struct(">Q")


class DetectorEnded(RuntimeError):
    """The detector's process went away while it looked; asking again starts another."""


class DetectorApart:
    """Asks a child process to look, one batch at a time. Thread-safe; the child is started when first asked."""

    def __init__(
        self,
        *,
        models_dir: Path | None,
        cache_dir: Path,
        object_model: str = "",
        device: str = CPU,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        folders = {"models_dir": str(models_dir) if models_dir is not None else None, "cache_dir": str(cache_dir)}
        self._options = json.dumps(folders | {"object_model": object_model, "device": device})
        self._idle_seconds = idle_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is none."""
        child = self._child
        return child.pid if child is not None else None

    def analyse(self, pictures: Sequence[bytes], *, checks: frozenset[Check]) -> list[PictureAnalysis]:
        """As `Detector.analyse`, and raises what that raises. DetectorEnded when the child dies meanwhile."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            child = self._running()
            assert child.stdin is not None and child.stdout is not None
            try:
                _send(child.stdin, _asked(checks), *pictures)
                answer = json.loads(_received(child.stdout))
            except (OSError, EOFError, ValueError) as error:
                self._end()
                raise DetectorEnded("the process that looks at pictures ended; it is started again") from error
            self._timer = threading.Timer(self._idle_seconds, self._end_idle, args=[child])
            self._timer.daemon = True
            self._timer.start()
        if "refused" in answer:
            raise _refusal(answer["refused"], answer["detail"])
        return [coding.from_json(seen) for seen in answer["seen"]]

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", __name__, self._options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                process_group=0,  # Ctrl+C is the server's to handle
            )
        return self._child

    def _end_idle(self, child: "subprocess.Popen[bytes]") -> None:
        timer = threading.current_thread()
        with self._lock:
            if self._child is child and self._timer is timer:  # else somebody asked in the meantime
                self._end()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was not sent any more
                    continue
        try:
            child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _asked(checks: frozenset[Check]) -> bytes:
    return json.dumps(sorted(checks)).encode()


def _send(pipe: IO[bytes], *parts: bytes) -> None:
    """Some byte strings as one message: how many, then each after its length."""
    pipe.write(LENGTH.pack(len(parts)))
    for part in parts:
        pipe.write(LENGTH.pack(len(part)) + part)
    pipe.flush()


def _message(pipe: IO[bytes]) -> list[bytes]:
    """The next message. EOFError when the other end is gone."""
    return [_exactly(pipe, _number(pipe)) for _ in range(_number(pipe))]


def _received(pipe: IO[bytes]) -> bytes:
    (part,) = _message(pipe)
    return part


def _number(pipe: IO[bytes]) -> int:
    (number,) = LENGTH.unpack(_exactly(pipe, LENGTH.size))
    return int(number)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _refusal(name: str, detail: str) -> Exception:
    """The refusal of a picture by its class; whatever else went wrong there is a RuntimeError here."""
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, errors.PictureRefused):
        return kind(detail)
    return RuntimeError(f"{name}: {detail}")


def _seen(analysis: PictureAnalysis) -> dict[str, Any]:
    """The analysis with the embeddings, which what is stored leaves out."""
    seen = coding.to_json(analysis)
    for face, plain in zip(analysis.faces, seen["faces"], strict=True):
        plain["embedding"] = face.embedding
    return seen


def serve(*, models_dir: str | None, cache_dir: str, object_model: str, device: str) -> None:
    """The child: answer requests from standard input until it closes."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    os.nice(POLITENESS)
    from proctoring.detection import open_detector  # image libraries: in this process only

    detector = open_detector(
        models_dir=Path(models_dir) if models_dir is not None else None,
        cache_dir=Path(cache_dir),
        object_model=object_model,
        device=device,
    )
    while True:
        try:
            checks, *pictures = _message(sys.stdin.buffer)
        except EOFError:
            break
        try:
            _send(answers, _answer(detector, pictures, frozenset(map(Check, json.loads(checks)))))
        except BrokenPipeError:
            break
    os._exit(0)  # no waiting for the libraries' threads


def _answer(detector: Any, pictures: Sequence[bytes], checks: frozenset[Check]) -> bytes:
    try:
        seen = [_seen(analysis) for analysis in detector.analyse(pictures, checks=checks)]
    except Exception as error:
        return json.dumps({"refused": type(error).__name__, "detail": str(error)}).encode()
    return json.dumps({"seen": seen}).encode()


if __name__ == "__main__":
    serve(**json.loads(sys.argv[1]))
