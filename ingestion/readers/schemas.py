"""What reading a document needs and gives: limits, the document read, and the reason when it cannot be read."""

from dataclasses import dataclass
from typing import Literal

UnreadableCode = Literal[
    "encrypted", "corrupt", "empty", "too_large", "wrong_type", "no_text", "too_slow", "unsupported"
]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may cost: sizes in bytes, time in seconds."""

    file_bytes: int = 50 * 1024 * 1024
    unpacked_bytes: int = 100 * 1024 * 1024  # what a DOCX may inflate to
    text_chars: int = 20_000_000
    pages: int = 2000
    seconds: float = 60.0
    memory_bytes: int = 1024 * 1024 * 1024
    image_bytes: int = 10 * 1024 * 1024
    images: int = 500


DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class Image:
    """A picture inside a document; the body shows it as `asset:<name>`."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document as Markdown. `pages` counts the pages of a paginated source, else None."""

    title: str
    body: str
    language: str | None
    pages: int | None
    media_type: str
    images: tuple[Image, ...] = ()


class Unreadable(Exception):
    """A file that cannot be read. `code` is stable; `reason` says what happened and what to do."""

    def __init__(self, code: UnreadableCode, reason: str) -> None:
        super().__init__(reason)
        self.code: UnreadableCode = code
        self.reason = reason
