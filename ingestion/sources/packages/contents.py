"""The files of an unpacked package by their paths, each read within a limit."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ingestion.readers import Unreadable
from ingestion.readers.text import decode
from ingestion.sources.packages import markup
from ingestion.sources.tree import MAX_FILES

MAX_TEXT = 20 * 1024 * 1024


class Contents:
    """The files below `root`, links and hidden folders left out. `files` may be given further names by a format."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, Path] = {}
        for folder, subfolders, names in os.walk(root):
            subfolders[:] = sorted(each for each in subfolders if each != "__MACOSX" and not each.startswith("."))
            for name in sorted(names):
                file = Path(folder) / name
                if file.is_file() and not file.is_symlink():
                    self.files[file.relative_to(root).as_posix().encode("utf-8", "replace").decode()] = file
            if len(self.files) > MAX_FILES:
                reason = f"The package holds more than {MAX_FILES:,} files. Leave out what the course does not need."
                raise Unreadable("too_large", reason)
        self._by_case = {path.casefold(): path for path in reversed(self.files)}

    def name(self, path: str, file: Path) -> None:
        """Let `file` be found at `path` too."""
        self.files[path] = file
        self._by_case.setdefault(path.casefold(), path)

    def find(self, path: str) -> str | None:
        """The path as the package has it: in other letter case, or escaped, if not as given."""
        for wanted in dict.fromkeys((path, unquote(path))):
            if wanted in self.files:
                return wanted
        return self._by_case.get(path.casefold()) or self._by_case.get(unquote(path).casefold())

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return self.find(path) is not None

    def data(self, path: str) -> bytes:
        """The bytes of a file. Raises Unreadable: `corrupt` when it is missing, `too_large`."""
        found = self.find(path)
        if found is None:
            raise Unreadable("corrupt", f"{path[:200]} is missing. Export the package again.")
        size = self.files[found].stat().st_size
        if size > MAX_TEXT:
            reason = f"{path[:200]} has {size // 2**20} MB; at most {MAX_TEXT // 2**20} MB are read. Leave parts out."
            raise Unreadable("too_large", reason)
        return self.files[found].read_bytes()

    def text(self, path: str) -> str:
        """The text of a file. Raises Unreadable."""
        return decode(self.data(path))

    def xml(self, path: str) -> markup.Element:
        """The root element of an XML file. Raises Unreadable."""
        return markup.parse(self.data(path), name=path[:200])

    def values(self, path: str) -> Any:
        """What a JSON file holds. Raises Unreadable."""
        try:
            return json.loads(self.text(path))
        except (ValueError, RecursionError) as error:
            raise Unreadable("corrupt", f"{path[:200]} is damaged: it is no JSON. Export the package again.") from error
