"""Documents in, Markdown out: one reader per kind of file.

PDF, Word and HTML are parsed in a child process with limits on time and memory;
the others are read here. A page of a paginated source begins at `<!-- page: N -->`.
"""

from pathlib import Path

from ingestion.readers.process import ReaderProcess
from ingestion.readers.reading import RISKY, load, parse
from ingestion.readers.schemas import DEFAULT, Image, Limits, ReadDocument, Unreadable

__all__ = ["DEFAULT", "Image", "Limits", "ReadDocument", "ReaderProcess", "Unreadable", "read"]


def read(
    path: Path, *, limits: Limits = DEFAULT, name: str | None = None, process: ReaderProcess | None = None
) -> ReadDocument:
    """The document in the file at `path`, as Markdown.

    `name` is the file's own name when `path` is a temporary one; its extension says
    the kind. `process` is a child process to share between files. Raises Unreadable.
    """
    shown = name or path.name
    data, kind = load(path, name=shown, limits=limits)
    if kind not in RISKY:
        return parse(data, kind, name=shown, limits=limits)
    if process is not None:
        return process.read(path, name=shown)
    with ReaderProcess(limits) as own:
        return own.read(path, name=shown)
