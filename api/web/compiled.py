"""Compiled templates, kept beside the code as Python keeps its own bytecode: a start takes seconds less.

They are as trusted as the code they lie beside; where that folder cannot be written, they are compiled at each start.
"""

import hashlib
import shutil
from contextlib import suppress
from pathlib import Path

from jinja2 import FileSystemBytecodeCache, __version__
from jinja2.bccache import Bucket

FOLDER = Path(__file__).parent / "__pycache__"


class _Kept(FileSystemBytecodeCache):
    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, where that is possible."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def kept(language: str, phrases: Path) -> FileSystemBytecodeCache | None:
    """Where the templates in a language are kept, given the file of its phrases; None where nothing can be."""
    # Jinja compares a template's own text. Filters of constants are worked out as it is compiled, so that whatever
    # stands in this folder may have had a hand in it.
    code = sorted(Path(__file__).parent.glob("*.py"))
    parts = [__version__.encode(), *(each.read_bytes() for each in code)]
    if phrases.exists():
        parts.append(phrases.read_bytes())
    now = FOLDER / f"templates-{language}-{hashlib.sha256(b''.join(parts)).hexdigest()[:16]}"
    if not now.is_dir():
        try:
            now.mkdir(parents=True)
        except OSError:
            return None
        for old in FOLDER.glob(f"templates-{language}-*"):
            if old != now:
                shutil.rmtree(old, ignore_errors=True)
    return _Kept(str(now))
