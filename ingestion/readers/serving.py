"""The child's side of a reading process: a request per line of standard input, an answer per line of output."""

import json
import os
import sys
import zipfile
import zlib
from collections.abc import Callable
from typing import Any
from xml.parsers.expat import ExpatError

from ingestion.readers.schemas import Unreadable

TOO_MUCH_MEMORY = "Reading the file takes too much memory. Split it, or export it again more simply."
# What the parsers of damaged files were seen to raise beside Unreadable (lxml's errors are SyntaxErrors). Anything else
# ends this process, which costs one file too.
PARSER_FAULTS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    OSError,
    SyntaxError,
    ExpatError,
    zipfile.BadZipFile,
    zlib.error,
)

Progress = Callable[[int, int, str], None]


def serve(answer: Callable[[dict[str, Any], Progress], str]) -> None:
    """Answer requests until the input ends; `answer` gives a line of JSON. The first argument is the memory limit."""
    _limit_memory(int(sys.argv[1]))
    # Parsers may print: their words must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(line: str) -> None:
        answers.write(line + "\n")
        answers.flush()

    for line in sys.stdin:
        say(_answered(json.loads(line), answer, lambda *progress: say(json.dumps({"progress": progress}))))


def _answered(
    request: dict[str, Any], answer: Callable[[dict[str, Any], Progress], str], progress: Callable[..., None]
) -> str:
    try:
        return answer(request, progress)
    except Unreadable as error:
        return json.dumps({"code": error.code, "reason": error.reason})
    except MemoryError:
        return json.dumps({"code": "too_large", "reason": TOO_MUCH_MEMORY, "spent": True})
    except PARSER_FAULTS as error:
        reason = f"The file is damaged ({type(error).__name__}). Export it again from its source, then import that."
        return json.dumps({"code": "corrupt", "reason": reason})


def _limit_memory(size: int) -> None:
    try:
        import resource  # absent on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
