"""Files inside a question bank: known by their content, named by it, within limits."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from urllib.parse import unquote

from lms_core.content.files.sniffing import media_type

LARGEST = 5 * 1024 * 1024  # bytes of one file; what a picture of a question may have
LARGEST_TOTAL = 50 * 1024 * 1024
ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "application/pdf": "pdf",
}
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
PICTURES = frozenset({"png", "jpg", "gif", "webp", "avif"})


class Attached:
    """The files of a bank by the path they get among the course's files. The same content is one file."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._total = 0

    def add(self, content: bytes) -> str | None:
        """The path of a file, its name made of its content; None when it is of no kind that can be shown."""
        ending = ENDINGS.get(media_type(content))
        if ending is None:
            return None
        path = f"questions/{hashlib.sha256(content).hexdigest()[:16]}.{ending}"
        if path not in self.files:
            self._total += len(content)
            self.files[path] = content
        return path

    def refusal(self, content: bytes) -> str | None:
        """The report's code for a file that is not taken; None when it is."""
        if len(content) > LARGEST or self._total + len(content) > LARGEST_TOTAL:
            return "file_large"
        return None if media_type(content) in ENDINGS else "file"


def decoded(text: str) -> bytes | None:
    """The bytes of base64 text; None when it is none."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def distinct_names(paths: Iterable[str]) -> dict[str, str]:
    """A file name for each path, of letters that every address takes, no two the same."""
    names: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        plain = UNSAFE.sub("-", base_name(path)).strip("-.") or "file"
        names[path] = plain if plain not in names.values() else f"{len(names)}-{plain}"
    return names


def base_name(path: str) -> str:
    """The last part of a path or address, without percent signs: how files in a bank are found."""
    return unquote(path.split("?")[0].split("#")[0]).replace("\\", "/").rpartition("/")[2]
