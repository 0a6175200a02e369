"""The reading process: a request per line on standard input, an answer per line on standard output."""

import json
import os
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from ingestion.readers.process import TOO_MUCH_MEMORY, answer_line
from ingestion.readers.reading import load, parse
from ingestion.readers.schemas import Limits, Unreadable

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


def main() -> None:
    """Answer requests until the input ends. The first argument is the memory limit in bytes."""
    _limit_memory(int(sys.argv[1]))
    # Parsers may print: their words must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(_answer(json.loads(line)) + "\n")
        answers.flush()


def _answer(request: dict[str, Any]) -> str:
    limits = Limits(**request["limits"])
    name = str(request["name"])
    try:
        data, kind = load(Path(str(request["path"])), name=name, limits=limits)
        return answer_line(parse(data, kind, name=name, limits=limits))
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


if __name__ == "__main__":
    main()
